package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Carries out the commands of a script on a {@link CoreCluster}.
 *
 * <pre>
 * cluster 3 [servers=5] [maxUncommittedBytes=N] [maxPendingReads=N] [maxMessageBytes=N] [maxInflightMessages=N] [maxCachedBytes=N] [maxGatheringMillis=N]
 * gathering is off unless the script says otherwise
 * servers beyond the voters belong to no group yet
 * given n1 term=7 [vote=n2] [log=1x3,4]   starts a server again with this on its disk; the log by its entries' terms
 * tick n1 100          time passes; also "tick all 100"
 * time-out n1          time passes until the server asks for votes
 * run 1000             time passes everywhere, and everything is delivered and persisted; tells only the outcomes
 * elect n1             makes a server the leader, and tells only the outcome
 * settle               delivers and persists until nothing happens any more, and tells only the outcomes
 * deliver LINK [first|last]   what is under way now on a link: n1->n2, n1->*, *->n2, or all
 * drop LINK, duplicate LINK   what is under way now
 * delay LINK           keeps what is under way now aside; "arrive LINK" delivers it, oldest first
 * cut LINK, isolate n1, heal
 * propose n1 a b …, clock n1, read n1 name
 * persist n1|all       syncs what was appended and reports it
 * sync n1              syncs, but the report is late; "report n1" gives the oldest of the late reports
 * hold-saves n1        from now on the disk saves a hard state only upon "save n1"
 * crash n1 [saved] [kept=N]   what was not synced is lost, but for N entries; "saved": the waiting hard state is not
 * lose n1 N            a server that is down loses its entries from N on, though they were synced
 * restart n1
 * unreachable n1 n2    n1's transport cannot reach n2
 * add n1 n4            asks n1 to add a learner
 * promote n1 n4        asks n1 to make a learner a voter
 * remove n1 n2         asks n1 to remove a member
 * replace n1 n2 n4     asks n1 to make a learner a voter in place of another
 * transfer n1 [n2]     asks n1 to hand over its leadership
 * lease n1 name        a read that the leader's lease may serve
 * snapshot n1 [keep=N] takes a snapshot of what is applied; the log keeps N of the entries that it stands for
 * persist n1|all       also gives the news of snapshots: parts that are stored, transfers that ended
 * group n1|all, progress n1
 * log n1, in-flight, status [n1]
 * </pre>
 */
final class ScriptRunner {
    private final Narrator narrator = new Narrator();
    private final List<Message> delayed = new ArrayList<>();
    private CoreCluster cluster;

    /** Carries out one command and returns what happened, one line each. */
    List<String> run(String command) {
        String[] words = command.split(" +", -1);
        narrator.tellOnlyOutcomes(Set.of("elect", "settle", "cluster", "run").contains(words[0]));
        carryOut(words);
        List<String> lines = narrator.takeLines();
        return words[0].equals("elect")
                ? lines.stream()
                        .filter(line -> line.contains(" is LEADER ") || line.contains(" HALTS"))
                        .toList()
                : lines;
    }

    private void carryOut(String[] words) {
        switch (words[0]) {
            case "cluster" -> startCluster(words);
            case "given" -> given(words);
            case "tick" -> servers(words[1]).forEach(server -> server.step(new Input.Tick(number(words[2]))));
            case "run" -> cluster.run(number(words[1]));
            case "time-out" -> cluster.timeOut(words[1]);
            case "elect" -> cluster.elect(words[1]);
            case "settle" -> cluster.settle();
            case "propose" -> propose(words);
            case "clock" ->
                server(words[1]).step(new Input.Propose(cluster.nextRequestId(), EntryType.CLOCK, new byte[0]));
            case "read" -> {
                long requestId = cluster.nextRequestId();
                narrator.nameRequest(requestId, words[2]);
                server(words[1]).step(new Input.ReadIndex(requestId));
            }
            case "lease" -> {
                long requestId = cluster.nextRequestId();
                narrator.nameRequest(requestId, words[2]);
                server(words[1]).step(new Input.LeaseRead(requestId));
            }
            case "unreachable" -> server(words[1]).step(new Input.Unreachable(NodeId.of(words[2])));
            case "log" -> tellLog(server(words[1]));
            case "status" -> servers(words.length > 1 ? words[1] : "all").forEach(this::tellStatus);
            default -> {
                if (!carryOutOnNetwork(words) && !carryOutOnDisk(words) && !carryOutOnGroup(words)) {
                    throw new IllegalArgumentException("unknown command " + words[0]);
                }
            }
        }
    }

