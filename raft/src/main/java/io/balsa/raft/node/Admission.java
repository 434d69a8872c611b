package io.balsa.raft.node;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.ReadConsistency;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Lets requests into a node, bounded in number and bytes, and hands each to who works on it. Thread-safe. */
final class Admission {
    private static final int MAX_PENDING_ADMINISTRATION = 64;
    private static final long MAX_READ_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final RaftOptions options;
    private final Clock clock;
    private final Predicate<Pending> leader;
    private final ReadLease lease;
    private final Applier applier;
    private final Outstanding proposals;
    private final Outstanding reads;
    private final Outstanding administration;

    /**
     * Lets requests in from now on.
     *
     * @param leader takes what only a leader can answer, or confirm; false when it is full
     * @param lease of this server while it leads
     * @param applier takes what any replica answers from what it has
     */
    Admission(RaftOptions options, Clock clock, Predicate<Pending> leader, ReadLease lease, Applier applier) {
        this.options = options;
        this.clock = clock;
        this.leader = leader;
        this.lease = lease;
        this.applier = applier;
        proposals = new Outstanding(new Budget(options.maxPendingProposals(), options.maxUncommittedBytes() * 2));
        reads = new Outstanding(new Budget(options.maxPendingReads(), options.inboxBytes()));
        administration = new Outstanding(new Budget(MAX_PENDING_ADMINISTRATION, Long.MAX_VALUE));
    }

    /** Lets a request in, unless it is too large or there are too many. */
    CompletableFuture<ClientResponse> admit(ClientRequest request) {
        if (request instanceof ClientRequest.Propose propose) {
            return admitProposal(propose.command());
        } else if (request instanceof ClientRequest.Read read) {
            return admitRead(read);
        }
        return administration.admit(new AdminRequest(request, administration), leader);
    }

    /** Lets nobody in any more, and answers everyone. */
    void close(String reason) {
        administration.close(reason);
        reads.close(reason);
        proposals.close(reason);
    }

    private CompletableFuture<ClientResponse> admitProposal(byte[] command) {
        if (command.length > options.maxCommandBytes()) {
            return tooLarge("command", command.length);
        }
        return proposals.admit(new Proposal(command, proposals), leader);
    }

    private CompletableFuture<ClientResponse> admitRead(ClientRequest.Read read) {
        if (read.query().length > options.maxCommandBytes()) {
            return tooLarge("query", read.query().length);
        }
        boolean byLease = read.consistency() == ReadConsistency.LEASE;
        PendingRead pending = new PendingRead(
                read.query(),
                read.consistency() == ReadConsistency.SESSION ? read.minIndex() : 0,
                byLease,
                clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(read.timeoutMillis(), MAX_READ_MILLIS)),
                reads);
        return switch (read.consistency()) {
            case LINEARIZABLE -> reads.admit(pending, leader);
            case LEASE -> reads.admit(pending, this::readByLease);
            case SESSION, LOCAL -> reads.admit(pending, ours -> applier.tryServe(ours) || applier.serve(ours));
        };
    }

    private boolean readByLease(PendingRead read) {
        long index = lease.readIndex();
        if (index != ReadLease.NONE) {
            read.confirmedAt(index);
            if (applier.tryServe(read)) {
                return true;
            }
        }
        return leader.test(read);
    }

    private CompletableFuture<ClientResponse> tooLarge(String what, int bytes) {
        return CompletableFuture.completedFuture(new ClientResponse.Invalid(
                "the " + what + " has " + bytes + " bytes; at most " + options.maxCommandBytes() + " are allowed"));
    }
}
