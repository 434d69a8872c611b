package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.LockMode;

/** Refuses commands for locks that are wrong in themselves, or do not fit to what the lock is. */
final class LockChecks {
    private final StateMachineLimits limits;
    private final Checks checks;

    LockChecks(StateMachineLimits limits) {
        this.limits = limits;
        this.checks = new Checks(limits);
    }

    void name(String name) throws Refused {
        checks.name("the lock's name", name);
    }

    void ttl(long ttlMillis) throws Refused {
        checks.ttl(ttlMillis);
    }

    /** Whether the command makes sense, whatever lock it meets. */
    void acquire(AcquireLock command) throws Refused {
        name(command.getName());
        ttl(command.getTtlMillis());
        checks.waitMillis(command.getWaitMillis());
        switch (command.getMode()) {
            case LOCK_MODE_EXCLUSIVE, LOCK_MODE_SHARED -> {
                if (command.getPermits() != 0 || command.getCapacity() != 0) {
                    throw Refused.invalid("permits or a capacity are given in mode " + nameOf(command.getMode())
                            + ", which has none");
                }
            }
            case LOCK_MODE_PERMITS -> semaphore(command.getPermits(), command.getCapacity());
            case UNRECOGNIZED -> throw Refused.invalid("there is no mode " + command.getModeValue() + " of locks");
        }
        if (bytes(command.getData()) > limits.maxHolderDataBytes()) {
            throw Refused.invalid("the holder's data have more than " + limits.maxHolderDataBytes() + " bytes");
        }
    }

    /** Unsigned on the wire: what is too large for an {@code int} is negative here. */
    private void semaphore(int permits, int capacity) throws Refused {
        if (capacity < 1 || capacity > limits.maxPermits()) {
            throw Refused.invalid("the capacity is not from 1 to " + limits.maxPermits());
        }
        if (permits < 1 || permits > capacity) {
            throw Refused.invalid("permits is not from 1 to the capacity, " + capacity);
        }
    }

    /** A lock is used as something else than it is. */
    static Refused otherKind(NamedLock lock, AcquireLock command) {
        return Refused.invalid("lock '" + lock.name() + "' is " + kind(lock.capacity()) + ", not "
                + kind(command.getCapacity()) + "; it is so as long as anybody holds it or waits for it");
    }

    private static String kind(int capacity) {
        return capacity == NamedLock.NO_PERMITS
                ? "a mutex or read-write lock"
                : "a semaphore with " + capacity + " permits";
    }

    /** A handle that has its part already asks once more: only in the same mode can that be meant. */
    static void again(String does, String name, LockMode present, LockMode wanted) throws Refused {
        if (present != wanted) {
            throw Refused.invalid("the handle " + does + " lock '" + name + "' in mode " + nameOf(present)
                    + " and would wait for itself in mode " + nameOf(wanted) + "; release or cancel it first");
        }
        if (wanted == LockMode.LOCK_MODE_PERMITS) {
            throw Refused.invalid("the handle " + does + " permits of '" + name
                    + "' already, and a semaphore is not reentrant; take more by another handle");
        }
    }

    private static String nameOf(LockMode mode) {
        return switch (mode) {
            case LOCK_MODE_EXCLUSIVE -> "exclusive";
            case LOCK_MODE_SHARED -> "shared";
            case LOCK_MODE_PERMITS -> "permits";
            case UNRECOGNIZED -> "unknown";
        };
    }

    /** How many bytes a string has on the wire. */
    static int bytes(String data) {
        return data.isEmpty() ? 0 : ByteString.copyFromUtf8(data).size();
    }
}
