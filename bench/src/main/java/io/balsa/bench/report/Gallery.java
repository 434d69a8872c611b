package io.balsa.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.knowm.xchart.CategoryChart;

/** Puts charts into the page, and into files of their own; nothing where no charts can be drawn. */
final class Gallery {
    private final Path directory;
    private final boolean canDraw;
    private int drawn;

    /** @param directory for files; made when there is one to write */
    Gallery(Path directory, boolean canDraw) {
        this.directory = directory;
        this.canDraw = canDraw;
    }

    /**
     * A chart that is made when it is needed: to make one takes fonts already.
     *
     * @param description for those who can't see it
     */
    record Panel(String description, Supplier<CategoryChart> chart) {}

    /**
     * Adds a row of charts, and writes it to a file.
     *
     * @param name says what the row shows, and names the file
     */
    void show(Markup section, String name, List<Panel> panels) {
        show(section, name, name, panels);
    }

    /**
     * Adds a row of charts, and writes it to a file.
     *
     * @param name of the file
     * @param heading says what the row shows, in the file
     */
    void show(Markup section, String name, String heading, List<Panel> panels) {
        if (!canDraw || panels.isEmpty()) {
            return;
        }
        Markup row = section.add("div").with("class", "charts");
        List<CategoryChart> charts =
                panels.stream().map(panel -> panel.chart().get()).toList();
        for (int i = 0; i < charts.size(); i++) {
            String description = panels.get(i).description() + ": the figures are in the table below.";
            row.add("figure").addForeign(Drawing.of("chart" + ++drawn, description, charts.get(i)));
        }
        write(name, heading, charts);
    }

    private void write(String name, String heading, List<CategoryChart> charts) {
        String file = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".svg";
        try {
            Files.createDirectories(directory);
            XmlFile.write(
                    directory.resolve(file),
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                    Drawing.row(heading, charts));
        } catch (IOException e) {
            throw new UncheckedIOException("can't write a chart", e);
        }
    }
}
