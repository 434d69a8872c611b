package io.balsa.simulation.history;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Decoder;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Histories of any form: what is understood can be written as JSON lines, and is then the same. */
public final class HistoryDecoder implements Decoder {
    @Override
    public void decode(byte[] input) throws IOException {
        History history;
        try {
            history = read(new String(input, StandardCharsets.UTF_8));
        } catch (HistoryFormatException refused) {
            Check.that(refused.line() > 0, "a refusal names a line");
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (Operation operation : history.operations()) {
            lines.append(HistoryWriter.line(operation)).append('\n');
        }
        if (history.size() > 0) {
            Check.that(
                    read(lines.toString()).operations().equals(history.operations()),
                    history.operations() + " became " + lines);
        }
    }

    private static History read(String text) throws IOException {
        return HistoryReader.read("fuzzed", new StringReader(text));
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                bytes(
                        """
                        {"client":"c1","op":"put","key":"k","args":["v",1,null,[true]],"call":1,\
                        "return":2,"status":"ok","output":{"a":1.5}}
                        {"client":"c1","op":"cas","args":[1,2],"call":3,"status":"info"}
                        """),
                bytes(
                        """
                        {:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}
                        {:process 0, :type :ok, :f :append, :key "0", :value "x 0 0 y"}
                        {:process 1, :type :invoke, :f :get, :key "0", :value nil}
                        {:process 1, :type :ok, :f :get, :key "0", :value "x 0 0 y"}
                        """),
                bytes(
                        """
                        INFO  jepsen.util - 2\t:invoke\t:read\tnil
                        INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2]
                        INFO  jepsen.util - 2\t:ok\t:read\t4
                        INFO  jepsen.util - 3\t:info\t:cas\t:timed-out
                        """));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
