package io.balsa.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.simulation.history.CounterModel;
import io.balsa.simulation.history.Counterexample;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.KeyValueModel;
import io.balsa.simulation.history.Limits;
import io.balsa.simulation.history.LinearizabilityChecker;
import io.balsa.simulation.history.LockModel;
import io.balsa.simulation.history.Model;
import io.balsa.simulation.history.Verdict;
import io.balsa.statemachine.CoordinationStateMachine;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Clients of Balsa's own state machine: each process opens a session, and another when that is lost. */
final class CoordinationWorkload implements Workload {
    static final String KEY_VALUES = "kv";
    /** Of mutexes, by the model of which they are judged. */
    static final String LOCKS = "lock";

    static final String COUNTERS = "counter";

    /** Of read-write locks and semaphores, which {@link LockWatch} and {@link LockQueues} judge. */
    static final String SHARED_LOCKS = "shared-lock";

    private record CommandId(long session, long sequence) {}

    /** A history of a run is short; one that takes so long to judge is left to other seeds. */
    private static final Limits LIMITS = new Limits(Duration.ofSeconds(5), 200_000);

    private static final int MOST_SHOWN = 8;

    private final WorkloadContext context;
    private final Map<CommandId, byte[]> results = new HashMap<>();
    private final LockWatch locks;
    private final ServiceWatchers services;
    private final KeyTimelines keys = new KeyTimelines();
    private final SessionTimes sessions;
    private final LockQueues queues;
    private final LockObservers observers;
    private final BarrierWatch barriers;

    /** Whether clients count and meet: in half of the runs, so that the others go on as they always did. */
    private final boolean counts;

    private final CoordinationStateMachine reference = new CoordinationStateMachine();
    private final Map<String, CoordinationClient> clients = new TreeMap<>();
    private boolean stopped;
    private long succeeded;

    CoordinationWorkload(WorkloadContext context) {
        this.context = context;
        this.locks = new LockWatch(context);
        this.services = new ServiceWatchers(context, reference);
        this.sessions = new SessionTimes(context, reference);
        this.observers = new LockObservers(context);
        this.queues = new LockQueues(context, reference, sessions, observers);
        this.barriers = new BarrierWatch(context);
        this.counts = context.random("counting").nextBoolean();
    }

    WorkloadContext context() {
        return context;
    }

    LockWatch locks() {
        return locks;
    }

    LockQueues queues() {
        return queues;
    }

    LockObservers observers() {
        return observers;
    }

    KeyTimelines keys() {
        return keys;
    }

    ServiceWatchers services() {
        return services;
    }

    BarrierWatch barriers() {
        return barriers;
    }

    boolean counts() {
        return counts;
    }

    boolean isStopped() {
        return stopped;
    }

    void succeed() {
        succeeded++;
    }

    @Override
    public void begin(ClientProcess process) {
        open(process);
    }

    void open(ClientProcess process) {
        if (stopped) {
            return;
        }
        RaftClient client = process.connect();
        SessionOptions options = SessionOptions.builder()
                .ttl(Duration.ofMillis(process.random().nextLong(2_000, 8_000)))
                .requestTimeout(Duration.ofMillis(process.random().nextLong(1_000, 4_000)))
                .clientName(process.name())
                .build();
        CompletableFuture<?> unused = Session.overAsync(client, options, client::close, process.sessionRuntime())
                .whenComplete((session, failure) -> {
                    if (failure != null) {
                        process.after(Duration.ofMillis(100), () -> open(process));
                    } else {
                        CoordinationClient begun = new CoordinationClient(this, process, session);
                        clients.put(process.name(), begun);
                        begun.begin();
                    }
                });
    }

    @Override
    public void hurry() {
        clients.values().forEach(CoordinationClient::hurry);
    }

    /** A command that comes again has the result that it had, and no other effect. */
    @Override
    public void applied(LogEntry entry, byte[] result) {
        reference.apply(entry);
        services.applied(entry);
        sessions.pass(entry);
        queues.pass(entry);
        barriers.pass(entry, sessions::lasts);
        if (entry.type() == EntryType.COMMAND) {
            executed(entry, result);
        }
        queues.settle(entry);
    }

    private void executed(LogEntry entry, byte[] result) {
        try {
            Command command = Command.parseFrom(entry.payload());
            Result answer = Result.parseFrom(result);
            sessions.executed(entry, command, answer);
            if (command.getSession() == 0) {
                return;
            }
            Error.Code error = answer.getError().getCode();
            CommandId id = new CommandId(command.getSession(), command.getSequence());
            if (error == Error.Code.TOO_MANY_OUTSTANDING) {
                return; // Not remembered: it may be executed when it comes again.
            }
            byte[] before = results.putIfAbsent(id, result);
            if (before == null) {
                keys.executed(entry, command, answer);
                queues.executed(entry, command, answer);
                barriers.executed(entry, command, answer);
            }
            barriers.endSessions(sessions::lasts);
            context.require(
                    before == null
                            || Arrays.equals(before, result)
                            || error == Error.Code.SESSION_EXPIRED
                            || error == Error.Code.ALREADY_ACKNOWLEDGED,
                    "one-effect",
                    () -> "command %d of session %d has two different results, the second in entry %d"
                            .formatted(id.sequence(), id.session(), entry.index()));
        } catch (InvalidProtocolBufferException e) {
            context.require(false, "codec", () -> "entry %s can't be read: %s".formatted(entry, e.getMessage()));
        }
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public long succeeded() {
        return succeeded;
    }

    @Override
    public void finish() {
        judge(new KeyValueModel(), context.history(KEY_VALUES).history());
        judge(new LockModel(), context.history(LOCKS).history());
        if (counts) {
            judge(new CounterModel(), context.history(COUNTERS).history());
        }
    }

    private void judge(Model<?> model, History history) {
        Verdict verdict = new LinearizabilityChecker(LIMITS).check(model, history);
        context.require(
                verdict.outcome() != Verdict.Outcome.NOT_LINEARIZABLE,
                "linearizability",
                () -> model.name() + ": "
                        + verdict.counterexample()
                                .map(CoordinationWorkload::describe)
                                .orElse(""));
    }

    private static String describe(Counterexample counterexample) {
        return counterexample.part().stream()
                .limit(MOST_SHOWN)
                .map(operation -> operation.client() + " " + operation.request() + " -> " + operation.answer())
                .collect(Collectors.joining("; ", counterexample.key() + " can't have answered ", ""));
    }
}
