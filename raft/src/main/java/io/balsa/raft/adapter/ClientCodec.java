package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.ProtobufCodec.nodeId;
import static io.balsa.raft.adapter.ProtobufCodec.notNegative;
import static io.balsa.raft.adapter.ProtobufCodec.require;
import static io.balsa.raft.adapter.ProtobufCodec.wrap;

import com.google.protobuf.CodedOutputStream;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MemberProgress;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns requests of clients and their answers into protobuf and back, as strictly as {@link ProtobufCodec}. */
public final class ClientCodec {
    private ClientCodec() {}

    /** The bytes of a request, without a length. */
    public static byte[] encode(long correlationId, ClientRequest request) {
        int size = CommonFrames.size(correlationId, request);
        if (size == CommonFrames.NOT_COMMON) {
            return toFrame(correlationId, request).toByteArray();
        }
        byte[] bytes = new byte[size];
        CommonFrames.write(CodedOutputStream.newInstance(bytes), correlationId, request);
        return bytes;
    }

    /** The bytes of a response, without a length. */
    public static byte[] encode(long correlationId, ClientResponse response) {
        int size = CommonFrames.size(correlationId, response);
        if (size == CommonFrames.NOT_COMMON) {
            return toFrame(correlationId, response).toByteArray();
        }
        byte[] bytes = new byte[size];
        CommonFrames.write(CodedOutputStream.newInstance(bytes), correlationId, response);
        return bytes;
    }

    /**
     * Reads a request.
     *
     * @throws MalformedFrameException if the bytes are not a request that a correct client sends
     */
    public static ClientRequest decodeRequest(byte[] bytes) throws MalformedFrameException {
        CommonFrames.Numbered<ClientRequest> common = CommonFrames.readRequest(bytes, bytes.length);
        return common != null ? common.content() : fromFrame(ProtobufCodec.parse(ClientRequestFrame.parser(), bytes));
    }

    /**
     * Reads a response.
     *
     * @throws MalformedFrameException if the bytes are not a response that a correct server sends
     */
    public static ClientResponse decodeResponse(byte[] bytes) throws MalformedFrameException {
        CommonFrames.Numbered<ClientResponse> common = CommonFrames.readResponse(bytes, bytes.length);
        return common != null ? common.content() : fromFrame(ProtobufCodec.parse(ClientResponseFrame.parser(), bytes));
    }

    static ClientRequestFrame toFrame(long correlationId, ClientRequest request) {
        ClientRequestFrame.Builder frame = ClientRequestFrame.newBuilder().setCorrelationId(correlationId);
        if (request instanceof ClientRequest.Propose r) {
            frame.setPropose(ClientRequestFrame.Propose.newBuilder().setCommand(wrap(r.command())));
        } else if (request instanceof ClientRequest.Read r) {
            frame.setRead(ClientRequestFrame.Read.newBuilder()
                    .setConsistency(toProto(r.consistency()))
                    .setMinIndex(r.minIndex())
                    .setQuery(wrap(r.query()))
                    .setTimeoutMillis(r.timeoutMillis()));
        } else if (request instanceof ClientRequest.Status) {
            frame.setStatus(ClientRequestFrame.Status.getDefaultInstance());
        } else if (request instanceof ClientRequest.ChangeMembership r) {
            frame.setChangeMembership(toProto(r.change()));
        } else if (request instanceof ClientRequest.TransferLeadership r) {
            frame.setTransferLeadership(ClientRequestFrame.TransferLeadership.newBuilder()
                    .setTarget(r.target().map(NodeId::value).orElse("")));
        } else {
            throw new IllegalArgumentException("no protobuf for " + request.getClass());
        }
        return frame.build();
    }

    static ClientRequest fromFrame(ClientRequestFrame frame) throws MalformedFrameException {
        return switch (frame.getRequestCase()) {
            case PROPOSE ->
                new ClientRequest.Propose(frame.getPropose().getCommand().toByteArray());
            case READ -> {
                ClientRequestFrame.Read read = frame.getRead();
                yield read(
                        read.getConsistency(),
                        read.getMinIndex(),
                        read.getQuery().toByteArray(),
                        read.getTimeoutMillis());
            }
            case STATUS -> new ClientRequest.Status();
            case CHANGE_MEMBERSHIP -> new ClientRequest.ChangeMembership(fromProto(frame.getChangeMembership()));
            case TRANSFER_LEADERSHIP -> {
                String target = frame.getTransferLeadership().getTarget();
                yield new ClientRequest.TransferLeadership(
                        target.isEmpty() ? Optional.empty() : Optional.of(nodeId(target)));
            }
            case KEEP_ALIVE, REQUEST_NOT_SET -> throw new MalformedFrameException("a frame without a known request");
        };
    }

