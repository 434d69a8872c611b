package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.SessionState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionEndTest {
    private final FakeSession session = new FakeSession(new ManualLeaseTimer());
    private final SessionEnd end = new SessionEnd(session);
    private final List<String> told = new ArrayList<>();

    @Test
    void tellsOfTheEndOnceAndOfNothingElse() {
        Registration kept = end.tell(() -> told.add("kept"));
        Registration takenAway = end.tell(() -> told.add("taken away"));
        takenAway.close();
        assertThat(end.size()).isEqualTo(1);
        session.become(SessionState.SUSPENDED);
        assertThat(told).isEmpty();
        session.become(SessionState.LOST);
        assertThat(told).containsExactly("kept");
        session.become(SessionState.CLOSED);
        assertThat(told).hasSize(1);
        kept.close();
        assertThat(end.size()).isZero();
    }

    @Test
    void oneThatFailsKeepsTheEndFromNoOther() {
        for (int i = 0; i < 10; i++) {
            String name = "lease " + i;
            end.tell(() -> {
                throw new IllegalStateException("on purpose");
            });
            end.tell(() -> told.add(name));
            end.tell(() -> {
                throw new StackOverflowError("on purpose");
            });
        }
        session.become(SessionState.LOST);
        assertThat(told).hasSize(10).doesNotHaveDuplicates();
        assertThat(end.size()).isZero();
    }

    @Test
    void tellsAtOnceWhenTheSessionIsOver() {
        session.become(SessionState.CLOSED);
        end.tell(() -> told.add("late"));
        assertThat(told).containsExactly("late");
        assertThat(end.size()).isZero();
    }

    @Test
    void isOneListenerOfTheSessionHoweverManyItTells() {
        end.tell(() -> {});
        end.tell(() -> {});
        assertThat(session.listeners()).isEqualTo(1);
        end.close();
        assertThat(session.listeners()).isZero();
    }
}
