package io.balsa.simulation.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a history of any {@link History.Form}, line by line; the content tells which form it is.
 *
 * <p>Bounded: a longer line or more operations than the limits is an error, not a full memory.
 */
public final class HistoryReader {
    private static final int MAX_LINE_CHARS = 1 << 20;
    private static final int MAX_OPERATIONS = 5_000_000;

    private final String source;
    private final BufferedReader in;
    private int lineNumber;

    private HistoryReader(String source, Reader in) {
        this.source = source;
        this.in = in instanceof BufferedReader buffered ? buffered : new BufferedReader(in);
    }

    /**
     * Reads a file.
     *
     * @throws HistoryFormatException if a line can't be understood
     */
    public static History read(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return read(file.toString(), in);
        }
    }

    /**
     * Reads all there is.
     *
     * @param source the name by which errors call it
     * @throws HistoryFormatException if a line can't be understood
     */
    public static History read(String source, Reader in) throws IOException {
        return new HistoryReader(source, in).read();
    }

    private History read() throws IOException {
        HistoryParser parser = null;
        for (String line = nextLine(); line != null; line = nextLine()) {
            if (line.isBlank()) {
                continue;
            }
            try {
                if (parser == null) {
                    parser = HistoryParser.forLine(line);
                }
                parser.accept(line);
            } catch (IllegalArgumentException e) {
                throw new HistoryFormatException(source, lineNumber, e.getMessage(), e);
            }
            if (parser.size() > MAX_OPERATIONS) {
                throw new HistoryFormatException(source, lineNumber, "more than " + MAX_OPERATIONS + " operations");
            }
        }
        if (parser == null) {
            throw new HistoryFormatException(source, Math.max(1, lineNumber), "there is no operation in it");
        }
        return parser.finish();
    }

    private String nextLine() throws IOException {
        lineNumber++;
        StringBuilder line = new StringBuilder();
        try {
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    return line.isEmpty() ? null : line.toString();
                }
                if (line.length() >= MAX_LINE_CHARS) {
                    throw new HistoryFormatException(
                            source, lineNumber, "the line has more than " + MAX_LINE_CHARS + " characters");
                }
                line.append((char) c);
            }
        } catch (MalformedInputException e) {
            throw new HistoryFormatException(source, lineNumber, "it is not UTF-8 text", e);
        }
        return line.toString();
    }
}
