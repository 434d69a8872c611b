package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.RaftService;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One call of a client, from its start to the one thing that became of it: attempts at one server after another, pauses
 * when all were tried, and the end of its time. It keeps account of whether any attempt may have had an effect.
 *
 * <p>Its state is guarded by itself; nothing foreign is called under that lock.
 *
 * @param <T> what it gives
 */
abstract class Call<T> {
    /** Hints that are followed at once; whoever sends a client around in circles more often makes it pause. */
    private static final int MAX_REDIRECTS_AT_ONCE = 3;

    private static final int MAX_REMEMBERED_FAILURES = 16;
    static final long UNLIMITED = Long.MAX_VALUE;

    private final CallContext context;
    private final long bytes;
    private final long timeoutNanos;
    private final long startNanos;
    private final CompletableFuture<T> future = new CompletableFuture<>();

    private final Map<String, String> failures = new LinkedHashMap<>();
    private final Set<String> triedThisRound = new HashSet<>();
    private long number;
    private int redirectsThisRound;
    private int pauses;
    private int attempt;
    private String inFlightTo;
    private long attemptNanos;
    private boolean maybeApplied;
    private boolean ended;
    /** One for the end of its time and of the patience with a server: nearly every call is over before either. */
    private Runnable cancelAlarm = () -> {};

    Call(CallContext context, long bytes, long timeoutNanos) {
        this.context = context;
        this.bytes = bytes;
        this.timeoutNanos = timeoutNanos;
        this.startNanos = context.timer().nanoTime();
    }

    /** The request of the next attempt. */
    abstract ClientRequest request(long remainingNanos);

    /** What a response means, if it is the success of this call. */
    abstract Optional<T> success(ClientResponse response);

    /** Which servers to try, best first. */
    List<String> candidates() {
        return context.endpoints().candidates(needsLeader());
    }

    /** Whether the leader is the one to ask. */
    abstract boolean needsLeader();

    /** Whether its success shows that the server leads. */
    boolean provesLeader() {
        return needsLeader();
    }

    /** Whether an attempt without an answer may have had an effect. */
    abstract boolean hasEffect();

    /** Whether there is to be another attempt although an earlier one may have had its effect, if it has any. */
    abstract boolean isRepeatable();

    /** How long to wait for one server before another is tried; {@link #UNLIMITED} to the end of the call. */
    abstract long patienceNanos();

    /** For messages: "the command", "the read". */
    abstract String subject();

    CompletableFuture<T> future() {
        return future;
    }

    long bytes() {
        return bytes;
    }

    /** Its place among the calls of a client; given before any other thread knows of it. */
    void numbered(long newNumber) {
        number = newNumber;
    }

    long number() {
        return number;
    }

    void start() {
        // No later attempt can be given up before this one's time.
        setAlarm(Math.min(timeoutNanos, patienceNanos()));
        attemptNext();
    }

    private void setAlarm(long delayNanos) {
        Runnable cancel = context.timer().schedule(delayNanos, this::onAlarm);
        synchronized (this) {
            cancelAlarm = cancel;
            if (ended) {
                cancel.run();
            }
        }
    }

    private void onAlarm() {
        long now = context.timer().nanoTime();
        long rest = startNanos + timeoutNanos - now;
        if (rest <= 0) {
            onTimeout();
            return;
        }
        if (patienceNanos() == UNLIMITED) {
            setAlarm(rest);
            return;
        }
        int number;
        String address;
        long patience;
        synchronized (this) {
            if (ended) {
                return;
            }
            number = attempt;
            address = inFlightTo;
            patience = attemptNanos + patienceNanos() - now;
        }
        // What is attempted from now on needs no alarm before so long.
        setAlarm(Math.min(rest, address != null && patience > 0 ? patience : patienceNanos()));
        if (address != null && patience <= 0) {
            onPatienceOver(number, address);
        }
    }

    /** Ends the call because the client is closed. */
    void abandon(String reason) {
        endUnserved(reason);
    }

    /** Tries the best server that was not tried in this round, or pauses before the next round. */
    private void attemptNext() {
        String next = null;
        synchronized (this) {
            for (String candidate : candidates()) {
                if (!triedThisRound.contains(candidate)) {
                    next = candidate;
                    break;
                }
            }
        }
        if (next != null) {
            attempt(next);
        } else {
            pauseThenAttempt(null);
        }
    }

    private void pauseThenAttempt(String address) {
        long pauseNanos;
        synchronized (this) {
            if (ended) {
                return;
            }
            pauseNanos = context.backoff().pauseNanos(pauses);
            pauses++;
            triedThisRound.clear();
            redirectsThisRound = 0;
        }
        context.timer().schedule(pauseNanos, address == null ? this::attemptNext : () -> attempt(address));
    }

    private void attempt(String address) {
        int number;
        long remainingNanos;
        synchronized (this) {
            attemptNanos = context.timer().nanoTime();
            remainingNanos = startNanos + timeoutNanos - attemptNanos;
            if (ended || remainingNanos <= 0) {
                return; // The timeout is due and ends the call.
            }
            number = ++attempt;
            triedThisRound.add(address);
            inFlightTo = address;
        }
        if (future.isDone()) {
            end(() -> {}); // The caller has cancelled it.
            return;
        }
        CompletableFuture<?> unused = send(address, remainingNanos)
                .whenComplete((response, failure) -> onResponse(
                        number,
                        address,
                        failure == null ? response : new ClientResponse.Unknown("no answer: " + failure)));
    }

