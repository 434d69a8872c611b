package io.balsa.bench.report;

import java.util.List;

/** A table of figures: first columns of words, then columns of numbers. */
final class Table {
    private final Markup body;
    private final int words;
    private final int columns;

    /** @param words how many columns are not of numbers */
    Table(Markup section, int words, List<String> columns) {
        this.words = words;
        this.columns = columns.size();
        Markup table = section.add("div").with("class", "scroll").add("table");
        Markup head = table.add("thead").add("tr");
        for (int i = 0; i < columns.size(); i++) {
            Markup cell = head.add("th", columns.get(i)).with("scope", "col");
            if (i >= words) {
                cell.with("class", "number");
            }
        }
        body = table.add("tbody");
    }

    /** Adds a line over those that follow. */
    void addHeading(String text) {
        body.add("tr")
                .with("class", "heading")
                .add("th", text)
                .with("colspan", String.valueOf(columns))
                .with("scope", "colgroup");
    }

    /** @param isOurs whether it stands out */
    void addRow(boolean isOurs, List<String> cells) {
        Markup row = row(isOurs);
        for (int i = 0; i < cells.size(); i++) {
            Markup cell = row.add("td", cells.get(i));
            if (i >= words) {
                cell.with("class", "number");
            }
        }
    }

    /** Adds a row that has a remark instead of numbers. */
    void addRemark(boolean isOurs, List<String> cells, String remark) {
        Markup row = row(isOurs);
        cells.forEach(cell -> row.add("td", cell));
        row.add("td", remark).with("class", "missing").with("colspan", String.valueOf(columns - cells.size()));
    }

    private Markup row(boolean isOurs) {
        Markup row = body.add("tr");
        return isOurs ? row.with("class", "ours") : row;
    }
}
