package io.balsa.statemachine;

/** Something that ends at a replicated time unless it is removed or put off before; {@link Deadlines} keeps it in order. */
abstract class Timed {
    /** What ends, in the order in which things of the same deadline end. */
    enum Kind {
        SESSION,
        LOCK,
        WAITER
    }

    private final Kind kind;
    private final long id;
    private long deadlineMillis;

    /** Where {@link Deadlines} has it; -1 when it is not there. */
    private int position = -1;

    /** @param id unique within the kind: the index of the entry that made it */
    Timed(Kind kind, long id) {
        this.kind = kind;
        this.id = id;
    }

    final Kind kind() {
        return kind;
    }

    final long id() {
        return id;
    }

    final long deadlineMillis() {
        return deadlineMillis;
    }

    final void deadlineMillis(long newDeadlineMillis) {
        deadlineMillis = newDeadlineMillis;
    }

    final int position() {
        return position;
    }

    final void position(int newPosition) {
        position = newPosition;
    }

    /** A total order without ties, so that every server ends things in the same order. */
    final boolean endsBefore(Timed other) {
        if (deadlineMillis != other.deadlineMillis) {
            return deadlineMillis < other.deadlineMillis;
        }
        if (kind != other.kind) {
            return kind.compareTo(other.kind) < 0;
        }
        return id < other.id;
    }
}
