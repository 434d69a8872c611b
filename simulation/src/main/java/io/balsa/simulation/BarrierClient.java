package io.balsa.simulation;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Meets others at a barrier, again and again; loses patience now and then. */
final class BarrierClient {
    private static final int BARRIERS = 2;
    private static final int FEWEST_PARTIES = 2;
    private static final int LONGEST_PAUSE_MILLIS = 600;
    /** Longer than sessions live: who waits may be gone before the others come. */
    private static final int LONGEST_WAIT_MILLIS = 12_000;

    private final CoordinationClient client;
    private final ClientProcess process;
    private final Session session;
    private final BarrierWatch watch;
    private final SplittableRandom random;

    BarrierClient(
            CoordinationClient client,
            ClientProcess process,
            Session session,
            BarrierWatch watch,
            SplittableRandom random) {
        this.client = client;
        this.process = process;
        this.session = session;
        this.watch = watch;
        this.random = random;
    }

    void begin() {
        process.after(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)), this::arrive);
    }

    private void arrive() {
        if (!client.goesOn()) {
            return;
        }
        int number = random.nextInt(BARRIERS);
        String barrier = "b" + number;
        Duration wait = Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? LONGEST_WAIT_MILLIS : 1_500));
        BarrierWatch.Ticket ticket = watch.arriving(barrier, session.id());
        CompletableFuture<OptionalLong> arrival =
                session.barriers().arriveAsync(barrier, FEWEST_PARTIES + number, wait);
        CompletableFuture<?> unused = arrival.whenComplete((generation, failure) -> done(ticket, generation, failure));
        if (random.nextInt(8) == 0) {
            process.after(Duration.ofMillis(random.nextInt(1_000)), () -> arrival.cancel(false));
        }
    }

    private void done(BarrierWatch.Ticket ticket, OptionalLong generation, Throwable failure) {
        String what = "arrive at " + ticket.barrier();
        if (failure != null) {
            client.failed(what, failure);
            if (failure instanceof NotAppliedException) {
                begin();
            }
            // In any other case it may be there yet, and a session is at a barrier once at a time.
        } else if (generation.isPresent()) {
            client.succeeded(what, generation.getAsLong());
            watch.toldPassed(ticket, generation.getAsLong());
            begin();
        } else {
            client.succeeded(what, "not in time");
            watch.toldLeft(ticket);
            begin();
        }
    }
}
