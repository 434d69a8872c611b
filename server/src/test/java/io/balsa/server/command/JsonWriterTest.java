package io.balsa.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
    @Test
    void writesWhatThereIs() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "a");
        map.put("number", 1L << 60);
        map.put("yes", true);
        map.put("nothing", null);
        map.put("list", Arrays.asList(1, "b", null, List.of()));
        map.put("map", Map.of());
        assertThat(JsonWriter.write(map))
                .isEqualTo("{\"text\":\"a\",\"number\":1152921504606846976,\"yes\":true,\"nothing\":null,"
                        + "\"list\":[1,\"b\",null,[]],\"map\":{}}");
    }

    @Test
    void escapesWhatJsonDoesNotTake() {
        assertThat(JsonWriter.write("\"\\\n\r\t\u0001\u007f")).isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0001\\u007f\"");
    }

    @Test
    void keepsOtherTextAsItIs() {
        assertThat(JsonWriter.write("größer 🦀 / '")).isEqualTo("\"größer \\ud83e\\udd80 / '\"");
    }
}
