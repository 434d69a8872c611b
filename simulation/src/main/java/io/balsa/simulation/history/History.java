package io.balsa.simulation.history;

import java.util.List;

/**
 * What all clients of one run did, in the order of the file or of the calls.
 *
 * @param form how the file said it, which tells its model in the foreign forms
 */
public record History(Form form, List<Operation> operations) {
    /** How a history is written. */
    public enum Form {
        /** One JSON object in each line, as {@link HistoryWriter} writes it. */
        JSON_LINES,
        /** A log of Jepsen about one register. */
        JEPSEN_REGISTER,
        /** Maps as Clojure writes them, about keys with {@code get}, {@code put} and {@code append}. */
        KEY_VALUE_EVENTS
    }

    public History {
        operations = List.copyOf(operations);
    }

    /** A history of one's own. */
    public History(List<Operation> operations) {
        this(Form.JSON_LINES, operations);
    }

    /** How many operations there are. */
    public int size() {
        return operations.size();
    }
}