    static ClientRequest.Read read(
            ClientRequestFrame.Read.Consistency consistency, long minIndex, byte[] query, long timeoutMillis)
            throws MalformedFrameException {
        require(timeoutMillis > 0, "a read without a timeout");
        return new ClientRequest.Read(
                fromProto(consistency), notNegative(minIndex, "minimal index"), query, timeoutMillis);
    }

    static ClientResponseFrame toFrame(long correlationId, ClientResponse response) {
        ClientResponseFrame.Builder frame = ClientResponseFrame.newBuilder().setCorrelationId(correlationId);
        if (response instanceof ClientResponse.Applied r) {
            frame.setApplied(
                    ClientResponseFrame.Applied.newBuilder().setIndex(r.index()).setResult(wrap(r.result())));
        } else if (response instanceof ClientResponse.Answer r) {
            frame.setAnswer(ClientResponseFrame.Answer.newBuilder()
                    .setAppliedIndex(r.appliedIndex())
                    .setAnswer(wrap(r.answer())));
        } else if (response instanceof ClientResponse.Status r) {
            frame.setStatus(toProto(r.status()));
        } else if (response instanceof ClientResponse.NotLeader r) {
            ClientResponseFrame.NotLeader.Builder notLeader = ClientResponseFrame.NotLeader.newBuilder();
            r.leader().ifPresent(hint -> notLeader.setLeader(toProto(hint)));
            frame.setNotLeader(notLeader);
        } else if (response instanceof ClientResponse.Busy) {
            frame.setBusy(ClientResponseFrame.Busy.getDefaultInstance());
        } else if (response instanceof ClientResponse.Unavailable r) {
            frame.setUnavailable(ClientResponseFrame.Unavailable.newBuilder().setReason(r.reason()));
        } else if (response instanceof ClientResponse.Invalid r) {
            frame.setInvalid(ClientResponseFrame.Invalid.newBuilder().setReason(r.reason()));
        } else if (response instanceof ClientResponse.ReadTimedOut) {
            frame.setReadTimedOut(ClientResponseFrame.ReadTimedOut.getDefaultInstance());
        } else if (response instanceof ClientResponse.Unknown r) {
            frame.setUnknown(ClientResponseFrame.Unknown.newBuilder().setReason(r.reason()));
        } else if (response instanceof ClientResponse.Done) {
            frame.setDone(ClientResponseFrame.Done.getDefaultInstance());
        } else if (response instanceof ClientResponse.Refused r) {
            frame.setRefused(ClientResponseFrame.Refused.newBuilder()
                    .setTryAgain(r.tryAgain())
                    .setReason(r.reason()));
        } else if (response instanceof ClientResponse.TransferTimedOut) {
            frame.setTransferTimedOut(ClientResponseFrame.TransferTimedOut.getDefaultInstance());
        } else {
            throw new IllegalArgumentException("no protobuf for " + response.getClass());
        }
        return frame.build();
    }

    static ClientResponse fromFrame(ClientResponseFrame frame) throws MalformedFrameException {
        return switch (frame.getResponseCase()) {
            case APPLIED ->
                new ClientResponse.Applied(
                        notNegative(frame.getApplied().getIndex(), "index"),
                        frame.getApplied().getResult().toByteArray());
            case ANSWER ->
                new ClientResponse.Answer(
                        notNegative(frame.getAnswer().getAppliedIndex(), "applied index"),
                        frame.getAnswer().getAnswer().toByteArray());
            case STATUS -> new ClientResponse.Status(fromProto(frame.getStatus()));
            case NOT_LEADER -> {
                ClientResponseFrame.NotLeader notLeader = frame.getNotLeader();
                yield new ClientResponse.NotLeader(
                        notLeader.hasLeader() ? Optional.of(fromProto(notLeader.getLeader())) : Optional.empty());
            }
            case BUSY -> new ClientResponse.Busy();
            case UNAVAILABLE ->
                new ClientResponse.Unavailable(frame.getUnavailable().getReason());
            case INVALID -> new ClientResponse.Invalid(frame.getInvalid().getReason());
            case READ_TIMED_OUT -> new ClientResponse.ReadTimedOut();
            case UNKNOWN -> new ClientResponse.Unknown(frame.getUnknown().getReason());
            case DONE -> new ClientResponse.Done();
            case REFUSED ->
                new ClientResponse.Refused(
                        frame.getRefused().getTryAgain(), frame.getRefused().getReason());
            case TRANSFER_TIMED_OUT -> new ClientResponse.TransferTimedOut();
            case KEEP_ALIVE, RESPONSE_NOT_SET -> throw new MalformedFrameException("a frame without a known response");
        };
    }

