package io.balsa.lock.zookeeper;

import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** What it means when a request to ZooKeeper fails. */
final class Failures {
    private Failures() {}

    /** What {@link Requests} failed with. Anything else is a defect, and takes the place of an answer all the same. */
    static Code code(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KeeperException keeper ? keeper.code() : Code.SYSTEMERROR;
    }

    /** No answer, or one that a server without a majority gave: it may have been applied or not, and is worth repeating. */
    static boolean isUnanswered(Throwable failure) {
        return switch (code(failure)) {
            case CONNECTIONLOSS,
                    OPERATIONTIMEOUT,
                    REQUESTTIMEOUT,
                    SESSIONMOVED,
                    NEWCONFIGNOQUORUM,
                    THROTTLEDOP,
                    NOTREADONLY -> true;
            default -> false;
        };
    }

    /** The session is over, and all its nodes go with it. */
    static boolean isExpiry(Throwable failure) {
        Code code = code(failure);
        return code == Code.SESSIONEXPIRED || code == Code.SESSIONCLOSEDREQUIRESASLAUTH;
    }

    static boolean isMissing(Throwable failure) {
        return code(failure) == Code.NONODE;
    }

    /** To hand a failure on from within a continuation. */
    static CompletionException completion(Throwable failure) {
        return failure instanceof CompletionException completion ? completion : new CompletionException(failure);
    }

    static String message(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause.getMessage();
    }
}
