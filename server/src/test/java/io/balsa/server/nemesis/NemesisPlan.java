package io.balsa.server.nemesis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What is done to the cluster, in which order and for how long, all drawn from a seed. Clients and threads run in real
 * time, so the same seed brings the same disturbances but not the same interleaving.
 */
final class NemesisPlan {
    /** What the shortened run shows in any case, in the order that the seed draws. */
    private static final List<Disturbance> ESSENTIAL = List.of(
            Disturbance.KILL_LEADER,
            Disturbance.PAUSE_LEADER,
            Disturbance.DEAFEN_LEADER,
            Disturbance.LOSE_REPLIES,
            Disturbance.RESTART_ALL);

    private static final int MIN_HOLD_MILLIS = 1_200;
    private static final int MAX_HOLD_MILLIS = 2_600;

    /**
     * One disturbance.
     *
     * @param choice draws who is hit, where that is not said by the kind
     * @param holdMillis how long until it is ended
     */
    record Step(Disturbance kind, int choice, long holdMillis) {}

    private final Random random;
    private List<Disturbance> deck = List.of();

    NemesisPlan(long seed) {
        this.random = new Random(seed);
    }

    /** The steps of the shortened run. */
    List<Step> essential() {
        List<Disturbance> kinds = new ArrayList<>(ESSENTIAL);
        Collections.shuffle(kinds, random);
        return kinds.stream().map(this::step).toList();
    }

    /** The next step of a long run: all kinds in turns, every time in another order. */
    Step next() {
        if (deck.isEmpty()) {
            deck = new ArrayList<>(Arrays.asList(Disturbance.values()));
            Collections.shuffle(deck, random);
        }
        return step(deck.remove(deck.size() - 1));
    }

    private Step step(Disturbance kind) {
        return new Step(
                kind,
                random.nextInt(Integer.MAX_VALUE),
                MIN_HOLD_MILLIS + random.nextInt(MAX_HOLD_MILLIS - MIN_HOLD_MILLIS));
    }
}