    private boolean carryOutOnNetwork(String[] words) {
        switch (words[0]) {
            case "deliver" -> deliver(words);
            case "drop" -> cluster.takeOut(on(words[1]));
            case "duplicate" ->
                cluster.inFlight().stream().filter(on(words[1])).toList().forEach(cluster::inject);
            case "delay" -> delayed.addAll(cluster.takeOut(on(words[1])));
            case "arrive" -> {
                List<Message> arriving = delayed.stream().filter(on(words[1])).toList();
                delayed.removeAll(arriving);
                arriving.forEach(this::deliver);
            }
            case "cut" -> links(words[1]).forEach(cluster::cut);
            case "isolate" -> cluster.isolate(NodeId.of(words[1]));
            case "heal" -> cluster.heal();
            case "in-flight" -> cluster.inFlight().forEach(message -> narrator.tell(Narrator.describe(message)));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean carryOutOnDisk(String[] words) {
        switch (words[0]) {
            case "persist" -> servers(words[1]).forEach(CoreServer::persist);
            case "sync" -> server(words[1]).sync(server(words[1]).disk().unsyncedAppends());
            case "report" -> server(words[1]).report();
            case "hold-saves" -> server(words[1]).setSavesAtOnce(false);
            case "save" -> {
                server(words[1]).setSavesAtOnce(true);
                server(words[1]).save();
            }
            case "crash" -> {
                CoreServer server = server(words[1]);
                if (Arrays.asList(words).contains("saved")) {
                    server.saveOnly();
                }
                server.crash((int) number(settings(words).getOrDefault("kept", "0")));
                server.setSavesAtOnce(true);
            }
            case "lose" -> server(words[1]).disk().loseFrom(number(words[2]));
            case "restart" -> {
                server(words[1]).start();
                tellStatus(server(words[1]));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean carryOutOnGroup(String[] words) {
        switch (words[0]) {
            case "add" -> change(words, new MembershipChange.AddLearner(NodeId.of(words[2]), ""));
            case "promote" -> change(words, new MembershipChange.Promote(NodeId.of(words[2])));
            case "remove" -> change(words, new MembershipChange.Remove(NodeId.of(words[2])));
            case "replace" -> change(words, new MembershipChange.Replace(NodeId.of(words[2]), NodeId.of(words[3])));
            case "transfer" -> {
                Optional<NodeId> target = words.length > 2 ? Optional.of(NodeId.of(words[2])) : Optional.empty();
                server(words[1]).step(new Input.TransferLeadership(named(words), target));
            }
            case "snapshot" -> {
                CoreServer server = server(words[1]);
                SnapshotMetadata metadata = server.snapshotNow().orElseThrow();
                long keep = setting(settings(words), "keep", 0);
                server.snapshots().taken(metadata, metadata.index() + 1 - keep);
                server.step(server.snapshots().takeNews());
                narrator.tell(server.id() + " has a snapshot " + Narrator.describe(metadata) + ", its log begins at "
                        + server.core().firstIndex());
            }
            case "group" ->
                servers(words[1])
                        .forEach(server -> narrator.tell(
                                server.id() + " uses the group " + server.core().configuration()));
            case "progress" -> server(words[1]).core().progress().forEach(this::tellProgress);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void change(String[] words, MembershipChange change) {
        server(words[1]).step(new Input.ChangeMembership(named(words), change));
    }

    /** A request that is called like its command, without the server that is asked. */
    private long named(String[] words) {
        List<String> name = new ArrayList<>(List.of(words));
        name.remove(1);
        long requestId = cluster.nextRequestId();
        narrator.nameRequest(requestId, String.join(" ", name));
        return requestId;
    }

    private void tellProgress(MemberProgress member) {
        narrator.tell(member.id() + (member.voter() ? " voter " : " learner ") + member.mode() + " match="
                + member.matchIndex() + (member.caughtUp() ? " caught up" : "") + " silent="
                + member.silentMillis());
    }

    private void startCluster(String[] words) {
        Map<String, String> settings = settings(words);
        List<CoreOptions> options = new ArrayList<>();
        int voters = (int) number(words[1]);
        int servers = (int) setting(settings, "servers", voters);
        for (CoreOptions usual : CoreCluster.usualOptions(voters, servers)) {
            options.add(new CoreOptions(
                    usual.self(),
                    usual.initialConfiguration(),
                    usual.heartbeatMillis(),
                    usual.electionTimeoutMillis(),
                    usual.seed(),
                    setting(settings, "maxMessageBytes", usual.maxMessageBytes()),
                    (int) setting(settings, "maxInflightMessages", usual.maxInflightMessages()),
                    setting(settings, "maxGatheringMillis", 0),
                    setting(settings, "maxUncommittedBytes", usual.maxUncommittedBytes()),
                    (int) setting(settings, "maxPendingReads", usual.maxPendingReads()),
                    setting(settings, "maxCachedBytes", usual.maxCachedBytes()),
                    usual.electionPriority(),
                    usual.maxClockDriftPercent()));
        }
        cluster = new CoreCluster(options, narrator);
        cluster.servers().forEach(CoreServer::start);
    }

    private void given(String[] words) {
        Map<String, String> settings = settings(words);
        Optional<NodeId> vote = Optional.ofNullable(settings.get("vote")).map(NodeId::of);
        LongStream.Builder terms = LongStream.builder();
        for (String run : settings.getOrDefault("log", "").split(",", -1)) {
            String[] termAndCount = run.split("x", -1);
            long count = run.isEmpty() ? 0 : termAndCount.length == 1 ? 1 : number(termAndCount[1]);
            for (int i = 0; i < count; i++) {
                terms.add(number(termAndCount[0]));
            }
        }
        HardState hardState = new HardState(number(settings.get("term")), vote);
        cluster.given(words[1], hardState, terms.build().toArray());
        tellStatus(server(words[1]));
    }

    private void propose(String[] words) {
        for (String payload : Arrays.asList(words).subList(2, words.length)) {
            // "x*1000" is a command of a thousand x.
            int star = payload.indexOf('*');
            String command =
                    star < 0 ? payload : payload.substring(0, star).repeat((int) number(payload.substring(star + 1)));
            narrator.nameRequest(cluster.nextRequestId() + 1, payload);
            cluster.propose(words[1], command);
        }
    }

    private void deliver(String[] words) {
        List<Message> messages = cluster.takeOut(on(words[1]));
        if (words.length == 2) {
            messages.forEach(this::deliver);
            return;
        }
        List<Message> others = new ArrayList<>(messages);
        Message chosen = others.remove(words[2].equals("last") ? messages.size() - 1 : 0);
        others.forEach(cluster::inject);
        deliver(chosen);
    }

    private void deliver(Message message) {
        narrator.tell("> " + Narrator.describe(message));
        cluster.deliver(message);
    }

    private void tellLog(CoreServer server) {
        for (LogEntry entry : server.log()) {
            boolean isDurable = server.disk().holds(entry);
            narrator.tell(Narrator.describe(entry) + " @" + entry.timeMillis() + (isDurable ? "" : " not durable"));
        }
    }

    private void tellStatus(CoreServer server) {
        if (!server.isUp()) {
            narrator.tell(server.id() + " is down, "
                    + Narrator.describe(server.disk().hardState()) + " last=" + server.logLastIndex());
            return;
        }
        RaftCore core = server.core();
        narrator.tell(server.id() + " " + core.role() + " "
                + Narrator.describe(server.disk().hardState())
                + " leader=" + core.leader().map(NodeId::value).orElse("-")
                + " last=" + core.lastIndex() + "/" + server.termAt(core.lastIndex())
                + " commit=" + core.commitIndex());
    }

    private CoreServer server(String id) {
        return cluster.server(id);
    }

    private List<CoreServer> servers(String which) {
        return which.equals("all")
                ? cluster.servers().stream().filter(CoreServer::isReceptive).toList()
                : List.of(server(which));
    }

    private Set<Link> links(String pattern) {
        String[] ends = pattern.split("->", -1);
        Set<Link> links = new HashSet<>();
        for (CoreServer from : cluster.servers()) {
            for (CoreServer to : cluster.servers()) {
                boolean matches = pattern.equals("all")
                        || ((ends[0].equals("*") || from.id().value().equals(ends[0]))
                                && (ends[1].equals("*") || to.id().value().equals(ends[1])));
                if (matches && from != to) {
                    links.add(new Link(from.id(), to.id()));
                }
            }
        }
        if (links.isEmpty()) {
            throw new IllegalArgumentException("no link " + pattern);
        }
        return links;
    }

    private Predicate<Message> on(String pattern) {
        Set<Link> links = links(pattern);
        return message -> links.contains(Link.of(message));
    }

    private static Map<String, String> settings(String[] words) {
        return Arrays.stream(words)
                .filter(word -> word.contains("="))
                .collect(Collectors.toMap(
                        word -> word.substring(0, word.indexOf('=')),
                        word -> word.substring(word.indexOf('=') + 1),
                        (a, b) -> b,
                        HashMap::new));
    }

    private static long setting(Map<String, String> settings, String name, long otherwise) {
        return settings.containsKey(name) ? number(settings.get(name)) : otherwise;
    }

    private static long number(String word) {
        return Long.parseLong(word);
    }
}
