package io.balsa.raft.core;

import java.util.Optional;

/**
 * Hands the leadership over (thesis, section 3.10): takes no more proposals, waits until the target's log is complete, and
 * asks it to campaign at once. If it does not within an election timeout, this leader goes on.
 */
final class LeadershipTransfer {
    private final ServerState server;
    private final Replication replication;
    private NodeId target;
    private long requestId;
    private long startedMillis;

    LeadershipTransfer(ServerState server, Replication replication) {
        this.server = server;
        this.replication = replication;
    }

    boolean isUnderWay() {
        return target != null;
    }

    void start(Input.TransferLeadership request) {
        if (isUnderWay()) {
            refuse(request, Ready.Refusal.Reason.NOT_YET, "the leadership is being transferred to " + target);
            return;
        }
        Optional<NodeId> chosen = request.target().isPresent() ? request.target() : replication.mostUpToDateVoter();
        if (chosen.isEmpty()) {
            refuse(request, Ready.Refusal.Reason.NOT_YET, "no other voter answers");
        } else if (chosen.get().equals(server.self)) {
            server.outbox.outcome(request.requestId(), Ready.Outcome.Result.DONE);
        } else if (!server.configuration().voters().contains(chosen.get())) {
            refuse(request, Ready.Refusal.Reason.INVALID, chosen.get() + " is no voter of this group");
        } else {
            target = chosen.get();
            requestId = request.requestId();
            startedMillis = server.nowMillis;
            goOn();
        }
    }

    private void refuse(Input.TransferLeadership request, Ready.Refusal.Reason reason, String detail) {
        server.outbox.refused(request.requestId(), reason, detail);
    }

    /** Asks the target to campaign when it has everything; again whenever it answers, for a message may be lost. */
    void goOn() {
        if (isUnderWay() && replication.hasWholeLog(target)) {
            replication.handOver(target);
        }
    }

    void tick() {
        if (isUnderWay() && server.nowMillis - startedMillis >= server.options.electionTimeoutMillis()) {
            end(Ready.Outcome.Result.TIMED_OUT);
        }
    }

    /**
     * The leadership has ended.
     *
     * @param superseded whether by another server's later term
     */
    void leadershipEnded(boolean superseded) {
        if (isUnderWay()) {
            end(superseded ? Ready.Outcome.Result.DONE : Ready.Outcome.Result.UNKNOWN);
        }
    }

    private void end(Ready.Outcome.Result result) {
        target = null;
        server.outbox.outcome(requestId, result);
    }
}
