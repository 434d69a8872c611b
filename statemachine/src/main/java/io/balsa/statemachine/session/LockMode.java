package io.balsa.statemachine.session;

/** How one holder of a lock gets on with others. */
public enum LockMode {
    /** With nobody: a mutex, or the writer of a read-write lock. */
    EXCLUSIVE,
    /** With others that are {@code SHARED}: a reader of a read-write lock. */
    SHARED,
    /** With others as long as there are permits: a semaphore. */
    PERMITS
}
