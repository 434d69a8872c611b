package io.balsa.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventHeapTest {
    @Test
    void eventsHappenByTimeAndThenInTheOrderInWhichTheyWereAdded() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = new World(seed, new Trace(0, Optional.empty()));
            List<Long> happened = new ArrayList<>();
            int events = random.nextInt(1, 1_000);
            for (long number = 0; number < events; number++) {
                long atNanos = random.nextInt(100);
                long id = atNanos * 10_000 + number;
                World.Event event = world.at(atNanos, () -> happened.add(id));
                if (random.nextInt(5) == 0) {
                    event.cancel();
                    world.at(atNanos, () -> happened.add(id + 5_000));
                }
            }
            world.runUntil(1_000);
            assertThat(happened).as("seed %d", seed).hasSize(events);
            assertThat(happened.stream().map(id -> id / 10_000))
                    .as("seed %d", seed)
                    .isSorted();
            assertThat(happened.stream()
                            .map(id -> id / 10_000 * 10_000 + id % 5_000)
                            .toList())
                    .as("seed %d", seed)
                    .isSorted();
        }
    }
}
