package io.balsa.lock.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Counts the answers of several servers until they decide. Thread-safe. */
// Each vote's continuation counts it, and cannot fail.
@SuppressWarnings("FutureReturnValueIgnored")
final class Votes {
    /**
     * What was decided.
     *
     * @param yes how many agreed until then
     * @param no how many disagreed until then
     * @param failures of those who gave no answer until then
     * @param needed how many must be of one opinion
     * @param all how many were asked
     */
    record Result(int yes, int no, List<RequestFailure> failures, int needed, int all) {
        Result {
            failures = List.copyOf(failures);
        }

        /** Enough agreed. */
        boolean isCarried() {
            return yes >= needed;
        }

        /** So many disagreed that it can't be carried, whatever the others say. */
        boolean isRejected() {
            return no > all - needed;
        }

        private boolean isDecided() {
            return isCarried() || isRejected() || yes + no + failures.size() == all;
        }
    }

    private final List<RequestFailure> failures = new ArrayList<>();
    private final CompletableFuture<Result> decided = new CompletableFuture<>();
    private final int needed;
    private final int all;
    private int yes;
    private int no;

    private Votes(int needed, int all) {
        this.needed = needed;
        this.all = all;
    }

    /**
     * Completes as soon as the rest of the votes can't change anything, or all are there.
     *
     * @param votes fail by {@link RequestFailure} only
     */
    static CompletableFuture<Result> count(List<CompletableFuture<Boolean>> votes, int needed) {
        Votes count = new Votes(needed, votes.size());
        votes.forEach(vote -> vote.whenComplete(count::add));
        return count.decided;
    }

    private void add(Boolean vote, Throwable failure) {
        Result result;
        synchronized (this) {
            if (failure != null) {
                failures.add(RequestFailure.from(failure));
            } else if (vote) {
                yes++;
            } else {
                no++;
            }
            result = new Result(yes, no, failures, needed, all);
        }
        if (result.isDecided()) {
            decided.complete(result);
        }
    }
}
