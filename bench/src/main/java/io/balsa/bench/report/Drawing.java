package io.balsa.bench.report;

import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.internal.chartpart.Chart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Charts as SVG: text as outlines, so that it looks the same with all fonts or none. */
final class Drawing {
    private static final String SVG = "http://www.w3.org/2000/svg";
    /** Digits behind the point; with more, most of a drawing would be the outlines of its letters. */
    private static final int PRECISION = 1;

    private static final int HEADING_HEIGHT = 45;
    private static final Logger LOG = LoggerFactory.getLogger(Drawing.class);

    private Drawing() {}

    /** Why there can't be charts, in a sentence for people; empty if there can. */
    static Optional<String> obstacle() {
        // Nothing is shown on a screen, and one that can't be reached must not matter.
        System.setProperty("java.awt.headless", "true");
        try {
            TextLayout text = new TextLayout(
                    "0", new Font(Font.SANS_SERIF, Font.PLAIN, 11), new FontRenderContext(null, true, false));
            return text.getAdvance() > 0 ? Optional.empty() : Optional.of(explanation("text has no width"));
        } catch (LinkageError | InternalError | RuntimeException e) {
            // What Java throws without fonts differs from version to version.
            LOG.debug("no text can be drawn", e);
            return Optional.of(explanation(String.valueOf(e)));
        }
    }

    private static String explanation(String cause) {
        return "There are no charts here because this machine has no fonts that Java can draw with (" + cause
                + "): install fontconfig and fonts-dejavu-core (Debian, Ubuntu: sudo apt-get install fontconfig"
                + " fonts-dejavu-core).";
    }

    /**
     * Draws a chart for a page.
     *
     * @param name unlike that of any other drawing of the page; begins each id in it
     * @param description for those who can't see it
     */
    static Element of(String name, String description, Chart<?, ?> chart) {
        SVGGraphics2D graphics = new SVGGraphics2D(context(emptyDocument()), true);
        chart.paint(graphics, chart.getWidth(), chart.getHeight());
        return finish(graphics, name, description, chart.getWidth(), chart.getHeight());
    }

    /** Draws charts side by side, under a heading. */
    static Element row(String heading, List<? extends Chart<?, ?>> charts) {
        int width = charts.stream().mapToInt(Chart::getWidth).sum();
        int height = charts.stream().mapToInt(Chart::getHeight).max().orElse(0) + HEADING_HEIGHT;
        SVGGraphics2D graphics = new SVGGraphics2D(context(emptyDocument()), true);
        graphics.setPaint(Palette.PAPER);
        graphics.fillRect(0, 0, width, height);
        graphics.setPaint(Palette.INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, HEADING_HEIGHT / 3));
        graphics.drawString(heading, HEADING_HEIGHT / 3, HEADING_HEIGHT * 2 / 3);
        int left = 0;
        for (Chart<?, ?> chart : charts) {
            Graphics2D part = (Graphics2D) graphics.create();
            part.translate(left, HEADING_HEIGHT);
            chart.paint(part, chart.getWidth(), chart.getHeight());
            part.dispose();
            left += chart.getWidth();
        }
        return finish(graphics, "chart", heading, width, height);
    }

    private static Element finish(SVGGraphics2D graphics, String name, String description, int width, int height) {
        graphics.setSVGCanvasSize(new Dimension(width, height));
        Element root = graphics.getRoot();
        renameIds(root, name + "-");
        shortenPaths(root);
        root.setAttribute("viewBox", "0 0 " + width + " " + height);
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", description);
        return root;
    }

    private static Document emptyDocument() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(SVG, "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("Java's own XML parser is missing", e);
        }
    }

    private static SVGGeneratorContext context(Document document) {
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment(null);
        context.setPrecision(PRECISION);
        return context;
    }

    /** Where a command or a sign begins, nothing else needs to say that the number before it is over. */
    private static void shortenPaths(Element element) {
        NodeList paths = element.getElementsByTagName("path");
        for (int i = 0; i < paths.getLength(); i++) {
            Element path = (Element) paths.item(i);
            path.setAttribute("d", shortened(path.getAttribute("d")));
        }
    }

    static String shortened(String path) {
        return path.replaceAll(" (?=[-A-Z])", "");
    }

    /** Ids of several drawings of a page must differ. */
    private static void renameIds(Node node, String prefix) {
        NamedNodeMap attributes = node.getAttributes();
        if (attributes != null) {
            for (int i = 0; i < attributes.getLength(); i++) {
                Attr attribute = (Attr) attributes.item(i);
                if (attribute.getName().equals("id")) {
                    attribute.setValue(prefix + attribute.getValue());
                } else if (attribute.getValue().contains("url(#")) {
                    attribute.setValue(attribute.getValue().replace("url(#", "url(#" + prefix));
                }
            }
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            renameIds(child, prefix);
        }
    }
}
