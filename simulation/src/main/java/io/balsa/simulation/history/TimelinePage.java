package io.balsa.simulation.history;

import io.balsa.simulation.history.Counterexample.Explained;
import io.balsa.simulation.history.TimelineSvg.Bar;
import io.balsa.simulation.history.TimelineSvg.Kind;
import java.util.IdentityHashMap;
import java.util.List;

/** Shows what can't be explained as a page of HTML with timelines, which needs nothing but itself. */
public final class TimelinePage {
    private static final int PART_STEP_PIXELS = 120;
    private static final int SURROUNDINGS_STEP_PIXELS = 44;

    /** So many operations before the one that found no place are shown around the part. */
    private static final int MAX_SURROUNDINGS = 150;

    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>%1$s</title>
            <style>
            body { font-family: sans-serif; color: #222222; background: #ffffff; margin: 24px; color-scheme: light; }
            .figure { overflow-x: auto; border: 1px solid #dddddd; margin: 12px 0; }
            table { border-collapse: collapse; }
            td, th { text-align: left; padding: 2px 16px 2px 0; vertical-align: top; }
            code { white-space: pre-wrap; overflow-wrap: anywhere; }
            .key { display: inline-block; width: 14px; height: 14px; border: 1px solid; vertical-align: middle; }
            </style>
            </head>
            <body>
            <h1>%1$s</h1>
            """;
    private static final String LEGEND =
            """
            <p><span class="key" style="background: #d4e8f8; border-color: #4a83b5"></span> has a place in the longest order
            that explains answers; the number says which. <span class="key"
            style="background: #fbd5d0; border-color: #c0392b"></span> was answered, and finds no place.
            <span class="key" style="background: #f2f2f2; border-color: #bbbbbb"></span> is not needed to see it.
            Dashed: unknown, it may take effect at any time after its call, or never. From one event to the next it is always
            the same distance. Point at a bar to read all of it.</p>
            """;

    private final Counterexample counterexample;
    private final IdentityHashMap<Operation, Integer> places = new IdentityHashMap<>();
    private final IdentityHashMap<Operation, Boolean> stuck = new IdentityHashMap<>();
    private final StringBuilder page = new StringBuilder();

    private TimelinePage(Counterexample counterexample) {
        this.counterexample = counterexample;
        for (int i = 0; i < counterexample.explained().size(); i++) {
            places.put(counterexample.explained().get(i).operation(), i);
        }
        counterexample.stuck().forEach(operation -> stuck.put(operation, true));
    }

    /** The whole page. */
    public static String write(Counterexample counterexample) {
        return new TimelinePage(counterexample).write();
    }

    private String write() {
        String key = counterexample.key() == null ? "" : ": key " + Values.text(counterexample.key());
        page.append(HEAD.formatted(Html.escape("Not linearizable as " + counterexample.model() + key)));
        paragraph(CounterexampleText.headline(counterexample));
        figure(counterexample.part(), PART_STEP_PIXELS);
        page.append(LEGEND);
        page.append("<h2>How far an explanation gets</h2>\n<table>\n");
        page.append("<tr><th></th><th>client</th><th>operation</th><th>answer</th><th>then it is</th></tr>\n");
        int number = 1;
        for (Explained step : counterexample.explained()) {
            row(Integer.toString(number++), step.operation(), step.state());
        }
        counterexample.stuck().forEach(operation -> row("\u2717", operation, "no place left"));
        page.append("</table>\n");
        surroundings();
        return page.append("</body>\n</html>\n").toString();
    }

    private void surroundings() {
        List<Operation> prefix = counterexample.prefix();
        List<Operation> shown = prefix.subList(Math.max(0, prefix.size() - MAX_SURROUNDINGS), prefix.size());
        page.append("<h2>What happened around it</h2>\n");
        paragraph("The last " + shown.size() + " of " + prefix.size()
                + " operations up to the first answer that cannot be explained; all before it can.");
        figure(shown, SURROUNDINGS_STEP_PIXELS);
    }

    private void paragraph(String text) {
        page.append("<p>").append(Html.escape(text)).append("</p>\n");
    }

    private void figure(List<Operation> operations, int stepPixels) {
        page.append("<div class=\"figure\">\n")
                .append(TimelineSvg.draw(operations.stream().map(this::bar).toList(), stepPixels))
                .append("</div>\n");
    }

    private Bar bar(Operation operation) {
        Integer place = places.get(operation);
        String label = operation.op()
                + arguments(operation)
                + (operation.output() == null && !operation.isOk() ? "" : " \u2192 " + operation.answer());
        String hover = operation.client() + ": " + operation.request() + "\n\u2192 " + operation.answer()
                + "\ncalled at " + moment(operation.callNanos())
                + (operation.isUnknown() ? "" : ", returned at " + moment(operation.returnNanos()));
        if (place != null) {
            String state = counterexample.explained().get(place).state();
            return new Bar(operation, Kind.PLACED, (place + 1) + ". " + label, hover + "\nthen it is " + state);
        } else if (stuck.containsKey(operation)) {
            return new Bar(operation, Kind.STUCK, "\u2717 " + label, hover + "\nno place left");
        }
        return new Bar(operation, Kind.OTHER, label, hover);
    }

    private String moment(long nanosOrEvent) {
        return counterexample.hasTimes() ? nanosOrEvent + " ns" : "event " + nanosOrEvent;
    }

    private static String arguments(Operation operation) {
        StringBuilder text = new StringBuilder();
        operation.args().forEach(arg -> text.append(' ').append(Values.text(arg)));
        return text.toString();
    }

    private void row(String number, Operation operation, String state) {
        page.append(
                "<tr><td>%s</td><td>%s</td><td><code>%s</code></td><td><code>%s</code></td><td><code>%s</code></td></tr>\n"
                        .formatted(
                                number,
                                Html.escape(operation.client()),
                                Html.escape(operation.request()),
                                Html.escape(operation.answer()),
                                Html.escape(state)));
    }
}
