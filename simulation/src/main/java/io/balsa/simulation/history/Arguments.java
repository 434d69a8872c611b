package io.balsa.simulation.history;

import java.util.List;

/** Looks at an operation's arguments and output, and says what is wrong with them. */
final class Arguments {
    private Arguments() {}

    static IllegalArgumentException unknownOperation(String model, String known) {
        return new IllegalArgumentException("the model " + model + " knows " + known);
    }

    static void count(Operation operation, int least, int most) {
        int size = operation.args().size();
        if (size < least || size > most) {
            String right = least == most ? Integer.toString(least) : least + " to " + most;
            throw new IllegalArgumentException(operation.op() + " has " + right + " args, not " + size);
        }
    }

    static void text(Operation operation, int position) {
        if (!(operation.arg(position) instanceof String)) {
            throw wrong(operation, "args[" + position + "] is a text", operation.arg(position));
        }
    }

    static void number(Operation operation, int position) {
        if (!(operation.arg(position) instanceof Long)) {
            throw wrong(operation, "args[" + position + "] is a whole number", operation.arg(position));
        }
    }

    /** The output is nothing, or one of these types. */
    static void output(Operation operation, String description, Class<?>... types) {
        Object output = operation.output();
        if (output == null) {
            return;
        }
        for (Class<?> type : types) {
            if (type.isInstance(output)) {
                return;
            }
        }
        throw wrong(operation, "its output is " + description, output);
    }

    /** A value and a whole number. */
    static boolean isRevisioned(Object output) {
        return output instanceof List<?> items && items.size() == 2 && items.get(1) instanceof Long;
    }

    static IllegalArgumentException wrong(Operation operation, String right, Object is) {
        return new IllegalArgumentException(operation.op() + ": " + right + ", not " + Values.text(is));
    }
}
