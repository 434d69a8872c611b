package io.balsa.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Charts of a method of a benchmark over the parameter that grows: of its score, and of each finding besides latencies. */
final class Curves {
    /** What a parameter has as its value when not Balsa but the machine is measured. */
    private static final String FLOOR = "FLOOR";

    private static final String SCORE = "";

    private final String method;
    private final List<Measurement> measurements;
    private final String parameter;
    private final List<String> values;

    private Curves(String method, List<Measurement> measurements, String parameter) {
        this.method = method;
        this.measurements = measurements;
        this.parameter = parameter;
        this.values = measurements.stream()
                .map(each -> each.trial().parameter(parameter))
                .distinct()
                .sorted((one, other) -> Long.compare(Long.parseLong(one), Long.parseLong(other)))
                .toList();
    }

    /** Of measurements of one method; none if nothing grows. */
    static List<Gallery.Panel> of(String method, List<Measurement> measurements) {
        return growing(measurements)
                .map(parameter -> new Curves(method, measurements, parameter).panels())
                .orElse(List.of());
    }

    /** The parameter of numbers with most values, of two at least. */
    private static Optional<String> growing(List<Measurement> measurements) {
        Map<String, Set<String>> byParameter = new LinkedHashMap<>();
        measurements.forEach(each -> each.trial().parameters().forEach((name, value) -> byParameter
                .computeIfAbsent(name, unused -> new LinkedHashSet<>())
                .add(value)));
        String best = null;
        int most = 1;
        for (Map.Entry<String, Set<String>> each : byParameter.entrySet()) {
            if (each.getValue().size() > most
                    && each.getValue().stream().allMatch(value -> value.matches("\\d{1,15}"))) {
                most = each.getValue().size();
                best = each.getKey();
            }
        }
        return Optional.ofNullable(best);
    }

    private List<Gallery.Panel> panels() {
        Set<String> figures = new LinkedHashSet<>(List.of(SCORE));
        measurements.forEach(each -> figures.addAll(each.findings().keySet()));
        List<Gallery.Panel> panels = new ArrayList<>();
        for (String name : figures) {
            List<Charts.Line> lines = lines(name);
            if (lines.stream().noneMatch(Charts.Line::isCurve)) {
                continue;
            }
            String title = Words.of(method) + (name.equals(SCORE) ? "" : ": " + Words.small(name));
            String unit = measurements.stream()
                    .map(each -> figure(each, name))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElseThrow()
                    .unit();
            panels.add(new Gallery.Panel(
                    title + " by " + Words.small(parameter),
                    () -> Charts.lines(title, Words.small(parameter), unit, categories(), lines)));
        }
        return panels;
    }

    private List<String> categories() {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, "%,d", Long.parseLong(value)))
                .toList();
    }

    private static Optional<Figure> figure(Measurement measurement, String name) {
        return Optional.ofNullable(
                        name.equals(SCORE)
                                ? measurement.score()
                                : measurement.further().get(name))
                .filter(figure -> Double.isFinite(figure.value()));
    }

    /** One for each setting of all other parameters. */
    private List<Charts.Line> lines(String name) {
        Map<String, List<Double>> bySetting = new LinkedHashMap<>();
        for (Measurement each : measurements) {
            figure(each, name).ifPresent(figure -> bySetting
                    .computeIfAbsent(
                            setting(each.trial()), unused -> new ArrayList<>(Collections.nCopies(values.size(), null)))
                    .set(values.indexOf(each.trial().parameter(parameter)), figure.value()));
        }
        List<Charts.Line> lines = new ArrayList<>();
        int ours = 0;
        for (Map.Entry<String, List<Double>> each : bySetting.entrySet()) {
            boolean isFloor = Arrays.asList(each.getKey().split(", ", -1)).contains(FLOOR.toLowerCase(Locale.ROOT));
            lines.add(
                    new Charts.Line(each.getKey(), each.getValue(), isFloor ? Palette.floor(0) : Palette.own(ours++)));
        }
        return lines;
    }

    /** What sets a trial apart from others, besides what grows. */
    private String setting(Trial trial) {
        return trial.parameters().entrySet().stream()
                .filter(entry -> !entry.getKey().equals(parameter))
                .filter(entry -> measurements.stream()
                        .anyMatch(other ->
                                !other.trial().parameter(entry.getKey()).equals(entry.getValue())))
                .map(entry -> value(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String value(String parameter, String value) {
        return value.matches("\\d+")
                ? value + " " + Words.small(parameter)
                : value.toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
