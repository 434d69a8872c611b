package io.balsa.server;

/**
 * Every code with which {@code balsa} ends, and what it means. {@code docs/exit-codes.md} says the same.
 *
 * <p>Balsa's own codes lie at 80 and above: {@code lock run} hands on the code of its command, and few programs use those.
 */
public enum ExitCode {
    OK(0, "It worked. A server that was asked to stop with SIGTERM or SIGINT has stopped cleanly."),
    FAILURE(
            1,
            "Something unforeseen went wrong, and a stack trace says where; or standard output could not be written."),
    USAGE(2, "The command line is wrong."),

    CONFIGURATION(80, "The configuration file cannot be read, or a key or value in it is wrong."),
    CANNOT_LISTEN(81, "The server cannot listen on one of its addresses; mostly, another process does."),
    DATA_DIRECTORY_FOREIGN(82, "The data directory belongs to another cluster or node."),
    DATA_DIRECTORY_IN_USE(83, "Another process uses the data directory."),
    DATA_DIRECTORY_DAMAGED(84, "The data directory is damaged, incomplete, or cannot be read or written."),
    NODE_HALTED(85, "The running server met an error after which it must not go on, such as a failed sync."),
    CHECK_FAILED(86, "A check of `demo` failed, or it could not run to its end."),
    INVARIANT_BROKEN(87, "`simulate` found a seed in which something happened that must never happen."),
    DATA_DAMAGED(88, "`log verify` or `snapshot verify` found damage."),
    HISTORY_UNREADABLE(
            89, "A history cannot be read, or a line in it is wrong, or its operations are not the model's."),

    NOT_APPLIED(90, "The cluster was not reached or refused the request. It had no effect; trying again is safe."),
    OUTCOME_UNKNOWN(91, "The request may have had its effect or not; look before trying again."),
    LOCK_NOT_ACQUIRED(92, "The lock was not free within the time given by --wait."),
    LOCK_LOST(
            93, "The lock was lost: not renewed in time, or released by others. The command of `lock run` has ended."),
    NOT_FOUND(94, "There is no such key, lock lease or service instance."),
    COMPARE_FAILED(
            95,
            "`kv cas` found something else than was expected, or `counter add --latch` would count below 0; nothing changed."),
    NOT_LINEARIZABLE(96, "`history check` judged a history that is not linearizable."),
    VERDICT_UNKNOWN(97, "`history check` could not tell within --limit whether the history is linearizable."),

    CANNOT_EXECUTE(126, "`lock run` could not start its command, though it was found."),
    COMMAND_NOT_FOUND(127, "`lock run` did not find its command.");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** What the process ends with. */
    public int code() {
        return code;
    }

    /** One sentence or two for the reference. */
    public String meaning() {
        return meaning;
    }
}
