package io.balsa.bench.report;

import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** An element of a page that is being made. All text goes through the tree of the document, which escapes it. */
final class Markup {
    private static final int REPLACEMENT = 0xfffd;

    private final Element element;

    private Markup(Element element) {
        this.element = element;
    }

    static Markup root(Document document, String name) {
        Element root = document.createElement(name);
        document.appendChild(root);
        return new Markup(root);
    }

    /** Adds an element and returns it. */
    Markup add(String name) {
        Element child = element.getOwnerDocument().createElement(name);
        element.appendChild(child);
        return new Markup(child);
    }

    /** Adds an element with text in it and returns it. */
    Markup add(String name, String text) {
        return add(name).text(text);
    }

    /** Adds text. */
    Markup text(String text) {
        element.appendChild(element.getOwnerDocument().createTextNode(legal(text)));
        return this;
    }

    Markup with(String attribute, String value) {
        element.setAttribute(attribute, legal(value));
        return this;
    }

    /** Adds a copy of an element of another document. */
    void addForeign(Element foreign) {
        element.appendChild(element.getOwnerDocument().importNode(foreign, true));
    }

    /** XML has no way to write control characters, which messages of failures may contain. */
    private static String legal(String text) {
        return text.codePoints()
                .map(character -> isLegal(character) ? character : REPLACEMENT)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isLegal(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character == '\n' || character == '\t';
            case Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
