package io.balsa.bench.report;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A page, or a drawing, as its reader's program sees it: parsed, which only a well-formed one survives. */
final class Page {
    private final Element root;

    private Page(Element root) {
        this.root = root;
    }

    static Page read(Path file) throws IOException {
        try {
            DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            parser.setErrorHandler(null);
            return new Page(parser.parse(new InputSource(new StringReader(Files.readString(file))))
                    .getDocumentElement());
        } catch (ParserConfigurationException | SAXException e) {
            throw new AssertionError(file + " is not well-formed", e);
        }
    }

    static Page write(RunRecord run, Path directory) throws IOException {
        return read(HtmlReport.write(run, directory));
    }

    static Page writeWithoutFonts(RunRecord run, String obstacle, Path directory) throws IOException {
        return read(new HtmlReport(run, Optional.of(obstacle)).write(directory));
    }

    /** That begins with a heading. */
    Page section(String heading) {
        for (Element section : elements("section")) {
            Page page = new Page(section);
            if (page.texts("h2").equals(List.of(heading))) {
                return page;
            }
        }
        throw new AssertionError("no section is called " + heading + ", of " + texts("h2"));
    }

    String name() {
        return root.getNodeName();
    }

    String text() {
        return root.getTextContent();
    }

    /** Of each element of a name. */
    List<String> texts(String name) {
        return elements(name).stream().map(Node::getTextContent).toList();
    }

    /** The text of each cell of each row that has figures or a remark. */
    List<List<String>> rows() {
        return elements("tr").stream()
                .map(row -> new Page(row).texts("td"))
                .filter(cells -> !cells.isEmpty())
                .toList();
    }

    /** {@code *} is each name. */
    List<Element> elements(String name) {
        NodeList found = root.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }
}
