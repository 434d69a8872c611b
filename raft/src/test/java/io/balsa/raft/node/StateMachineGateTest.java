package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StateMachineGateTest {
    private static final int TURNS = 20_000;

    private final StateMachineGate gate = new StateMachineGate();

    @Test
    void oneAtATime() {
        assertThat(gate.tryEnter()).isTrue();
        assertThat(gate.tryEnter()).isFalse();
        assertThat(gate.leave()).isFalse();
        assertThat(gate.enterOrLeaveWord()).isTrue();
        assertThat(gate.tryEnter()).isFalse();
        assertThat(gate.leave()).isFalse();
        assertThat(gate.tryEnter()).isTrue();
    }

    @Test
    void theOwnerComesNextAfterItWasThere() {
        assertThat(gate.tryEnter()).isTrue();
        assertThat(gate.enterOrLeaveWord()).isFalse();
        assertThat(gate.enterOrLeaveWord()).isFalse();
        assertThat(gate.leave()).as("it must be told").isTrue();
        assertThat(gate.tryEnter()).as("it has its turn").isFalse();
        assertThat(gate.enterOrLeaveWord()).isTrue();
        assertThat(gate.leave()).isFalse();
        assertThat(gate.tryEnter()).isTrue();
    }

    /** Readers never stop asking, and the owner gets all of its turns all the same; nobody meets anybody inside. */
    @Test
    void readersKeepTheOwnerNeitherOutNorCompany() {
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean inside = new AtomicBoolean();
        Wakeup owner = new Wakeup();
        CompletableFuture<Long> first = CompletableFuture.supplyAsync(() -> read(over, inside, owner));
        CompletableFuture<Long> second = CompletableFuture.supplyAsync(() -> read(over, inside, owner));
        int turns = 0;
        while (turns < TURNS) {
            if (gate.enterOrLeaveWord()) {
                meetNobody(inside);
                turns++;
                gate.leave();
            } else {
                owner.await(TimeUnit.HOURS.toNanos(1));
            }
        }
        over.set(true);
        assertThat(first.join() + second.join()).isNotNegative();
    }

    private long read(AtomicBoolean over, AtomicBoolean inside, Wakeup owner) {
        long reads = 0;
        while (!over.get()) {
            if (gate.tryEnter()) {
                meetNobody(inside);
                reads++;
                if (gate.leave()) {
                    owner.signal();
                }
            }
        }
        return reads;
    }

    private static void meetNobody(AtomicBoolean inside) {
        if (!inside.compareAndSet(false, true)) {
            throw new AssertionError("two are in");
        }
        inside.set(false);
    }
}
