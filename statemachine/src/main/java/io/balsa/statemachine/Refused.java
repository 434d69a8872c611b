package io.balsa.statemachine;

import io.balsa.statemachine.proto.Error;

/** Says why a command or query is refused; thrown before anything is changed, and becomes its typed result. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Error error;

    private Refused(Error.Code code, String message) {
        // Expected and frequent: nobody looks at its stack.
        super(message, null, false, false);
        error = Error.newBuilder().setCode(code).setMessage(message).build();
    }

    static Refused invalid(String message) {
        return new Refused(Error.Code.INVALID, message);
    }

    static Refused limit(String message) {
        return new Refused(Error.Code.LIMIT, message);
    }

    static Refused sessionExpired() {
        return new Refused(Error.Code.SESSION_EXPIRED, "no such session: it expired or was closed");
    }

    static Refused alreadyAcknowledged() {
        return new Refused(Error.Code.ALREADY_ACKNOWLEDGED, "the sequence number was acknowledged before");
    }

    static Refused tooManyOutstanding() {
        return new Refused(
                Error.Code.TOO_MANY_OUTSTANDING, "the session has too many results that it did not acknowledge");
    }

    static Refused outOfRange(long value, long delta) {
        return new Refused(
                Error.Code.OUT_OF_RANGE,
                "the counter is " + value + ", and with " + delta + " added it would have more than 64 bits");
    }

    Error error() {
        return error;
    }
}
