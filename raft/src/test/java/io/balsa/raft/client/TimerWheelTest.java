package io.balsa.raft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.InvariantViolation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private final TimerWheel wheel = new TimerWheel();
    private final List<Integer> ran = new ArrayList<>();

    private TimerWheel.Node add(long tick, int number) {
        TimerWheel.Node node = new TimerWheel.Node(tick, () -> ran.add(number));
        wheel.add(node);
        return node;
    }

    private void advance(long tick) {
        TimerWheel.Node due = wheel.advance(tick);
        while (due != null) {
            TimerWheel.Node next = TimerWheel.afterwards(due);
            due.task.run();
            due = next;
        }
    }

    @Test
    void eachRunsAtItsTickAndNotBefore() {
        for (long tick : new long[] {1, 63, 64, 65, 4095, 4096, 1L << 40, Long.MAX_VALUE - 1}) {
            add(tick, 1);
            advance(tick - 1);
            assertThat(ran).as("tick %d", tick).isEmpty();
            assertThat(wheel.nextTick()).isEqualTo(tick);
            advance(tick);
            assertThat(ran).as("tick %d", tick).hasSize(1);
            ran.clear();
        }
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
    }

    @Test
    void thoseThatComeDueTogetherRunByTheirTicksAndThenAsTheyWereAdded() {
        add(5_000, 4);
        add(70, 2);
        add(70, 3);
        add(3, 1);
        advance(10_000);
        assertThat(ran).containsExactly(1, 2, 3, 4);
    }

    @Test
    void whatIsTakenBackDoesNotRunAndLeavesNothing() {
        TimerWheel.Node first = add(100, 1);
        TimerWheel.Node second = add(100, 2);
        TimerWheel.Node third = add(100, 3);
        wheel.remove(second);
        wheel.remove(second);
        advance(100);
        assertThat(ran).containsExactly(1, 3);
        wheel.remove(first);
        wheel.remove(third);
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
        wheel.remove(add(1_000_000, 4));
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
    }

    @Test
    void oneThatIsDueCanStillBeMarkedAsTakenBack() {
        TimerWheel.Node first = add(100, 1);
        TimerWheel.Node second = add(100, 2);
        assertThat(wheel.advance(100)).isSameAs(first);
        wheel.remove(second);
        assertThat(first.isTakenBack()).isFalse();
        assertThat(second.isTakenBack()).isTrue();
        assertThat(TimerWheel.afterwards(first)).isSameAs(second);
    }

    @Test
    void oneOfThePastIsRefusedBeforeItGetsWhereItWouldBeForgotten() {
        advance(4_096);
        for (long tick : new long[] {4_096, 4_095, 4_032, 1}) {
            assertThatThrownBy(() -> add(tick, 1))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining("tick " + tick + " ");
        }
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
        add(4_097, 2);
        advance(4_097);
        assertThat(ran).containsExactly(2);
    }

    /** A task of the list that the wheel is held against. */
    private record Expected(TimerWheel.Node node, long tick, int number) {}

    @Test
    void itDoesWhatAListWouldDo() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("TimerWheelTest: seed " + seed);
        Random random = new Random(seed);
        List<Expected> list = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 50_000; step++) {
            int choice = random.nextInt(10);
            if (choice < 5) {
                long tick = now + 1 + (random.nextLong() >>> (44 + random.nextInt(20)));
                list.add(new Expected(add(tick, step), tick, step));
            } else if (choice < 8 && !list.isEmpty()) {
                wheel.remove(list.remove(random.nextInt(list.size())).node());
            } else {
                now += random.nextLong() >>> (46 + random.nextInt(18));
                long present = now;
                advance(now);
                List<Integer> due = list.stream()
                        .filter(task -> task.tick() <= present)
                        .sorted(Comparator.comparingLong(Expected::tick).thenComparingInt(Expected::number))
                        .map(Expected::number)
                        .toList();
                assertThat(ran).as("seed %d, step %d", seed, step).isEqualTo(due);
                ran.clear();
                list.removeIf(task -> task.tick() <= present);
            }
            long earliest = list.stream().mapToLong(Expected::tick).min().orElse(TimerWheel.NEVER);
            assertThat(wheel.nextTick())
                    .as("seed %d, step %d", seed, step)
                    .isBetween(Math.min(now, earliest), earliest);
            if (list.size() > 200) {
                list.forEach(task -> wheel.remove(task.node()));
                list.clear();
            }
        }
    }
}
