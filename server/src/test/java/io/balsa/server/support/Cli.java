package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.Balsa;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** Runs commands in this JVM. */
public final class Cli {
    private Cli() {}

    /** What a command left. */
    public record Result(int exitCode, String out, String err) {
        /** Its output, which must be one JSON object in one line. */
        public Map<String, Object> json() {
            assertThat(out.lines()).as("output, beside: %s", err).hasSize(1);
            return parseJson(out);
        }
    }

    public static Result run(String... arguments) {
        return run(List.of(arguments));
    }

    public static Result run(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                Balsa.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        return new Result(exitCode, out.toString(), err.toString());
    }

    /** Reads a JSON object; JSON is a part of YAML. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> parseJson(String text) {
        LoadSettings settings =
                LoadSettings.builder().setSchema(new JsonSchema()).build();
        return (Map<String, Object>) new Load(settings).loadFromString(text.strip());
    }
}