    private static ClientRequestFrame.ChangeMembership toProto(MembershipChange change) {
        ClientRequestFrame.ChangeMembership.Builder builder = ClientRequestFrame.ChangeMembership.newBuilder();
        if (change instanceof MembershipChange.AddLearner add) {
            builder.setAddLearner(ClientRequestFrame.AddLearner.newBuilder()
                    .setNodeId(add.id().value())
                    .setAddress(add.address()));
        } else if (change instanceof MembershipChange.Promote promote) {
            builder.setPromote(ClientRequestFrame.Promote.newBuilder()
                    .setNodeId(promote.id().value()));
        } else if (change instanceof MembershipChange.Remove remove) {
            builder.setRemove(
                    ClientRequestFrame.Remove.newBuilder().setNodeId(remove.id().value()));
        } else if (change instanceof MembershipChange.Replace replace) {
            builder.setReplace(ClientRequestFrame.Replace.newBuilder()
                    .setVoter(replace.voter().value())
                    .setLearner(replace.learner().value()));
        }
        return builder.build();
    }

    private static MembershipChange fromProto(ClientRequestFrame.ChangeMembership frame)
            throws MalformedFrameException {
        return switch (frame.getChangeCase()) {
            case ADD_LEARNER -> {
                NodeId id = nodeId(frame.getAddLearner().getNodeId());
                String address = frame.getAddLearner().getAddress();
                try {
                    if (!address.isEmpty()) {
                        HostAndPort.parseReachable(address);
                    }
                    yield new MembershipChange.AddLearner(id, address);
                } catch (IllegalArgumentException noAddress) {
                    throw new MalformedFrameException(noAddress.getMessage());
                }
            }
            case PROMOTE ->
                new MembershipChange.Promote(nodeId(frame.getPromote().getNodeId()));
            case REMOVE -> new MembershipChange.Remove(nodeId(frame.getRemove().getNodeId()));
            case REPLACE ->
                new MembershipChange.Replace(
                        nodeId(frame.getReplace().getVoter()),
                        nodeId(frame.getReplace().getLearner()));
            case CHANGE_NOT_SET -> throw new MalformedFrameException("an unknown change of membership");
        };
    }

    private static ClientResponseFrame.Status toProto(NodeStatus status) {
        ClientResponseFrame.Status.Builder builder = ClientResponseFrame.Status.newBuilder()
                .setClusterId(status.clusterId())
                .setNodeId(status.id().value())
                .setRole(toProto(status.role()))
                .setTerm(status.term())
                .setCommitIndex(status.commitIndex())
                .setLastApplied(status.lastApplied())
                .setLastIndex(status.lastIndex())
                .setConfiguration(wrap(status.configuration().encode()))
                .setSnapshotIndex(status.snapshotIndex())
                .setFirstIndex(status.firstIndex());
        status.leader().ifPresent(hint -> builder.setLeader(toProto(hint)));
        status.exclusion().ifPresent(exclusion -> builder.setExclusion(toProto(exclusion)));
        status.voters().forEach(voter -> builder.addVoters(voter.value()));
        for (MemberProgress progress : status.progress()) {
            builder.addProgress(ClientResponseFrame.Progress.newBuilder()
                    .setNodeId(progress.id().value())
                    .setVoter(progress.voter())
                    .setMatchIndex(progress.matchIndex())
                    .setCaughtUp(progress.caughtUp())
                    .setMode(progress.mode())
                    .setSilentMillis(progress.silentMillis()));
        }
        return builder.build();
    }

    private static NodeStatus fromProto(ClientResponseFrame.Status status) throws MalformedFrameException {
        List<MemberProgress> progress = new ArrayList<>(status.getProgressCount());
        for (ClientResponseFrame.Progress member : status.getProgressList()) {
            progress.add(new MemberProgress(
                    nodeId(member.getNodeId()),
                    member.getVoter(),
                    notNegative(member.getMatchIndex(), "match index"),
                    member.getCaughtUp(),
                    member.getMode(),
                    notNegative(member.getSilentMillis(), "silence")));
        }
        return new NodeStatus(
                status.getClusterId(),
                nodeId(status.getNodeId()),
                fromProto(status.getRole()),
                notNegative(status.getTerm(), "term"),
                status.hasLeader() ? Optional.of(fromProto(status.getLeader())) : Optional.empty(),
                configuration(status),
                notNegative(status.getCommitIndex(), "commit index"),
                notNegative(status.getLastApplied(), "applied index"),
                notNegative(status.getSnapshotIndex(), "snapshot index"),
                notNegative(status.getFirstIndex(), "first index"),
                notNegative(status.getLastIndex(), "last index"),
                progress,
                status.hasExclusion() ? Optional.of(fromProto(status.getExclusion())) : Optional.empty());
    }

