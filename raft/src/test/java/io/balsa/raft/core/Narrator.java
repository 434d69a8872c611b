package io.balsa.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes down, one line each and briefly, what happens in a {@link CoreCluster}: the output of the scripts. */
final class Narrator implements ClusterObserver {
    private static final int MANY = 12;

    private final List<String> lines = new ArrayList<>();
    private final Map<Long, String> requestNames = new HashMap<>();
    private final Map<NodeId, Long> commitIndexes = new HashMap<>();
    private boolean onlyOutcomes;

    /** Leaves out messages and disk writes, and tells only what came of them. */
    void tellOnlyOutcomes(boolean outcomes) {
        onlyOutcomes = outcomes;
    }

    void nameRequest(long requestId, String name) {
        requestNames.put(requestId, name);
    }

    void tell(String line) {
        lines.add(line);
    }

    /** What was told since the last call. */
    List<String> takeLines() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    @Override
    public void started(CoreServer server) {
        commitIndexes.remove(server.id());
    }

    @Override
    public void effects(CoreServer server, Ready ready) {
        NodeId id = server.id();
        ready.roleChange().ifPresent(change -> tell(id + " is " + describe(change)));
        for (Ready.AcceptedProposals accepted : ready.proposals()) {
            for (int i = 0; i < accepted.count(); i++) {
                String name = name(accepted.firstRequestId() + i);
                tellDetail("%s takes %s as %d/%d", id, name, accepted.firstIndex() + i, accepted.term());
            }
        }
        for (Ready.Refusal refusal : ready.refusals()) {
            String detail = refusal.detail().isEmpty() ? "" : ", " + refusal.detail();
            tell(id + " refuses " + name(refusal.requestId()) + ": " + refusal.reason() + detail);
        }
        ready.snapshots()
                .installed()
                .ifPresent(installed -> tell(id + " installs the snapshot "
                        + describe(installed.metadata())
                        + (installed.resetLog() ? ", and its log begins anew" : ", and keeps what follows it")));
        ready.configuration().ifPresent(group -> tell(id + " uses the group " + group));
        long commitIndex = server.core().commitIndex();
        if (commitIndex != commitIndexes.getOrDefault(id, 0L)) {
            commitIndexes.put(id, commitIndex);
            tell(id + " commits up to " + commitIndex);
        }
        for (Ready.ConfirmedRead read : ready.reads()) {
            tell(id + " confirms " + name(read.requestId()) + " at " + read.index());
        }
        for (Ready.Outcome outcome : ready.outcomes()) {
            tell(id + " ends " + name(outcome.requestId()) + ": " + outcome.result());
        }
        for (Ready.Send send : ready.snapshots().sends()) {
            tell(id + " begins to send " + send.peer() + " a snapshot");
        }
        for (NodeId peer : ready.snapshots().ended()) {
            tell(id + " need not send " + peer + " a snapshot any more");
        }
        if (ready.hardState().isPresent() && server.savesHeld()) {
            tellDetail(
                    "%s waits for its disk to save %s",
                    id, describe(ready.hardState().get()));
        }
    }

    @Override
    public void saved(CoreServer server, HardState hardState) {
        tellDetail("%s saves %s", server.id(), describe(hardState));
    }

    @Override
    public void sent(CoreServer server, Message message) {
        tellDetail("%s", describe(message));
    }

    @Override
    public void appended(CoreServer server, Ready.Append append) {
        tellDetail("%s appends #%d %s", server.id(), append.sequence(), describe(append.entries()));
    }

    @Override
    public void halted(CoreServer server, InvariantViolation violation) {
        tell(server.id() + " HALTS: " + violation.getMessage());
    }

    private void tellDetail(String format, Object... arguments) {
        if (!onlyOutcomes) {
            tell(String.format(Locale.ROOT, format, arguments));
        }
    }

    private String name(long requestId) {
        return requestNames.getOrDefault(requestId, "request " + requestId);
    }

    static String describe(Ready.RoleChange change) {
        String leader = change.leader().map(id -> ", led by " + id).orElse("");
        return change.role() + " in term " + change.term() + (change.role() == Role.LEADER ? "" : leader);
    }

    static String describe(HardState state) {
        return "term=" + state.term() + " vote="
                + state.votedFor().map(NodeId::value).orElse("-");
    }

    static String describe(Message message) {
        String head = Link.of(message) + " " + message.getClass().getSimpleName() + " term=" + message.term();
        if (message instanceof Message.PreVote m) {
            return head + " last=" + m.lastLogIndex() + "/" + m.lastLogTerm();
        } else if (message instanceof Message.PreVoteResponse m) {
            return head + (m.granted() ? " granted" : " refused");
        } else if (message instanceof Message.RequestVote m) {
            return head + " last=" + m.lastLogIndex() + "/" + m.lastLogTerm()
                    + (m.leadershipTransfer() ? " transfer" : "");
        } else if (message instanceof Message.RequestVoteResponse m) {
            return head + (m.granted() ? " granted" : " refused");
        } else if (message instanceof Message.AppendEntries m) {
            return head + " prev=" + m.prevLogIndex() + "/" + m.prevLogTerm() + " " + describe(m.entries()) + " commit="
                    + m.leaderCommit() + " match=" + m.matchIndex() + " round=" + m.round();
        } else if (message instanceof Message.AppendEntriesAccepted m) {
            return head + " match=" + m.matchIndex() + " round=" + m.round();
        } else if (message instanceof Message.AppendEntriesRejected m) {
            return head + " prev=" + m.prevLogIndex() + " conflict=" + m.conflictIndex() + "/" + m.conflictTerm()
                    + " round=" + m.round();
        }
        return describeOfCompleteRaft(head, message);
    }

    private static String describeOfCompleteRaft(String head, Message message) {
        if (message instanceof Message.InstallSnapshot m) {
            return head + " " + describe(m.snapshot().metadata()) + " part " + (m.offset() + 1) + " of "
                    + m.snapshot().sizeBytes();
        } else if (message instanceof Message.InstallSnapshotResponse m) {
            return head + " index=" + m.snapshotIndex() + " has " + m.nextOffset();
        } else if (message instanceof Message.ReadIndexResponse m) {
            return head + " index=" + m.index();
        }
        return head;
    }

    static String describe(SnapshotMetadata metadata) {
        return metadata.index() + "/" + metadata.term() + " {" + metadata.configuration() + "}";
    }

    static String describe(List<LogEntry> entries) {
        if (entries.size() > MANY) {
            return "[" + describe(entries.get(0)) + " .. " + describe(entries.get(entries.size() - 1)) + "]";
        }
        return entries.stream().map(Narrator::describe).collect(Collectors.joining(" ", "[", "]"));
    }

    /** An entry as index/term and what is in it. */
    static String describe(LogEntry entry) {
        String position = entry.index() + "/" + entry.term();
        return switch (entry.type()) {
            case NO_OP -> position;
            case CLOCK -> position + ":clock";
            case CONFIGURATION -> position + ":{" + Configuration.decode(entry.payload()) + "}";
            case COMMAND -> {
                String text = new String(entry.payload(), StandardCharsets.UTF_8);
                String shown = text.length() <= 20 ? text : entry.payload().length + "B";
                yield text.isEmpty() ? position : position + ":" + shown;
            }
        };
    }
}
