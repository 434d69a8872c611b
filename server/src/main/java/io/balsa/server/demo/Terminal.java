package io.balsa.server.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Shows progress on one line that is drawn again where a terminal is, and as now and then a plain line where not.
 *
 * <p>Thread-safe.
 */
public final class Terminal {
    private static final int DEFAULT_WIDTH = 80;
    private static final int MIN_WIDTH = 20;
    private static final long PLAIN_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PrintStream out;
    private final boolean interactive;
    private final int width;
    private int drawnLength;
    private long plainPrintedNanos;

    Terminal(PrintStream out, boolean interactive, int width) {
        this.out = out;
        this.interactive = interactive;
        this.width = Math.max(MIN_WIDTH, width);
        plainPrintedNanos = System.nanoTime() - PLAIN_INTERVAL_NANOS;
    }

    /** The terminal that this process prints its results to, if it does print to one. */
    public static Terminal ofThisProcess() {
        return of(System.out, "test -t 1");
    }

    /** The terminal that this process tells other things than results to, if it does tell them to one. */
    public static Terminal ofStandardError() {
        return of(System.err, "test -t 2");
    }

    private static Terminal of(PrintStream out, String isTerminal) {
        boolean interactive = succeeds(isTerminal);
        return new Terminal(out, interactive, interactive ? widthOfTerminal() : DEFAULT_WIDTH);
    }

    /** How many columns it has. */
    public int width() {
        return width;
    }

    /** Shows how things stand; the next call or line replaces it. */
    public synchronized void progress(String text) {
        if (interactive) {
            String shown = text.length() < width ? text : text.substring(0, width - 2) + "…";
            out.print('\r' + shown + " ".repeat(Math.max(0, drawnLength - shown.length())));
            out.flush();
            drawnLength = shown.length();
        } else if (System.nanoTime() - plainPrintedNanos >= PLAIN_INTERVAL_NANOS) {
            plainPrintedNanos = System.nanoTime();
            out.println(text);
        }
    }

    /** Prints a line that stays. */
    public synchronized void line(String text) {
        clear();
        out.println(text);
    }

    /** Removes the progress line. */
    public synchronized void clear() {
        if (drawnLength > 0) {
            out.print('\r' + " ".repeat(drawnLength) + '\r');
            out.flush();
            drawnLength = 0;
        }
    }

    private static int widthOfTerminal() {
        try {
            Process process = new ProcessBuilder("sh", "-c", "stty size </dev/tty")
                    .redirectError(Redirect.DISCARD)
                    .start();
            String size = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
            if (size.matches("\\d+ \\d+")) {
                return Integer.parseInt(size.substring(size.indexOf(' ') + 1));
            }
        } catch (IOException e) {
            return DEFAULT_WIDTH; // No shell, no width: the usual one will do.
        }
        return DEFAULT_WIDTH;
    }

    private static boolean succeeds(String command) {
        try {
            return new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
