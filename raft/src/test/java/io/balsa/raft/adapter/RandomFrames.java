package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.MemberProgress;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.ReadConsistency;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/** Makes valid messages, requests and responses of every kind with random content. */
final class RandomFrames {
    private final RandomGenerator random;

    RandomFrames(long seed) {
        this.random = new Random(seed);
    }

    List<Message> everyMessage(NodeId from, NodeId to) {
        long term = positive();
        long lastIndex = random.nextBoolean() ? 0 : positive();
        long lastTerm = lastIndex == 0 ? 0 : random.nextLong(1, term + 1);
        return List.of(
                new Message.PreVote(from, to, term, lastIndex, lastTerm),
                new Message.PreVoteResponse(from, to, notNegative(), random.nextBoolean()),
                new Message.RequestVote(from, to, term, lastIndex, lastTerm, random.nextBoolean()),
                new Message.RequestVoteResponse(from, to, notNegative(), random.nextBoolean()),
                appendEntries(from, to, term, random.nextInt(5)),
                new Message.AppendEntries(
                        from, to, term, lastIndex, lastTerm, List.of(), notNegative(), notNegative(), notNegative()),
                new Message.AppendEntriesAccepted(from, to, notNegative(), notNegative(), notNegative(), notNegative()),
                new Message.AppendEntriesRejected(
                        from,
                        to,
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        notNegative()),
                new Message.TimeoutNow(from, to, term),
                installSnapshot(from, to, term),
                new Message.InstallSnapshotResponse(from, to, notNegative(), notNegative(), notNegative()),
                new Message.ReadIndexRequest(from, to, notNegative(), random.nextLong()),
                new Message.ReadIndexResponse(from, to, notNegative(), random.nextLong(), notNegative()));
    }

    private Message.InstallSnapshot installSnapshot(NodeId from, NodeId to, long term) {
        byte[] data = bytes();
        long sizeBytes = positive();
        long offset = random.nextLong(Math.min(sizeBytes, Long.MAX_VALUE / 2));
        SnapshotMetadata metadata =
                new SnapshotMetadata(positive(), random.nextLong(1, term + 1), notNegative(), configuration());
        SnapshotDescription description =
                new SnapshotDescription(metadata, offset + data.length + 1, random.nextLong());
        return new Message.InstallSnapshot(from, to, term, description, offset, data, random.nextInt());
    }

    private Configuration configuration() {
        NodeId voter = nodeId();
        Map<NodeId, String> addresses =
                random.nextBoolean() ? Map.of() : Map.of(voter, "10.0.0.1:" + random.nextInt(99));
        return new Configuration(
                List.of(voter),
                random.nextBoolean() ? List.of() : List.of(NodeId.of("old")),
                random.nextBoolean() ? List.of() : List.of(NodeId.of("learner")),
                random.nextBoolean() ? List.of() : List.of(NodeId.of("gone")),
                addresses);
    }

    Message.AppendEntries appendEntries(NodeId from, NodeId to, long term, int count) {
        long previousIndex = random.nextBoolean() ? 0 : random.nextLong(1, Long.MAX_VALUE - count);
        long previousTerm = previousIndex == 0 ? 0 : random.nextLong(1, term + 1);
        List<LogEntry> entries = new ArrayList<>();
        long entryTerm = Math.max(1, previousTerm);
        long timeMillis = 0;
        for (int i = 1; i <= count; i++) {
            entryTerm = entryTerm == term ? term : random.nextLong(entryTerm, term + 1);
            timeMillis += random.nextInt(1000);
            EntryType type = any(EntryType.class);
            byte[] payload =
                    switch (type) {
                        case COMMAND -> bytes();
                        case CONFIGURATION -> configuration().encode();
                        case NO_OP, CLOCK -> new byte[0];
                    };
            entries.add(new LogEntry(previousIndex + i, entryTerm, type, timeMillis, payload));
        }
        return new Message.AppendEntries(
                from, to, term, previousIndex, previousTerm, entries, notNegative(), notNegative(), notNegative());
    }

    List<ClientRequest> everyRequest() {
        ReadConsistency consistency = any(ReadConsistency.class);
        return List.of(
                new ClientRequest.Propose(bytes()),
                new ClientRequest.Read(consistency, notNegative(), bytes(), positive()),
                new ClientRequest.Status(),
                new ClientRequest.ChangeMembership(change()),
                new ClientRequest.TransferLeadership(random.nextBoolean() ? Optional.empty() : Optional.of(nodeId())));
    }

    List<ClientResponse> everyResponse() {
        Optional<LeaderHint> leader = random.nextBoolean()
                ? Optional.empty()
                : Optional.of(new LeaderHint(nodeId(), "host:" + random.nextInt(100)));
        List<MemberProgress> progress = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            progress.add(new MemberProgress(
                    nodeId(), random.nextBoolean(), notNegative(), random.nextBoolean(), "PROBE", notNegative()));
        }
        Role role = any(Role.class);
        return List.of(
                new ClientResponse.Applied(notNegative(), bytes()),
                new ClientResponse.Answer(notNegative(), bytes()),
                new ClientResponse.Status(new NodeStatus(
                        "cluster-" + random.nextInt(),
                        nodeId(),
                        role,
                        notNegative(),
                        leader,
                        random.nextBoolean() ? Configuration.EMPTY : configuration(),
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        notNegative(),
                        progress,
                        random.nextBoolean()
                                ? Optional.empty()
                                : Optional.of(
                                        new Exclusion(any(Exclusion.Reason.class), "to do " + random.nextInt())))),
                new ClientResponse.Done(),
                new ClientResponse.Refused(random.nextBoolean(), "reason " + random.nextInt()),
                new ClientResponse.TransferTimedOut(),
                new ClientResponse.NotLeader(leader),
                new ClientResponse.Busy(),
                new ClientResponse.Unavailable("reason " + random.nextInt()),
                new ClientResponse.Invalid(""),
                new ClientResponse.ReadTimedOut(),
                new ClientResponse.Unknown("ü" + random.nextInt()));
    }

    private MembershipChange change() {
        return switch (random.nextInt(4)) {
            case 0 -> new MembershipChange.AddLearner(nodeId(), random.nextBoolean() ? "" : "host:7101");
            case 1 -> new MembershipChange.Promote(nodeId());
            case 2 -> new MembershipChange.Remove(nodeId());
            default -> new MembershipChange.Replace(nodeId(), nodeId());
        };
    }

    NodeId nodeId() {
        return NodeId.of("node-" + random.nextInt(1_000_000));
    }

    byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private long positive() {
        return switch (random.nextInt(3)) {
            case 0 -> 1;
            case 1 -> random.nextLong(1, 1000);
            default -> random.nextLong(1, Long.MAX_VALUE);
        };
    }

    private long notNegative() {
        return random.nextInt(4) == 0 ? 0 : positive();
    }

    private <T> T any(Class<T> enumeration) {
        T[] constants = enumeration.getEnumConstants();
        return constants[random.nextInt(constants.length)];
    }
}
