package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Draws operations as bars from call to return, one lane for each client. Between two moments at which something happens there
 * is always the same distance, however long it lasted.
 */
final class TimelineSvg {
    private static final int LANE_NAME_PIXELS = 90;
    private static final int ROW_PIXELS = 34;
    private static final int BAR_PIXELS = 24;
    private static final int HEAD_PIXELS = 10;
    private static final int TEXT_OFFSET_PIXELS = 16;
    private static final int PADDING_PIXELS = 6;
    private static final double CHARACTER_PIXELS = 6.8;

    /** What a bar stands for. */
    enum Kind {
        /** It has a place in the longest order. */
        PLACED,
        /** It was answered, and has no place. */
        STUCK,
        /** It does not matter. */
        OTHER
    }

    /**
     * One operation as it is drawn.
     *
     * @param label beside which there is more in the hover text
     */
    record Bar(Operation operation, Kind kind, String label, String hover) {}

    private final List<Bar> bars;
    private final int stepPixels;
    private final Map<Long, Integer> moments = new HashMap<>();
    private final TreeMap<String, List<List<Bar>>> lanes =
            new TreeMap<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));

    private TimelineSvg(List<Bar> bars, int stepPixels) {
        this.bars = bars;
        this.stepPixels = stepPixels;
        TreeSet<Long> sorted = new TreeSet<>();
        for (Bar bar : bars) {
            sorted.add(bar.operation().callNanos());
            if (!bar.operation().isUnknown()) {
                sorted.add(bar.operation().returnNanos());
            }
        }
        sorted.forEach(moment -> moments.put(moment, moments.size()));
    }

    /**
     * The picture.
     *
     * @param bars in the order of their calls
     * @param stepPixels between two moments
     */
    static String draw(List<Bar> bars, int stepPixels) {
        return new TimelineSvg(bars, stepPixels).draw();
    }

    private String draw() {
        bars.forEach(this::assignRow);
        int rows = lanes.values().stream().mapToInt(List::size).sum();
        int width = x(moments.size()) + PADDING_PIXELS;
        int height = HEAD_PIXELS + rows * ROW_PIXELS;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                .formatted(width, height));
        svg.append(" font-size=\"12\">\n");
        int y = HEAD_PIXELS;
        for (var lane : lanes.entrySet()) {
            int laneHeight = lane.getValue().size() * ROW_PIXELS;
            svg.append("<line x1=\"0\" y1=\"%1$d\" x2=\"%2$d\" y2=\"%1$d\" stroke=\"#dddddd\"/>\n".formatted(y, width));
            svg.append("<text x=\"4\" y=\"%d\" fill=\"#444444\">%s</text>\n"
                    .formatted(y + laneHeight / 2 + 4, Html.escape(shortened(lane.getKey(), LANE_NAME_PIXELS))));
            for (List<Bar> row : lane.getValue()) {
                int top = y + (ROW_PIXELS - BAR_PIXELS) / 2;
                row.forEach(bar -> draw(bar, top, width, svg));
                y += ROW_PIXELS;
            }
        }
        return svg.append("</svg>\n").toString();
    }

    /** A bar stands in the first row of its lane that is free; what never returns keeps its row. */
    private void assignRow(Bar bar) {
        List<List<Bar>> rows = lanes.computeIfAbsent(bar.operation().client(), client -> new ArrayList<>());
        for (List<Bar> row : rows) {
            if (row.get(row.size() - 1).operation().returnNanos()
                    < bar.operation().callNanos()) {
                row.add(bar);
                return;
            }
        }
        rows.add(new ArrayList<>(List.of(bar)));
    }

    private void draw(Bar bar, int top, int width, StringBuilder svg) {
        Operation operation = bar.operation();
        int left = x(moments.get(operation.callNanos()));
        int right = operation.isUnknown()
                ? width - PADDING_PIXELS
                : x(moments.get(operation.returnNanos())) + PADDING_PIXELS;
        svg.append("<g><title>").append(Html.escape(bar.hover())).append("</title>");
        svg.append("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\" stroke=\"%s\"%s/>"
                .formatted(
                        left,
                        top,
                        right - left,
                        BAR_PIXELS,
                        fill(bar.kind()),
                        stroke(bar.kind()),
                        operation.isUnknown() ? " stroke-dasharray=\"5 4\"" : ""));
        svg.append("<text x=\"%d\" y=\"%d\" fill=\"#222222\">%s</text></g>\n"
                .formatted(
                        left + PADDING_PIXELS / 2,
                        top + TEXT_OFFSET_PIXELS,
                        Html.escape(shortened(bar.label(), right - left - PADDING_PIXELS))));
    }

    private int x(int moment) {
        return LANE_NAME_PIXELS + moment * stepPixels;
    }

    private static String fill(Kind kind) {
        return switch (kind) {
            case PLACED -> "#d4e8f8";
            case STUCK -> "#fbd5d0";
            case OTHER -> "#f2f2f2";
        };
    }

    private static String stroke(Kind kind) {
        return switch (kind) {
            case PLACED -> "#4a83b5";
            case STUCK -> "#c0392b";
            case OTHER -> "#bbbbbb";
        };
    }

    private static String shortened(String text, int pixels) {
        int room = Math.max(1, (int) (pixels / CHARACTER_PIXELS));
        return text.length() <= room ? text : text.substring(0, Math.max(0, room - 1)) + "\u2026";
    }
}
