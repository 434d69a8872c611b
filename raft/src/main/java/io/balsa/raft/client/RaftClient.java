package io.balsa.raft.client;

import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A client of a group: finds the leader among several servers, follows their hints, pauses and tries again, and tells in
 * the end what happened. Thread-safe.
 *
 * <p>Every call has a timeout. Its future completes with the result, or exceptionally with a {@link NotAppliedException}
 * if no attempt can have had an effect, or an {@link OutcomeUnknownException} if one may have. Futures complete on the
 * executor of the builder.
 *
 * <p>The known addresses should be spelled as the servers spell their own, or hints lead to a second connection.
 */
public final class RaftClient implements AutoCloseable {
    private final Endpoints endpoints;
    private final Timer timer;
    private final Executor executor;
    private final long attemptNanos;
    private final int maxPendingCalls;
    private final long maxPendingBytes;
    private final CallContext context;

    private final Set<Call<?>> pending = ConcurrentHashMap.newKeySet();
    private final AtomicInteger pendingCount = new AtomicInteger();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final AtomicLong lastNumber = new AtomicLong();
    private volatile boolean closed;

    private RaftClient(Builder builder) {
        Set<String> known = new LinkedHashSet<>(builder.addresses);
        known.addAll(builder.services.keySet());
        if (known.isEmpty()) {
            throw new IllegalArgumentException("a client needs the address of at least one server");
        }
        Random random = builder.seed.isPresent() ? new Random(builder.seed.getAsLong()) : new Random();
        endpoints = new Endpoints(
                known,
                builder.services,
                builder.connector,
                builder.preferred.orElse(null),
                random.nextInt(known.size()));
        timer = builder.timer.orElseGet(() -> new ThreadTimer("balsa-client-" + builder.name));
        executor = builder.executor;
        attemptNanos = builder.attemptTimeout.toNanos();
        maxPendingCalls = builder.maxPendingCalls;
        maxPendingBytes = builder.maxPendingBytes;
        context = new Context(new Backoff(builder.firstPause.toMillis(), builder.longestPause.toMillis(), random));
    }

    /** Begins to describe a client. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Has a command applied.
     *
     * @param exactlyOnce whether the state machine recognizes the command when it comes again, so that trying again is safe
     *     even if an earlier attempt may have been applied; if not, that is reported at once
     */
    public CompletableFuture<ClientResponse.Applied> propose(byte[] command, Duration timeout, boolean exactlyOnce) {
        return start(new ProposeCall(context, command, timeout.toNanos(), exactlyOnce, attemptNanos));
    }

    /**
     * Reads something that is there at once, trying other servers when one does not answer.
     *
     * @param minIndex for {@link ReadConsistency#SESSION}: see at least the state after this index; else 0
     */
    public CompletableFuture<ClientResponse.Answer> read(
            ReadConsistency consistency, long minIndex, byte[] query, Duration timeout) {
        return start(new ReadCall(context, consistency, minIndex, query, timeout.toNanos(), attemptNanos));
    }

    /**
     * Reads something that the state machine may have to wait for.
     *
     * @param minIndex see {@link #read}
     * @return empty when there was nothing to read in the time given
     */
    public CompletableFuture<Optional<ClientResponse.Answer>> await(
            ReadConsistency consistency, long minIndex, byte[] query, Duration timeout) {
        return start(new AwaitCall(context, consistency, minIndex, query, timeout.toNanos(), attemptNanos));
    }

    /** Asks one server what it says of itself; another is not asked in its place. */
    public CompletableFuture<NodeStatus> status(String address, Duration timeout) {
        return start(new StatusCall(context, address, timeout.toNanos()));
    }

    /**
     * Has the leader change who belongs to the group. Not tried again when its outcome is unknown: look at the members.
     *
     * @return whether it is done or was refused, and why
     */
    public CompletableFuture<ClientResponse.Administered> changeMembership(MembershipChange change, Duration timeout) {
        return start(new AdminCall(
                context, new ClientRequest.ChangeMembership(change), "the change of membership", timeout.toNanos()));
    }

    /**
     * Has the leader hand its office over.
     *
     * @param target who shall lead; empty for the one that is most up to date
     * @return whether it is done, was refused and why, or took too long
     */
    public CompletableFuture<ClientResponse.Administered> transferLeadership(
            Optional<NodeId> target, Duration timeout) {
        return start(new AdminCall(
                context,
                new ClientRequest.TransferLeadership(target),
                "the transfer of the leadership",
                timeout.toNanos()));
    }

    /** The address of the server that led when this client last needed it. */
    public Optional<String> leaderAddress() {
        return endpoints.leader();
    }

    /** Ends all calls, saying what became of them, then connections and thread. Closing twice does nothing. */
    @Override
    public void close() {
        closed = true;
        List<Call<?>> inOrder = new ArrayList<>(pending);
        inOrder.sort(Comparator.comparingLong(Call::number));
        for (Call<?> call : inOrder) {
            call.abandon("the client was closed");
        }
        timer.close();
        endpoints.close();
    }