    private CompletableFuture<ClientResponse> send(String address, long remainingNanos) {
        RaftService service;
        try {
            service = context.endpoints().service(address);
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(
                    new ClientResponse.Unavailable(String.valueOf(failure.getMessage())));
        }
        return service.submit(request(remainingNanos));
    }

    private void onResponse(int number, String address, ClientResponse response) {
        Optional<T> success = success(response);
        if (success.isPresent()) {
            // A late answer to an attempt that was given up is as good as any.
            if (provesLeader()) {
                context.endpoints().leader(address);
            } else if (needsLeader()) {
                context.endpoints().perhapsLeader(address);
            }
            end(() -> future.complete(success.get()));
            return;
        }
        synchronized (this) {
            if (ended || number != attempt || inFlightTo == null) {
                return;
            }
            inFlightTo = null;
            if (hasEffect() && !isCertainlyNotApplied(response)) {
                maybeApplied = true;
            }
            remember(address, describe(response));
        }
        if (response instanceof ClientResponse.Invalid invalid) {
            endUnserved(invalid);
        } else if (mustNotRepeat()) {
            endUnserved("it can't be tried again");
        } else if (response instanceof ClientResponse.NotLeader notLeader) {
            context.endpoints().notLeader(address);
            redirect(address, notLeader.leader());
        } else if (response instanceof ClientResponse.Busy) {
            pauseThenAttempt(address);
        } else {
            context.endpoints().notLeader(address);
            attemptNext();
        }
    }

    private void redirect(String from, Optional<LeaderHint> hint) {
        String to = hint.map(LeaderHint::clientAddress).orElse("");
        if (to.equals(from) || !context.endpoints().mayConnectTo(to)) {
            attemptNext();
            return;
        }
        boolean atOnce;
        synchronized (this) {
            atOnce = !triedThisRound.contains(to) && redirectsThisRound < MAX_REDIRECTS_AT_ONCE;
            redirectsThisRound++;
        }
        if (atOnce) {
            context.endpoints().leader(to);
            attempt(to);
        } else {
            attemptNext(); // A hint back to one that denied it a moment ago is worth no more than any other server.
        }
    }

    /** One server takes too long, perhaps since its process is stopped: others may do better. */
    private void onPatienceOver(int number, String address) {
        synchronized (this) {
            if (ended || number != attempt || inFlightTo == null) {
                return;
            }
            inFlightTo = null;
            maybeApplied |= hasEffect();
            remember(address, "no answer for " + inWords(patienceNanos()));
        }
        context.endpoints().notLeader(address);
        attemptNext();
    }

    private void onTimeout() {
        endUnserved("no " + (needsLeader() ? "leader" : "server") + " answered within " + inWords(timeoutNanos));
    }

    private synchronized boolean mustNotRepeat() {
        return !isRepeatable() && (maybeApplied || !hasEffect());
    }

    private void endUnserved(ClientResponse.Invalid invalid) {
        boolean unknown;
        synchronized (this) {
            unknown = maybeApplied;
        }
        if (unknown) {
            endUnserved(invalid.reason());
        } else {
            end(() -> future.completeExceptionally(
                    new MalformedRequestException(subject() + " was refused: " + invalid.reason())));
        }
    }

    private void endUnserved(String reason) {
        RequestException failure;
        synchronized (this) {
            if (inFlightTo != null) {
                maybeApplied |= hasEffect();
                remember(inFlightTo, "no answer");
            }
            failure = maybeApplied
                    ? new OutcomeUnknownException(subject() + " may or may not have been applied: " + reason + tried())
                    : new NotAppliedException(
                            subject() + " was not " + (hasEffect() ? "applied" : "served") + ": " + reason + tried());
        }
        end(() -> future.completeExceptionally(failure));
    }

    private void end(Runnable completion) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            cancelAlarm.run();
        }
        context.complete(this, completion);
    }

    private void remember(String address, String failure) {
        if (failures.containsKey(address) || failures.size() < MAX_REMEMBERED_FAILURES) {
            failures.put(address, failure);
        }
    }

    private String tried() {
        if (failures.isEmpty()) {
            return "";
        }
        return failures.entrySet().stream()
                .map(failure -> failure.getKey() + " (" + failure.getValue() + ")")
                .collect(Collectors.joining(", ", "; tried ", ""));
    }

    private static boolean isCertainlyNotApplied(ClientResponse response) {
        return response instanceof ClientResponse.NotLeader
                || response instanceof ClientResponse.Busy
                || response instanceof ClientResponse.Unavailable
                || response instanceof ClientResponse.Invalid;
    }

    private static String describe(ClientResponse response) {
        if (response instanceof ClientResponse.NotLeader notLeader) {
            return notLeader
                    .leader()
                    .map(leader -> "does not lead, says " + leader.id() + " does")
                    .orElse("does not lead, knows no leader");
        } else if (response instanceof ClientResponse.Unavailable unavailable) {
            return unavailable.reason();
        } else if (response instanceof ClientResponse.Unknown unknown) {
            return unknown.reason();
        } else if (response instanceof ClientResponse.Invalid invalid) {
            return invalid.reason();
        } else if (response instanceof ClientResponse.Busy) {
            return "busy";
        } else if (response instanceof ClientResponse.ReadTimedOut) {
            return "did not serve the read in time";
        }
        return "answered with " + response.getClass().getSimpleName();
    }

    static String inWords(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
