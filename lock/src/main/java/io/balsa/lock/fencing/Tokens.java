package io.balsa.lock.fencing;

/** What can be a fencing token. */
final class Tokens {
    private Tokens() {}

    static void check(long token) {
        if (token < 0) {
            throw new IllegalArgumentException(
                    "the fencing token " + token + " is negative; take it from LockLease.token()");
        }
    }
}
