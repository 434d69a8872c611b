package io.balsa.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Colours, strokes and markers of charts: Balsa is warm, its peers are cool and pale, so that every eye tells them apart. */
final class Palette {
    static final Color INK = new Color(0x1f2933);
    static final Color FAINT_INK = new Color(0x5b6770);
    static final Color GRID = new Color(0xe4e7eb);
    static final Color PAPER = Color.WHITE;

    private static final Color ACCENT = new Color(0xc2410c);
    private static final Color PEER_BAR = new Color(0xa9b8c6);
    private static final BasicStroke THICK = stroke(3f);
    private static final BasicStroke THIN = stroke(1.6f);
    private static final BasicStroke DASHED = stroke(1.6f, 6f, 4f);
    private static final BasicStroke DOTTED = stroke(1.4f, 2f, 3f);

    private static final Look BALSA = new Look(ACCENT, THICK, SeriesMarkers.CIRCLE);
    private static final Look VARIANT = new Look(new Color(0xe8a87c), DASHED, SeriesMarkers.CIRCLE);
    private static final List<Look> PEERS = List.of(
            new Look(new Color(0x2f5d8a), THIN, SeriesMarkers.SQUARE),
            new Look(new Color(0x7fa6c9), THIN, SeriesMarkers.DIAMOND),
            new Look(new Color(0x7b5ea7), THIN, SeriesMarkers.TRIANGLE_UP),
            new Look(new Color(0x8c9aa6), THIN, SeriesMarkers.TRIANGLE_DOWN),
            new Look(new Color(0x2f8f8b), THIN, SeriesMarkers.CROSS),
            new Look(new Color(0x3e4c59), THIN, SeriesMarkers.PLUS));
    private static final List<Look> FLOORS = List.of(
            new Look(FAINT_INK, DASHED, SeriesMarkers.NONE),
            new Look(FAINT_INK, DOTTED, SeriesMarkers.NONE),
            new Look(new Color(0xa3adb6), DASHED, SeriesMarkers.NONE));
    private static final List<Look> OWN = List.of(
            new Look(ACCENT, stroke(2.4f), SeriesMarkers.CIRCLE),
            new Look(new Color(0x2f5d8a), THIN, SeriesMarkers.SQUARE),
            new Look(new Color(0xe0912f), THIN, SeriesMarkers.DIAMOND),
            new Look(new Color(0x2f8f8b), THIN, SeriesMarkers.TRIANGLE_UP),
            new Look(new Color(0x7c4a21), THIN, SeriesMarkers.TRIANGLE_DOWN),
            new Look(new Color(0x7b5ea7), THIN, SeriesMarkers.CROSS));

    private Palette() {}

    /** How a series looks. */
    record Look(Color color, BasicStroke stroke, Marker marker) {}

    private static BasicStroke stroke(float width, float... dashes) {
        return new BasicStroke(
                width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, dashes.length == 0 ? null : dashes, 0f);
    }

    /** A product's, the same in all charts of a run. */
    static Look lineOf(String product, List<Product> all) {
        if (Product.isOurs(product)) {
            return Product.isBalsa(product) ? BALSA : VARIANT;
        }
        List<String> peers = all.stream()
                .map(Product::name)
                .filter(name -> !Product.isOurs(name))
                .toList();
        return PEERS.get(Math.max(0, peers.indexOf(product)) % PEERS.size());
    }

    static Color barOf(String product) {
        if (Product.isOurs(product)) {
            return Product.isBalsa(product) ? ACCENT : VARIANT.color();
        }
        return PEER_BAR;
    }

    static Look floor(int index) {
        return FLOORS.get(index % FLOORS.size());
    }

    /** Of Balsa's own benchmarks. */
    static Look own(int index) {
        return OWN.get(index % OWN.size());
    }
}
