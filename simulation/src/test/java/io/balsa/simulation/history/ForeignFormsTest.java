package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories as others write them. */
class ForeignFormsTest {
    @Test
    void aJepsenLogSaysWhatIsKnown() throws IOException {
        History history = read(
                """
                INFO  jepsen.core - Worker 0 starting
                INFO  jepsen.util - 0	:invoke	:read	nil
                INFO  jepsen.util - 1	:invoke	:write	3
                INFO  jepsen.util - :nemesis	:info	:start	nil
                INFO  jepsen.util - 0	:ok	:read	nil
                INFO  jepsen.util - 1	:info	:write	:timed-out
                INFO  jepsen.util - 0	:invoke	:cas	[3 4]
                INFO  jepsen.util - 0	:fail	:cas	[3 4]
                INFO  jepsen.util - 0	:invoke	:read	nil
                INFO  jepsen.util - 0	:fail	:read	:timed-out
                INFO  jepsen.util - 0	:invoke	:write	5
                """);
        assertThat(history.form()).isEqualTo(History.Form.JEPSEN_REGISTER);
        assertThat(history.operations())
                .containsExactly(
                        new Operation("0", "read", null, List.of(), 1, 3, Status.OK, null),
                        new Operation("1", "write", null, List.of(3L), 2, Operation.NEVER, Status.INFO, null),
                        new Operation("0", "cas", null, List.of(3L, 4L), 5, 6, Status.OK, false),
                        new Operation("0", "read", null, List.of(), 7, 8, Status.FAIL, null),
                        new Operation("0", "write", null, List.of(5L), 9, Operation.NEVER, Status.INFO, null));
    }

    @Test
    void eventsOfKeysSayWhatIsKnown() throws IOException {
        History history = read(
                """
                {:process 0, :type :invoke, :f :append, :key "k", :value "a \\"b\\""}
                {:process 1, :type :invoke, :f :get, :key "k", :value nil}
                {:process 0, :type :ok, :f :append, :key "k", :value "a \\"b\\""}
                {:process 1, :type :ok, :f :get, :key "k", :value ""}
                {:process 1, :type :invoke, :f :put, :key "k", :value ""}
                """);
        assertThat(history.form()).isEqualTo(History.Form.KEY_VALUE_EVENTS);
        assertThat(history.operations())
                .containsExactly(
                        new Operation("0", "append", "k", List.of("a \"b\""), 1, 3, Status.OK, null),
                        new Operation("1", "get", "k", List.of(), 2, 4, Status.OK, ""),
                        new Operation("1", "put", "k", List.of(""), 5, Operation.NEVER, Status.INFO, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 :ok :read 3",
                "0 :invoke :read nil\n0 :invoke :read nil",
                "0 :invoke :read nil\n0 :ok :write 3",
                "0 :invoke :push 3",
                "0 :invoke :cas 3",
                "0 :invoke :cas [3",
                "0 :invoke :write 3\nhello",
                "{:process 0, :type :invoke, :f :get, :key \"k\"",
                "{:process 0, :type :invoke, :f :get, :key \"k}",
                "{:process 0, :type :invoke, :f :get}",
                "{:process 0, :type :begin, :f :get, :key \"k\"}",
                "{:process 0, :type :invoke, :f :push, :key \"k\"}",
                "{:process 0, :process 1}",
            })
    void aBadLineIsNamed(String text) {
        int lines = (int) text.lines().count();
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(HistoryFormatException.class)
                .hasMessageStartingWith("test:" + lines + ": ");
    }

    private static History read(String text) throws IOException {
        return HistoryReader.read("test", new StringReader(text));
    }
}
