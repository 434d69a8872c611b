package io.balsa.raft.node;

import io.balsa.raft.port.TaskLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Runs what a command passes through on the one thread that also reads and writes the network, so that it is handed from
 * thread to thread as rarely as can be: each hand-over costs more than all the work on one command.
 *
 * <p>The duties of a node take turns on it. One that turns out to be slow, because it waits for a slow disk or has a large
 * state to restore, moves to a thread of its own, and comes back when it has been quick for a while. So a node is as fast as
 * its disk, and one whose disk is slow keeps its time all the same. Snapshots have threads of their own from the first.
 *
 * <p>For one node, or a few; for many groups see {@link RaftHost}. Thread-safe. It needs no closing: the loop is its owner's,
 * who ends it after the nodes. Whether a node keeps the JVM alive is then up to the loop's thread too: those of the network
 * are daemons.
 */
public final class LoopDutyRunner implements DutyRunner {
    /** So many rounds are given before the loop looks at its network again. */
    private static final int MAX_ROUNDS = 16;

    private final TaskLoop loop;
    private final Runnable turns = this::giveTurns;
    private final Runnable look = this::onLook;
    private final LongSupplier nanoTime;
    private final AtomicBoolean turnsComing = new AtomicBoolean();
    private volatile boolean inTurns;
    private volatile List<LoopSlot> slots = List.of();
    // The loop's own.
    private boolean hasTimer;
    private long timerNanos;
    /** Whether turns were given since the loop last looked at its connections, and whether some are due again. */
    private boolean mustLook;

    private boolean dueAfterLook;

    /** @param loop must outlive the nodes */
    public LoopDutyRunner(TaskLoop loop) {
        this(loop, System::nanoTime);
    }

    LoopDutyRunner(TaskLoop loop, LongSupplier nanoTime) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.nanoTime = nanoTime;
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    @Override
    public DutySlot slot(String name) {
        return slot(name, DutyKind.DRIVER);
    }

    @Override
    public DutySlot slot(String name, DutyKind kind) {
        return switch (kind) {
            case DRIVER -> new LoopSlot(kind, this);
            case APPLY, LOG -> new AgileSlot(name, kind, this);
            case BULK -> new DutyThread(name);
        };
    }

    boolean isCurrent() {
        return loop.isCurrent();
    }

    /** Gives turns to a duty from now on. */
    synchronized void add(LoopSlot slot) {
        List<LoopSlot> more = new ArrayList<>(slots);
        more.add(slot);
        more.sort(Comparator.comparing(LoopSlot::kind));
        slots = List.copyOf(more);
    }

    synchronized void remove(LoopSlot slot) {
        List<LoopSlot> fewer = new ArrayList<>(slots);
        fewer.remove(slot);
        slots = List.copyOf(fewer);
    }

    /** Has the loop look at all duties soon. From any thread. */
    void wake() {
        if (turnsComing.get() || !turnsComing.compareAndSet(false, true)) {
            return;
        }
        execute();
    }

    private void execute() {
        try {
            loop.execute(turns);
        } catch (RejectedExecutionException ended) {
            endWithoutLoop();
        }
    }

    /** Nobody gives turns any more, yet whoever waits for the end of a duty must not wait for ever. */
    private void endWithoutLoop() {
        turnsComing.set(false);
        // It may still be in its last turns, at the end of which it comes by here itself.
        if (!inTurns) {
            slots.forEach(LoopSlot::endIfStopping);
        }
    }

    /**
     * Gives turns to whoever is due, and again as long as one had something for another: so a message that came in becomes
     * an append, a sync and an answer without a pause.
     */
    private void giveTurns() {
        if (mustLook) {
            // Clients who never pause would else keep the answers of other servers from being read.
            dueAfterLook = true;
            return;
        }
        mustLook = true;
        loop.beforeNextLook(look);
        inTurns = true;
        try {
            boolean anyDue = true;
            for (int round = 0; round < MAX_ROUNDS && anyDue; round++) {
                anyDue = giveRound(round == MAX_ROUNDS - 1);
            }
        } finally {
            inTurns = false;
            turnsComing.set(false);
            sleepUnlessDue();
        }
    }

    private void onLook() {
        mustLook = false;
        if (dueAfterLook) {
            dueAfterLook = false;
            execute();
        }
    }

    /** Time first, then what clients wait for, then what other servers wait for, and the rest when nothing else is due. */
    private boolean giveRound(boolean last) {
        List<LoopSlot> all = slots;
        boolean anyDue = false;
        LoopSlot waiting = null;
        for (int i = 0; i < all.size(); i++) {
            LoopSlot slot = all.get(i);
            if (!slot.isDue()) {
                continue;
            }
            if (!last && slot.duty().mayWait()) {
                waiting = slot;
            } else {
                slot.turn();
                anyDue = true;
            }
        }
        if (waiting != null && !anyDue) {
            waiting.turn();
            return true;
        }
        return anyDue || waiting != null;
    }

    private void sleepUnlessDue() {
        long next = Long.MAX_VALUE;
        long now = nanoTime();
        List<LoopSlot> all = slots;
        for (int i = 0; i < all.size(); i++) {
            LoopSlot slot = all.get(i);
            if (slot.isDue()) {
                // Whoever signalled it before the flag fell relied on that.
                wake();
                return;
            }
            next = Math.min(next, slot.idleNanos(now));
        }
        if (next != Long.MAX_VALUE && !(hasTimer && timerNanos - now <= next)) {
            try {
                long due = now + next;
                loop.schedule(() -> onTimer(due), next);
                hasTimer = true;
                timerNanos = due;
            } catch (RejectedExecutionException ended) {
                endWithoutLoop();
            }
        }
    }

    private void onTimer(long due) {
        if (!hasTimer || timerNanos != due) {
            // An earlier one took its place.
            return;
        }
        hasTimer = false;
        wake();
    }
}
