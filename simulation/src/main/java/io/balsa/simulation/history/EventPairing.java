package io.balsa.simulation.history;

import io.balsa.simulation.history.History.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes operations out of the invocations and completions of a foreign history. The number of the event is its time, for
 * these histories tell none.
 */
final class EventPairing {
    private final Map<String, Invocation> pending = new LinkedHashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private long events;

    /** What a process asked. */
    private record Invocation(String op, String key, List<Object> args, long callNanos) {}

    void invoke(String process, String op, String key, List<Object> args) {
        events++;
        if (pending.putIfAbsent(process, new Invocation(op, key, args, events)) != null) {
            throw new IllegalArgumentException("process " + process + " asks again before it was answered");
        }
    }

    /** What the process asked has ended. */
    void complete(String process, String op, Status status, Object output) {
        Invocation invocation = pending.remove(process);
        if (invocation == null || !invocation.op.equals(op)) {
            throw new IllegalArgumentException("process " + process + " is answered, but did not ask for " + op);
        }
        events++;
        add(process, invocation, status == Status.INFO ? Operation.NEVER : events, status, output);
    }

    private void add(String process, Invocation asked, long returnNanos, Status status, Object output) {
        operations.add(
                new Operation(process, asked.op, asked.key, asked.args, asked.callNanos, returnNanos, status, output));
    }

    int size() {
        return operations.size() + pending.size();
    }

    History finish(Form form) {
        pending.forEach((process, invocation) -> add(process, invocation, Operation.NEVER, Status.INFO, null));
        pending.clear();
        return new History(form, operations);
    }
}
