package io.balsa.lock.consul;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Objects;
import org.kiwiproject.consul.ConsulException;

/** Says what a failure of Consul's client means: whether the request may have had an effect, and whether trying again may help. */
final class ConsulFailures {
    private static final int CLIENT_ERROR = 400;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private ConsulFailures() {}

    /** Whether Consul refused the request itself, as without a permission: the same request never succeeds. */
    static boolean isRefusal(RuntimeException failure) {
        return failure instanceof TtlSessions.RefusedException
                || (failure instanceof ConsulException consul
                        && consul.hasCode()
                        && consul.getCode() >= CLIENT_ERROR
                        && consul.getCode() < SERVER_ERROR
                        && consul.getCode() != TOO_MANY_REQUESTS);
    }

    /** Whether the request certainly had no effect: it was refused, or never reached an agent. */
    static boolean isWithoutEffect(RuntimeException failure) {
        if (failure instanceof ConsulException consul && consul.hasCode()) {
            // An agent's own failure may be that of the leader, after it began to write.
            return consul.getCode() < SERVER_ERROR;
        }
        Throwable cause = failure.getCause();
        return cause instanceof ConnectException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException;
    }

    /** @param what could not be done, such as "lock 'x' could not be renewed" */
    static RequestException requestFailure(String what, RuntimeException failure) {
        return isWithoutEffect(failure) ? notApplied(what, failure) : outcomeUnknown(what, failure);
    }

    static NotAppliedException notApplied(String what, RuntimeException failure) {
        NotAppliedException notApplied = new NotAppliedException(what + " at Consul: " + reason(failure));
        notApplied.initCause(failure);
        return notApplied;
    }

    static OutcomeUnknownException outcomeUnknown(String what, RuntimeException failure) {
        OutcomeUnknownException unknown =
                new OutcomeUnknownException(what + " for certain at Consul: " + reason(failure));
        unknown.initCause(failure);
        return unknown;
    }

    private static String reason(RuntimeException failure) {
        String message = Objects.toString(failure.getMessage(), failure.toString());
        Throwable cause = failure.getCause();
        if (isRefusal(failure)) {
            return message + "; see the client's token and the agent's limits";
        }
        return message + (cause == null ? "" : " (" + cause + ")")
                + "; is the agent there, and has the cluster a leader?";
    }
}
