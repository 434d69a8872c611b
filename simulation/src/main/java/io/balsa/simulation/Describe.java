package io.balsa.simulation;

import io.balsa.raft.core.HardState;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import java.util.List;

/** Says in few words what happens, for people who read a trace. */
final class Describe {
    private Describe() {}

    static String message(Message message) {
        String text = message.getClass().getSimpleName() + " t" + message.term();
        if (message instanceof Message.AppendEntries append) {
            return text + " after " + append.prevLogIndex() + "/" + append.prevLogTerm() + " "
                    + entries(append.entries()) + " commit " + append.leaderCommit() + " round " + append.round();
        } else if (message instanceof Message.AppendEntriesAccepted accepted) {
            return text + " match " + accepted.matchIndex() + " round " + accepted.round();
        } else if (message instanceof Message.AppendEntriesRejected rejected) {
            return text + " after " + rejected.prevLogIndex() + ", at most " + rejected.conflictIndex() + "/"
                    + rejected.conflictTerm();
        } else if (message instanceof Message.RequestVote vote) {
            return text + " last " + vote.lastLogIndex() + "/" + vote.lastLogTerm();
        } else if (message instanceof Message.PreVote vote) {
            return text + " last " + vote.lastLogIndex() + "/" + vote.lastLogTerm();
        } else if (message instanceof Message.RequestVoteResponse response) {
            return text + (response.granted() ? " granted" : " refused");
        } else if (message instanceof Message.PreVoteResponse response) {
            return text + (response.granted() ? " granted" : " refused");
        } else if (message instanceof Message.InstallSnapshot install) {
            return text + " index " + install.snapshot().metadata().index() + ", " + install.data().length
                    + " bytes at " + install.offset();
        } else if (message instanceof Message.InstallSnapshotResponse response) {
            return text + " index " + response.snapshotIndex() + ", goes on at " + response.nextOffset();
        } else if (message instanceof Message.ReadIndexRequest request) {
            return text + " question " + request.requestId();
        } else if (message instanceof Message.ReadIndexResponse response) {
            return text + " question " + response.requestId() + " index " + response.index();
        }
        return text;
    }

    static String hardState(HardState state) {
        return "term " + state.term()
                + state.votedFor().map(vote -> ", vote for " + vote).orElse("");
    }

    static String entries(List<LogEntry> entries) {
        if (entries.isEmpty()) {
            return "[]";
        }
        LogEntry first = entries.get(0);
        LogEntry last = entries.get(entries.size() - 1);
        return entries.size() == 1
                ? "[" + first.index() + "/" + first.term() + " " + first.type() + "]"
                : "[" + first.index() + "/" + first.term() + ".." + last.index() + "/" + last.term() + "]";
    }
}
