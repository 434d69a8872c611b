package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.StateMachine;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeadlinesTest {
    private static final Comparator<Timed> ORDER = Comparator.comparingLong((Timed timed) -> timed.deadlineMillis())
            .thenComparing(Timed::kind)
            .thenComparingLong(Timed::id);

    private static final List<Timed.Kind> KINDS = List.of(Timed.Kind.SESSION, Timed.Kind.LOCK, Timed.Kind.WAITER);

    private static final class Thing extends Timed {
        Thing(Kind kind, long id) {
            super(kind, id);
        }
    }

    private final Deadlines deadlines = new Deadlines();

    @Test
    void thingsEndByDeadlineThenKindThenId() {
        Thing lock = new Thing(Timed.Kind.LOCK, 1);
        Thing session = new Thing(Timed.Kind.SESSION, 3);
        Thing laterSession = new Thing(Timed.Kind.SESSION, 4);
        Thing first = new Thing(Timed.Kind.WAITER, 9);
        deadlines.put(lock, 10);
        deadlines.put(laterSession, 10);
        deadlines.put(session, 10);
        deadlines.put(first, 9);

        assertThat(deadlines.isDue(8)).isFalse();
        assertThat(deadlines.isDue(9)).isTrue();
        assertThat(deadlines.removeFirst()).isSameAs(first);
        assertThat(deadlines.removeFirst()).isSameAs(session);
        assertThat(deadlines.removeFirst()).isSameAs(laterSession);
        assertThat(deadlines.removeFirst()).isSameAs(lock);
        assertThat(deadlines.earliestMillis()).isEqualTo(StateMachine.NO_DEADLINE);
    }

    @Test
    void whatIsNotThereIsRemovedWithoutHarm() {
        Thing thing = new Thing(Timed.Kind.LOCK, 1);
        deadlines.remove(thing);
        deadlines.put(thing, 1);
        deadlines.remove(thing);
        deadlines.remove(thing);

        assertThat(deadlines.size()).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    void itIsASortedSetThatIsFast(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeSet<Timed> model = new TreeSet<>(ORDER);
        Thing[] things = new Thing[300];
        for (int i = 0; i < things.length; i++) {
            things[i] = new Thing(KINDS.get(i % KINDS.size()), i / KINDS.size());
        }

        for (int step = 0; step < 20_000; step++) {
            Thing thing = things[random.nextInt(things.length)];
            model.remove(thing);
            switch (random.nextInt(5)) {
                case 0 -> deadlines.remove(thing);
                case 1 -> {
                    model.add(thing);
                    if (thing.position() < 0) {
                        model.remove(thing);
                    }
                    assertThat(deadlines.size()).isEqualTo(model.size());
                    if (deadlines.size() > 0) {
                        assertThat(deadlines.removeFirst()).isSameAs(model.pollFirst());
                    }
                }
                default -> {
                    deadlines.put(thing, random.nextInt(100));
                    model.add(thing);
                }
            }
            assertThat(deadlines.size()).isEqualTo(model.size());
            assertThat(deadlines.earliestMillis())
                    .isEqualTo(
                            model.isEmpty()
                                    ? StateMachine.NO_DEADLINE
                                    : model.first().deadlineMillis());
        }
    }
}
