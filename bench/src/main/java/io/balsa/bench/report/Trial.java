package io.balsa.bench.report;

import java.util.Map;

/**
 * What was, or should have been, measured: a method of a benchmark at one setting.
 *
 * @param benchmark the simple name of its class
 * @param parameters in the order in which they are shown
 */
public record Trial(String benchmark, String method, Map<String, String> parameters) {
    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