    private <T> CompletableFuture<T> start(Call<T> call) {
        int count = pendingCount.incrementAndGet();
        long bytes = pendingBytes.addAndGet(call.bytes());
        call.numbered(lastNumber.incrementAndGet());
        pending.add(call);
        if (closed) {
            call.abandon("the client was closed");
        } else if (count > maxPendingCalls || bytes > maxPendingBytes) {
            call.abandon("too many calls are under way: " + count + " of " + bytes + " bytes");
        } else {
            call.start();
            if (closed) {
                call.abandon("the client was closed");
            }
        }
        return call.future();
    }

    private void complete(Call<?> call, Runnable completion) {
        pending.remove(call);
        Runnable completeAndCount = () -> {
            // Only now, so that an executor that is stuck makes calls fail instead of its queue grow.
            pendingBytes.addAndGet(-call.bytes());
            pendingCount.decrementAndGet();
            completion.run();
        };
        try {
            executor.execute(completeAndCount);
        } catch (RejectedExecutionException rejected) {
            completeAndCount.run();
        }
    }

    private final class Context implements CallContext {
        private final Backoff backoff;

        Context(Backoff backoff) {
            this.backoff = backoff;
        }

        @Override
        public Endpoints endpoints() {
            return endpoints;
        }

        @Override
        public Timer timer() {
            return timer;
        }

        @Override
        public Backoff backoff() {
            return backoff;
        }

        @Override
        public void complete(Call<?> call, Runnable completion) {
            RaftClient.this.complete(call, completion);
        }
    }

    /** Gathers what a client is made of. */
    public static final class Builder {
        private final Set<String> addresses = new LinkedHashSet<>();
        private final Map<String, RaftService> services = new LinkedHashMap<>();
        private Function<String, RaftService> connector = address -> {
            throw new IllegalStateException("this client has no way to connect to other servers");
        };
        private Optional<String> preferred = Optional.empty();
        private String name = "client";
        private Executor executor = new CompletableFuture<Void>().defaultExecutor();
        private Duration attemptTimeout = Duration.ofSeconds(2);
        private Duration firstPause = Duration.ofMillis(10);
        private Duration longestPause = Duration.ofMillis(250);
        private int maxPendingCalls = 16 << 10;
        private long maxPendingBytes = 64L << 20;
        private OptionalLong seed = OptionalLong.empty();
        private Optional<Timer> timer = Optional.empty();

        private Builder() {}

        /** Servers to begin with, {@code host:port} each; hints lead to others. */
        public Builder addresses(List<String> value) {
            addresses.addAll(value);
            return this;
        }

        /** A server that is there already, for example in this process; not closed by the client. */
        public Builder service(String address, RaftService service) {
            services.put(address, Objects.requireNonNull(service, "service"));
            return this;
        }

        /**
         * Makes the service of an address, once for each; must not block. If it is {@link AutoCloseable}, the client closes
         * it in the end.
         */
        public Builder connector(Function<String, RaftService> value) {
            connector = Objects.requireNonNull(value, "connector");
            return this;
        }

        /** Where to read first what needs no leader; any unless set. */
        public Builder preferred(String address) {
            preferred = Optional.of(address);
            return this;
        }

        /** Part of the name of its thread. */
        public Builder name(String value) {
            name = Objects.requireNonNull(value, "name");
            return this;
        }

        /** Completes the futures; that of {@link CompletableFuture}'s async methods unless set. */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value, "executor");
            return this;
        }

        /** How long to wait for one server before another is tried, where that is safe; 2 s unless set. */
        public Builder attemptTimeout(Duration value) {
            attemptTimeout = positive("attemptTimeout", value);
            return this;
        }

        /** Pauses between rounds over all servers: 10 ms at first, doubled up to 250 ms, unless set. */
        public Builder pauses(Duration first, Duration longest) {
            firstPause = positive("first pause", first);
            longestPause = positive("longest pause", longest);
            return this;
        }

        /** More calls at a time, or calls of more bytes, fail at once; 16384 calls of 64 MiB unless set. */
        public Builder maxPending(int calls, long bytes) {
            maxPendingCalls = calls;
            maxPendingBytes = bytes;
            return this;
        }

        /** Makes the pauses and the order of servers predictable. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** Time for the client, owned and closed by it; the system's, with a thread of its own, unless set. */
        public Builder timer(Timer value) {
            timer = Optional.of(value);
            return this;
        }

        /** Makes the client. It connects when it is first used. */
        public RaftClient build() {
            return new RaftClient(this);
        }

        private static Duration positive(String option, Duration value) {
            if (value.toMillis() <= 0) {
                throw new IllegalArgumentException("the " + option + " must be at least 1 ms, not " + value);
            }
            return value;
        }
    }
}
