package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses a log of Jepsen about one register: {@code PROCESS :invoke|:ok|:fail|:info OPERATION VALUE} in each line.
 *
 * <p>A comparison that failed is a result. What timed out is unknown, whatever else the line says; of a read that failed or
 * timed out nothing is known.
 */
final class JepsenRegisterLog implements HistoryParser {
    private static final String PREFIX = "(?:\\S+\\s+jepsen\\.util - )?";
    private static final Pattern EVENT =
            Pattern.compile(PREFIX + "(\\d+)\\s+:(invoke|ok|fail|info)\\s+:(\\S+)\\s+(.+)");
    private static final Pattern OF_THE_NEMESIS = Pattern.compile(PREFIX + ":nemesis\\s.*");
    private static final Pattern OF_OTHERS = Pattern.compile("[A-Z]+\\s+(?!jepsen\\.util\\s)[\\w.]+ - .*");
    private static final Edn.Keyword TIMED_OUT = new Edn.Keyword("timed-out");

    private final EventPairing events = new EventPairing();

    static boolean recognizes(String line) {
        return EVENT.matcher(line).matches()
                || OF_THE_NEMESIS.matcher(line).matches()
                || OF_OTHERS.matcher(line).matches();
    }

    @Override
    public void accept(String line) {
        Matcher event = EVENT.matcher(line.strip());
        if (event.matches()) {
            accept(event.group(1), event.group(2), event.group(3), Edn.read(event.group(4)));
        } else if (!recognizes(line.strip())) {
            throw new IllegalArgumentException("this is no event of a register, such as: 3 :invoke :write 7");
        }
    }

    private void accept(String process, String type, String op, Object value) {
        switch (type) {
            case "invoke" -> events.invoke(process, op, null, args(op, value));
            case "ok" -> events.complete(process, op, Status.OK, output(op, value));
            case "fail" -> fail(process, op, value);
            default -> events.complete(process, op, Status.INFO, null);
        }
    }

    private void fail(String process, String op, Object value) {
        if (op.equals("read")) {
            events.complete(process, op, Status.FAIL, null);
        } else if (value instanceof Edn.Keyword) {
            boolean refused = !value.equals(TIMED_OUT);
            events.complete(process, op, refused ? Status.FAIL : Status.INFO, null);
        } else if (op.equals("cas")) {
            events.complete(process, op, Status.OK, false);
        } else {
            events.complete(process, op, Status.FAIL, null);
        }
    }

    private static List<Object> args(String op, Object value) {
        return switch (op) {
            case "read" -> List.of();
            case "write" -> Collections.singletonList(value);
            case "cas" -> {
                if (value instanceof List<?> both && both.size() == 2) {
                    yield new ArrayList<>(both);
                }
                throw new IllegalArgumentException("cas has a value [from to]");
            }
            default -> throw new IllegalArgumentException("a register has :read, :write and :cas, not :" + op);
        };
    }

    private static Object output(String op, Object value) {
        if (value instanceof Edn.Keyword) {
            throw new IllegalArgumentException(":ok comes with a value");
        }
        return op.equals("read") ? value : null;
    }

    @Override
    public int size() {
        return events.size();
    }

    @Override
    public History finish() {
        return events.finish(History.Form.JEPSEN_REGISTER);
    }
}
