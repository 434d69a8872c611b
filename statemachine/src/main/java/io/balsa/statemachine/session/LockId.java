package io.balsa.statemachine.session;

import java.util.Objects;

/**
 * Names one holding of a lock, in this process or another: {@code session-holder-token@name} as text.
 *
 * @param name the lock
 * @param session the session that it is bound to
 * @param holder which of the session's handles holds it
 * @param token the fencing token of this holding, larger than that of every earlier one of any lock
 */
public record LockId(String name, long session, long holder, long token) {
    public LockId {
        Objects.requireNonNull(name, "name");
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static LockId parse(String text) {
        int at = text.indexOf('@');
        String[] numbers = at < 0 ? new String[0] : text.substring(0, at).split("-", -1);
        if (numbers.length != 3 || at == text.length() - 1) {
            throw notAnId(text);
        }
        try {
            return new LockId(
                    text.substring(at + 1),
                    Long.parseUnsignedLong(numbers[0]),
                    Long.parseUnsignedLong(numbers[1]),
                    Long.parseUnsignedLong(numbers[2]));
        } catch (NumberFormatException e) {
            throw notAnId(text);
        }
    }

    private static IllegalArgumentException notAnId(String text) {
        return new IllegalArgumentException(
                "a lease id looks like 17-1-42@orders (session-holder-token@name), unlike '" + text + "'");
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(session)
                + "-"
                + Long.toUnsignedString(holder)
                + "-"
                + Long.toUnsignedString(token)
                + "@"
                + name;
    }
}