    private static ClientResponseFrame.Exclusion toProto(Exclusion exclusion) {
        return ClientResponseFrame.Exclusion.newBuilder()
                .setReason(
                        switch (exclusion.reason()) {
                            case REMOVED -> ClientResponseFrame.Exclusion.Reason.REMOVED;
                            case REFUSED -> ClientResponseFrame.Exclusion.Reason.REFUSED;
                        })
                .setDetail(exclusion.detail())
                .build();
    }

    private static Exclusion fromProto(ClientResponseFrame.Exclusion exclusion) throws MalformedFrameException {
        return switch (exclusion.getReason()) {
            case REMOVED -> new Exclusion(Exclusion.Reason.REMOVED, exclusion.getDetail());
            case REFUSED -> new Exclusion(Exclusion.Reason.REFUSED, exclusion.getDetail());
            case UNSPECIFIED, UNRECOGNIZED -> throw new MalformedFrameException("an unknown exclusion");
        };
    }

    private static Configuration configuration(ClientResponseFrame.Status status) throws MalformedFrameException {
        if (status.getConfiguration().isEmpty()) {
            // Of a server that does not know of configurations.
            List<NodeId> voters = new ArrayList<>(status.getVotersCount());
            for (String voter : status.getVotersList()) {
                voters.add(nodeId(voter));
            }
            return Configuration.of(voters);
        }
        try {
            return Configuration.decode(status.getConfiguration().toByteArray());
        } catch (IllegalArgumentException malformed) {
            throw new MalformedFrameException("a malformed configuration: " + malformed.getMessage());
        }
    }

    private static ClientResponseFrame.LeaderHint toProto(LeaderHint hint) {
        return ClientResponseFrame.LeaderHint.newBuilder()
                .setNodeId(hint.id().value())
                .setClientAddress(hint.clientAddress())
                .build();
    }

    private static LeaderHint fromProto(ClientResponseFrame.LeaderHint hint) throws MalformedFrameException {
        return new LeaderHint(nodeId(hint.getNodeId()), hint.getClientAddress());
    }

    static ClientRequestFrame.Read.Consistency toProto(ReadConsistency consistency) {
        return switch (consistency) {
            case LINEARIZABLE -> ClientRequestFrame.Read.Consistency.LINEARIZABLE;
            case LEASE -> ClientRequestFrame.Read.Consistency.LEASE;
            case SESSION -> ClientRequestFrame.Read.Consistency.SESSION;
            case LOCAL -> ClientRequestFrame.Read.Consistency.LOCAL;
        };
    }

    private static ReadConsistency fromProto(ClientRequestFrame.Read.Consistency consistency)
            throws MalformedFrameException {
        return switch (consistency) {
            case LINEARIZABLE -> ReadConsistency.LINEARIZABLE;
            case LEASE -> ReadConsistency.LEASE;
            case SESSION -> ReadConsistency.SESSION;
            case LOCAL -> ReadConsistency.LOCAL;
            case UNSPECIFIED, UNRECOGNIZED -> throw new MalformedFrameException("a read of an unknown consistency");
        };
    }

    private static ClientResponseFrame.Status.Role toProto(Role role) {
        return switch (role) {
            case FOLLOWER -> ClientResponseFrame.Status.Role.FOLLOWER;
            case PRE_CANDIDATE -> ClientResponseFrame.Status.Role.PRE_CANDIDATE;
            case CANDIDATE -> ClientResponseFrame.Status.Role.CANDIDATE;
            case LEADER -> ClientResponseFrame.Status.Role.LEADER;
        };
    }

    private static Role fromProto(ClientResponseFrame.Status.Role role) throws MalformedFrameException {
        return switch (role) {
            case FOLLOWER -> Role.FOLLOWER;
            case PRE_CANDIDATE -> Role.PRE_CANDIDATE;
            case CANDIDATE -> Role.CANDIDATE;
            case LEADER -> Role.LEADER;
            case UNSPECIFIED, UNRECOGNIZED -> throw new MalformedFrameException("an unknown role");
        };
    }
}
