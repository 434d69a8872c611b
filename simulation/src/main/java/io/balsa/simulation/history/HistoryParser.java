package io.balsa.simulation.history;

/** Understands the lines of one {@link History.Form}. A line that it does not understand is an {@link IllegalArgumentException}. */
interface HistoryParser {
    /** The parser of the form that this line has. */
    static HistoryParser forLine(String line) {
        if (JsonLines.recognizes(line)) {
            return new JsonLines();
        } else if (KeyValueEvents.recognizes(line)) {
            return new KeyValueEvents();
        } else if (JepsenRegisterLog.recognizes(line.strip())) {
            return new JepsenRegisterLog();
        }
        throw new IllegalArgumentException("this is no history: neither JSON lines, nor a Jepsen log of a register,"
                + " nor events of get, put and append");
    }

    /** Takes the next line. */
    void accept(String line);

    /** How many operations there are by now. */
    int size();

    /** All of them; what was not answered is unknown. */
    History finish();
}
