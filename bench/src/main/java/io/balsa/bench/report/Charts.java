package io.balsa.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;

/** Makes charts of figures; what is missing leaves a gap. */
final class Charts {
    private static final int BARS_WIDTH = 330;
    private static final int BARS_HEIGHT = 320;
    private static final int LINES_WIDTH = 500;
    private static final int LINES_HEIGHT = 300;
    private static final int ROTATION = 60;
    private static final double ROOM_ABOVE = 1.08;
    /** From this factor between the smallest and the largest on, small ones could not be told from zero. */
    private static final double WIDE = 30;

    private Charts() {}

    /** @param value NaN if it is missing; the label then says why */
    record Bar(String label, double value, Color color) {}

    /** @param values by category; null where one is missing */
    record Line(String label, List<Double> values, Palette.Look look) {
        boolean isEmpty() {
            return values.stream().noneMatch(Objects::nonNull);
        }

        /** Whether it is more than a point. */
        boolean isCurve() {
            return values.stream().filter(Objects::nonNull).count() > 1;
        }
    }

    /** Bars of their own colours from zero; there is at least one value. */
    static CategoryChart bars(String title, String unit, List<Bar> bars) {
        double max = bars.stream()
                .mapToDouble(Bar::value)
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElseThrow();
        Scale scale = Scale.of(max, unit);
        CategoryChart chart = new CategoryChartBuilder()
                .width(BARS_WIDTH)
                .height(BARS_HEIGHT)
                .title(title)
                .yAxisTitle(scale.unit())
                .build();
        style(chart.getStyler());
        chart.getStyler()
                .setYAxisMax(top(max / scale.divisor()))
                .setYAxisMin(0.0)
                .setXAxisLabelRotation(ROTATION)
                .setXAxisLabelAlignmentVertical(AxesChartStyler.TextAlignment.Right)
                .setLegendVisible(false);
        List<String> labels = distinct(bars.stream().map(Bar::label).toList());
        // A series has one colour, so each colour is a series that leaves the others' places empty.
        Map<Color, List<Double>> byColor = new LinkedHashMap<>();
        for (int i = 0; i < bars.size(); i++) {
            if (!Double.isNaN(bars.get(i).value())) {
                byColor.computeIfAbsent(
                                bars.get(i).color(), unused -> new ArrayList<>(Collections.nCopies(bars.size(), null)))
                        .set(i, bars.get(i).value() / scale.divisor());
            }
        }
        byColor.forEach((color, values) ->
                chart.addSeries("series " + color.getRGB(), labels, values).setFillColor(color));
        return chart;
    }

    /** Lines over categories at equal distances; there is at least one value. */
    static CategoryChart lines(String title, String xTitle, String unit, List<String> categories, List<Line> all) {
        List<Line> lines = all.stream().filter(line -> !line.isEmpty()).toList();
        double max = values(lines).mapToDouble(value -> value).max().orElseThrow();
        double min = values(lines).mapToDouble(value -> value).min().orElseThrow();
        // Logarithms below zero would be drawn from the wrong end.
        boolean logarithmic = max > WIDE * min && min >= 1;
        Scale scale = Scale.of(logarithmic ? min : max, unit);
        CategoryChart chart = new CategoryChartBuilder()
                .width(LINES_WIDTH)
                .height(LINES_HEIGHT)
                .title(title)
                .xAxisTitle(xTitle)
                .yAxisTitle(scale.unit())
                .build();
        CategoryStyler styler = chart.getStyler();
        style(styler);
        styler.setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        if (logarithmic) {
            styler.setYAxisLogarithmic(true)
                    .setYAxisLogarithmicDecadeOnly(true)
                    .setYAxisMin(Math.pow(10, Math.floor(Math.log10(min / scale.divisor()))))
                    .setYAxisMax(Math.pow(10, Math.ceil(Math.log10(max / scale.divisor()))));
        } else {
            styler.setYAxisMin(0.0).setYAxisMax(top(max / scale.divisor()));
        }
        styler.setLegendVisible(lines.size() > 1);
        List<String> names = distinct(lines.stream().map(Line::label).toList());
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            CategorySeries series = chart.addSeries(
                    names.get(i),
                    categories,
                    line.values().stream()
                            .map(value -> value == null ? null : Double.valueOf(value / scale.divisor()))
                            .toList());
            series.setLineColor(line.look().color()).setLineStyle(line.look().stroke());
            series.setMarker(line.look().marker()).setMarkerColor(line.look().color());
        }
        return chart;
    }

    /** An axis needs a length, even if there are only zeros. */
    private static double top(double max) {
        return max > 0 ? max * ROOM_ABOVE : 1;
    }

    private static Stream<Double> values(List<Line> lines) {
        return lines.stream().flatMap(line -> line.values().stream()).filter(Objects::nonNull);
    }

    /** The library takes no name twice. */
    private static List<String> distinct(List<String> names) {
        List<String> distinct = new ArrayList<>();
        for (String name : names) {
            String candidate = name.isBlank() ? "?" : name;
            for (int i = 2; distinct.contains(candidate); i++) {
                candidate = name + " (" + i + ")";
            }
            distinct.add(candidate);
        }
        return distinct;
    }

    private static void style(CategoryStyler styler) {
        Font small = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
        styler.setLocale(Locale.ROOT);
        styler.setChartBackgroundColor(Palette.PAPER)
                .setChartFontColor(Palette.INK)
                .setChartTitleBoxVisible(false)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 13))
                .setChartPadding(8)
                .setPlotBackgroundColor(Palette.PAPER)
                .setPlotBorderVisible(false)
                .setPlotContentSize(0.98)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setLegendBorderColor(Palette.PAPER)
                .setLegendFont(small)
                .setLegendSeriesLineLength(22)
                .setMarkerSize(7)
                .setDecimalPattern("#,##0.###");
        styler.setAxisTickLabelsFont(small)
                .setAxisTitleFont(small)
                .setAxisTickLabelsColor(Palette.INK)
                .setAxisTicksLineVisible(false)
                .setAxisTicksMarksVisible(false)
                .setPlotGridVerticalLinesVisible(false)
                .setPlotGridLinesColor(Palette.GRID)
                .setPlotGridLinesStroke(new BasicStroke(1f))
                .setXAxisTitleColor(Palette.FAINT_INK)
                .setYAxisTitleColor(Palette.FAINT_INK);
        styler.setAvailableSpaceFill(0.72).setOverlapped(true);
    }

    /** Keeps the numbers at an axis short. */
    private record Scale(double divisor, String unit) {
        private static final double MANY = 2000;
        private static final double THOUSAND = 1e3;
        private static final double MILLION = 1e6;

        static Scale of(double value, String unit) {
            String people = Figure.unitForPeople(unit);
            if (!unit.startsWith("ops")) {
                return new Scale(1, people);
            }
            String operations = people.replace("ops", "operations");
            if (value >= MANY * THOUSAND) {
                return new Scale(MILLION, "million " + operations);
            }
            return value >= MANY ? new Scale(THOUSAND, "thousand " + operations) : new Scale(1, operations);
        }
    }
}
