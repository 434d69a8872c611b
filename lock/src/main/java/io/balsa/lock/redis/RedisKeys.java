package io.balsa.lock.redis;

/**
 * The names that locks have at a server. The kind comes before the lock's own name, so that no lock's name can be mistaken for
 * a key of another kind.
 *
 * @param prefix before all of them
 */
record RedisKeys(String prefix) {
    /** Who holds a lock, while it is held: {@code owner:token}. */
    String lock(String key) {
        return prefix + "lock:" + key;
    }

    /** The last token; one for all locks, so that the names of locks of former times leave nothing behind. */
    String token() {
        return prefix + "token";
    }

    /** Set for a while after an owner gave up a request whose outcome it doesn't know: it must not be granted any more. */
    String abandoned(String owner) {
        return prefix + "abandoned:" + owner;
    }

    /** The channel on which releases of a lock are told. */
    String released(String key) {
        return prefix + "released:" + key;
    }
}
