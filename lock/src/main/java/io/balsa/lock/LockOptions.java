package io.balsa.lock;

/**
 * How leases behave. Immutable.
 *
 * @param autoRenew whether a lease renews itself, after a third of its time to live, until it is released or lost
 */
public record LockOptions(boolean autoRenew) {
    private static final LockOptions DEFAULTS = new LockOptions(false);

    /** A lease ends after its time to live unless it is renewed by hand. */
    public static LockOptions defaults() {
        return DEFAULTS;
    }

    /** The same with automatic renewal or without. */
    public LockOptions withAutoRenew(boolean newAutoRenew) {
        return new LockOptions(newAutoRenew);
    }
}
