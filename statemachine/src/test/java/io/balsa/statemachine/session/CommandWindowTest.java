package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CommandWindowTest {
    private final CommandWindow window = new CommandWindow(3);

    @Test
    void numbersFromOneAndAcknowledgesWhatIsDone() {
        assertThat(window.acknowledged()).isZero();
        assertThat(window.tryEnter()).isEqualTo(1);
        assertThat(window.tryEnter()).isEqualTo(2);
        assertThat(window.tryEnter()).isEqualTo(3);
        assertThat(window.acknowledged()).isZero();

        window.leave(2);
        assertThat(window.acknowledged())
                .as("the first may still be retried, so its result must be kept, and all after it")
                .isZero();
        window.leave(1);
        assertThat(window.acknowledged()).isEqualTo(2);
        window.leave(3);
        assertThat(window.acknowledged()).isEqualTo(3);
    }

    @Test
    void boundsTheDistanceFromTheOldestNotOnlyTheCount() {
        window.tryEnter();
        window.tryEnter();
        window.tryEnter();
        window.leave(2);
        window.leave(3);

        assertThat(window.tryEnter())
                .as("the cluster keeps the results after the oldest")
                .isEqualTo(CommandWindow.FULL);
        window.leave(1);
        assertThat(window.tryEnter()).isEqualTo(4);
    }

    @Test
    void aPatientActionGetsTheNextNumberThatBecomesFreeIfItIsStillWanted() {
        List<Long> numbers = new ArrayList<>();
        window.enterWhenFree(() -> true, numbers::add);
        window.tryEnter();
        window.tryEnter();
        window.enterWhenFree(() -> true, numbers::add);
        window.enterWhenFree(() -> false, numbers::add);
        window.enterWhenFree(() -> true, numbers::add);
        assertThat(numbers).containsExactly(1L);

        window.leave(1);
        assertThat(numbers).containsExactly(1L, 4L);
        window.leave(2);
        assertThat(numbers).containsExactly(1L, 4L, 5L);
    }

    @Test
    void thousandsThatLeaveAsSoonAsTheyEnterAreLetInOneAfterTheOther() {
        int count = 20_000;
        List<Long> numbers = new ArrayList<>();
        CommandWindow narrow = new CommandWindow(1);
        narrow.tryEnter();
        for (int i = 0; i < count; i++) {
            narrow.enterWhenFree(() -> true, number -> {
                numbers.add(number);
                narrow.leave(number);
            });
        }
        narrow.leave(1);
        assertThat(numbers)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(2, count + 1).boxed().toList());
        assertThat(narrow.acknowledged()).isEqualTo(count + 1);
    }

    @Test
    void aPatientActionThatFailsHoldsUpNeitherThoseBehindItNorTheOneThatMadeRoom() {
        List<Long> numbers = new ArrayList<>();
        CommandWindow narrow = new CommandWindow(2);
        narrow.tryEnter();
        narrow.tryEnter();
        narrow.enterWhenFree(() -> true, number -> {
            narrow.leave(number);
            throw new IllegalStateException("on purpose");
        });
        narrow.enterWhenFree(() -> true, numbers::add);
        narrow.leave(2);
        narrow.leave(1);
        assertThat(numbers).containsExactly(4L);
    }

    @Test
    void anActionThatIsNotWantedGetsNoNumberEvenIfThereIsRoom() {
        List<Long> numbers = new ArrayList<>();
        window.enterWhenFree(() -> false, numbers::add);
        assertThat(numbers).isEmpty();
        assertThat(window.tryEnter()).isEqualTo(1);
    }

    @Test
    void aCallerThatWaitsIsLetInOrToldThatItIsFull() throws Exception {
        window.tryEnter();
        window.tryEnter();
        window.tryEnter();
        assertThat(window.enter(0)).isEqualTo(CommandWindow.FULL);

        CompletableFuture<Long> entered = CompletableFuture.supplyAsync(() -> {
            try {
                return window.enter(TimeUnit.SECONDS.toNanos(30));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        window.leave(1);
        assertThat(entered.get(30, TimeUnit.SECONDS)).isEqualTo(4);
    }
}
