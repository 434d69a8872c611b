package io.balsa.server.cases;

import java.util.ArrayList;
import java.util.List;

/** The scenarios that Balsa must survive, by chapter. */
final class Cases {
    private Cases() {}

    /** Cases of one kind, in the order of their numbers. */
    record Chapter(String title, List<Case> cases) {}

    static List<Chapter> chapters() {
        return List.of(
                chapter("Election", 1, election()),
                chapter("Replication", 14, replication()),
                chapter("Persistence", 27, persistence()),
                chapter("Membership", 41, membership()),
                chapter("Snapshots", 50, snapshots()),
                chapter("Clients", 57, clients()),
                chapter("Locks", 67, locks()),
                chapter("Registry", 77, registry()),
                chapter("Abuse", 84, abuse()));
    }

    private static Chapter chapter(String title, int first, List<String> titles) {
        List<Case> cases = new ArrayList<>();
        for (String each : titles) {
            cases.add(new Case(first + cases.size(), each));
        }
        return new Chapter(title, List.copyOf(cases));
    }

    private static List<String> election() {
        return List.of(
                "Split votes end, with one leader a term",
                "Stepping down does not clear the vote",
                "A vote is durable before anything depends on it",
                "A node that comes back with a higher term disturbs nobody",
                "A node that alone sees no leader causes no endless elections",
                "A leader that cannot receive steps down",
                "A pre-candidate with a longer log is refused while the leader lives",
                "Late votes of an old term do not count",
                "A leader that was paused confirms itself before it serves",
                "Jumps of the wall clock change nothing",
                "Leadership leaves a node whose disk hangs",
                "A transfer to a slow or dead target is given up",
                "A voter that takes itself for a learner votes");
    }

    private static List<String> replication() {
        return List.of(
                "The diverged logs of figure 7 converge",
                "An old term's entry is not committed by counting (figure 8)",
                "A conflicting suffix is removed, and only then",
                "Stale appends truncate nothing",
                "A late report of a sync does not count for new entries",
                "A leader counts itself only after its sync",
                "A follower that lost an acknowledged tail is noticed",
                "A follower far behind is met in few round trips",
                "A lost probe does not stop replication",
                "A pipeline recovers from a stalled disk",
                "Without a quorum, uncommitted bytes are bounded",
                "An invalid command has the same result everywhere",
                "Replicas are equal at equal index");
    }

    private static List<String> persistence() {
        return List.of(
                "A power cut loses nothing acknowledged",
                "A failed sync ends the node, without an acknowledgement",
                "A torn tail is cut only above what was synced",
                "A flipped bit in the log is noticed",
                "A flipped bit in term or vote refuses to start",
                "A damaged snapshot loses no state",
                "A missing or empty log is an error",
                "A full disk takes the node out cleanly",
                "A crash between snapshot and truncation recovers",
                "A crash at any write or rename leaves old or new",
                "A disk that drops a synced tail loses nothing for the others",
                "A wiped disk under the same id is refused",
                "A stalled writer gets no second one beside it",
                "A recovery that is killed can be repeated");
    }

    private static List<String> membership() {
        return List.of(
                "No change before a commit in the own term",
                "A second change at a time is refused",
                "Changes during a partition never make two majorities",
                "A leader removes itself, and steps down",
                "A joint change survives its leader",
                "An overwritten configuration gives way to the one before",
                "A removed node disrupts nothing",
                "A learner is promoted only when caught up",
                "The id of a removed node stays refused");
    }

    private static List<String> snapshots() {
        return List.of(
                "Lost, repeated and reordered parts are installed whole or not",
                "A new leader during an install begins it anew",
                "A snapshot older than the log is ignored",
                "Two snapshots in quick succession",
                "A log purged during an install makes no endless cycle",
                "A large state is streamed, and heartbeats go on",
                "A snapshot during writes is cut at one index");
    }

    private static List<String> clients() {
        return List.of(
                "A retry after a lost reply has one effect and the same result",
                "A retry after the session's end is never executed",
                "The table of duplicates survives snapshots, bounded",
                "A timeout is unknown, not failed",
                "A deposed leader serves no stale read",
                "A read waits for the leader's first commit",
                "Confirmations count only for their own round and leader",
                "Lease reads are safe within the stated drift",
                "Local reads never go backwards within a session",
                "Stale hints lead to few redirects");
    }

    private static List<String> locks() {
        return List.of(
                "Tokens only grow",
                "A paused holder's token is rejected",
                "A waiter whose session died is not granted",
                "Locks expire at the same index everywhere",
                "Failovers never shorten a TTL",
                "The log decides between renewal and expiry",
                "Only the holder releases",
                "Waiters are served in order, the dead skipped",
                "A client that reconnects believes in no lost lock",
                "A waiter survives the loss of its watch");
    }

    private static List<String> registry() {
        return List.of(
                "The instances of an ended session vanish everywhere",
                "Reconnecting in time makes no gap and no duplicate",
                "A late deregistration leaves no phantom",
                "Flapping health is damped",
                "A watch goes through a failover without gap or repetition",
                "A watch below the history is told to list again",
                "Masses of watchers and reconnects are bounded");
    }

    private static List<String> abuse() {
        return List.of(
                "A huge length is refused before allocation",
                "Random bytes end only their connection",
                "Malformed protobuf is an error, bounded",
                "Slow and idle connections are closed",
                "A slow reader meets a bounded queue",
                "TLS that does not match is refused",
                "Another cluster is refused",
                "A second node of the same id is refused",
                "A mistake in the configuration is named",
                "Protocol versions are negotiated or refused",
                "What a node cannot do without ends it");
    }
}
