package io.balsa.simulation.history;

import java.util.List;

/**
 * The part of a history that can't be explained, and how far an explanation gets.
 *
 * @param model by which it was judged
 * @param key the partition that it is about; null where there is only one thing
 * @param partition all operations of that partition that tell something
 * @param prefix those of them up to the first answer that can't be explained; what was not answered by then is unknown
 * @param part the shortest part of the prefix that was found which can't be explained, whatever the others did
 * @param shortness what is known about parts that are shorter
 * @param form of the history
 * @param explained the longest order that was found for the part
 * @param stuck the operations of the part that were answered and found no place in it; the first of them returned first
 */
public record Counterexample(
        String model,
        String key,
        List<Operation> partition,
        List<Operation> prefix,
        List<Operation> part,
        Shortness shortness,
        History.Form form,
        List<Explained> explained,
        List<Operation> stuck) {
    /**
     * One step of an explanation.
     *
     * @param operation what happened
     * @param state what there was after it
     */
    public record Explained(Operation operation, String state) {}

    public Counterexample {
        partition = List.copyOf(partition);
        prefix = List.copyOf(prefix);
        part = List.copyOf(part);
        explained = List.copyOf(explained);
        stuck = List.copyOf(stuck);
    }

    /** Whether the times are nanoseconds; in the foreign forms they are the numbers of the events. */
    public boolean hasTimes() {
        return form == History.Form.JSON_LINES;
    }

    /** The part by itself, to be written into a file. */
    public History partAsHistory() {
        return new History(part);
    }

    /** The state after the longest order; empty if not even the first operation fits. */
    public String lastState() {
        return explained.isEmpty() ? "" : explained.get(explained.size() - 1).state();
    }
}
