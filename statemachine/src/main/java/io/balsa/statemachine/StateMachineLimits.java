package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;

/**
 * The bounds of everything that the state machine keeps.
 *
 * <p>They decide what becomes of a command, so they belong to the replicated state as much as the code does: all servers of
 * a cluster must have the same, in every version. Tests make them small; nothing else should change them.
 */
public final class StateMachineLimits {
    private final long minTtlMillis;
    private final long maxTtlMillis;
    private final long maxWaitMillis;
    private final int maxNameBytes;
    private final int maxSessions;
    private final int maxOutstandingResults;
    private final long maxOutstandingResultBytes;
    private final long maxResultBytes;
    private final int maxLocks;
    private final int maxWaitersPerLock;
    private final int maxWaiters;
    private final int maxHoldCount;
    private final int maxHoldersPerLock;
    private final int maxHolders;
    private final int maxPermits;
    private final int maxHolderDataBytes;
    private final long maxAllHolderDataBytes;
    private final int maxServices;
    private final int maxInstanceBytes;
    private final long maxServiceBytes;
    private final int maxKeys;
    private final int maxValueBytes;
    private final long maxKeyValueBytes;
    private final int maxCounters;
    private final int maxBarriers;
    private final int maxBarrierParties;
    private final int maxBarrierArrivals;
    private final int maxHistoryEvents;
    private final long maxHistoryBytes;
    private final int maxParkedReads;
    private final int maxAnswerBytes;

    private StateMachineLimits(Builder builder) {
        minTtlMillis = builder.minTtlMillis;
        maxTtlMillis = builder.maxTtlMillis;
        maxWaitMillis = builder.maxWaitMillis;
        maxNameBytes = builder.maxNameBytes;
        maxSessions = builder.maxSessions;
        maxOutstandingResults = builder.maxOutstandingResults;
        maxOutstandingResultBytes = builder.maxOutstandingResultBytes;
        maxResultBytes = builder.maxResultBytes;
        maxLocks = builder.maxLocks;
        maxWaitersPerLock = builder.maxWaitersPerLock;
        maxWaiters = builder.maxWaiters;
        maxHoldCount = builder.maxHoldCount;
        maxHoldersPerLock = builder.maxHoldersPerLock;
        maxHolders = builder.maxHolders;
        maxPermits = builder.maxPermits;
        maxHolderDataBytes = builder.maxHolderDataBytes;
        maxAllHolderDataBytes = builder.maxAllHolderDataBytes;
        maxServices = builder.maxServices;
        maxInstanceBytes = builder.maxInstanceBytes;
        maxServiceBytes = builder.maxServiceBytes;
        maxKeys = builder.maxKeys;
        maxValueBytes = builder.maxValueBytes;
        maxKeyValueBytes = builder.maxKeyValueBytes;
        maxCounters = builder.maxCounters;
        maxBarriers = builder.maxBarriers;
        maxBarrierParties = builder.maxBarrierParties;
        maxBarrierArrivals = builder.maxBarrierArrivals;
        maxHistoryEvents = builder.maxHistoryEvents;
        maxHistoryBytes = builder.maxHistoryBytes;
        maxParkedReads = builder.maxParkedReads;
        maxAnswerBytes = builder.maxAnswerBytes;
    }

    /** What every cluster has. */
    public static StateMachineLimits defaults() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The shortest TTL of a session or lock. */
    public long minTtlMillis() {
        return minTtlMillis;
    }

    /** The longest TTL of a session or lock. */
    public long maxTtlMillis() {
        return maxTtlMillis;
    }

    /** The longest wait for a lock. */
    public long maxWaitMillis() {
        return maxWaitMillis;
    }

    /** The bytes of a name, key or client name in UTF-8. */
    public int maxNameBytes() {
        return maxNameBytes;
    }

    /** Open sessions. */
    public int maxSessions() {
        return maxSessions;
    }

    /** Results kept for one session until it acknowledges them. */
    public int maxOutstandingResults() {
        return maxOutstandingResults;
    }

    /** The bytes of those results; small ones, and refusals, go beyond. */
    public long maxOutstandingResultBytes() {
        return maxOutstandingResultBytes;
    }

    /** The bytes of the results of all sessions; small ones, and refusals, go beyond. */
    public long maxResultBytes() {
        return maxResultBytes;
    }

    /** Locks that are held. */
    public int maxLocks() {
        return maxLocks;
    }

    /** Waiters for one lock. */
    public int maxWaitersPerLock() {
        return maxWaitersPerLock;
    }

    /** Waiters for all locks. */
    public int maxWaiters() {
        return maxWaiters;
    }

    /** How often one holder can have a lock. */
    public int maxHoldCount() {
        return maxHoldCount;
    }

    /** Holders of one lock that came in at once; those who waited for their turn go beyond. */
    public int maxHoldersPerLock() {
        return maxHoldersPerLock;
    }

    /** Holders of all locks, and those who wait to be. */
    public int maxHolders() {
        return maxHolders;
    }

    /** The permits of one semaphore. */
    public int maxPermits() {
        return maxPermits;
    }

    /** The bytes of what one holder of a lock wants to be seen with, in UTF-8. */
    public int maxHolderDataBytes() {
        return maxHolderDataBytes;
    }

    /** The bytes of what all holders and waiters want to be seen with; one more goes beyond. */
    public long maxAllHolderDataBytes() {
        return maxAllHolderDataBytes;
    }

    /** Registered service instances. */
    public int maxServices() {
        return maxServices;
    }

    /** The bytes of one service instance with its metadata. */
    public int maxInstanceBytes() {
        return maxInstanceBytes;
    }

    /** The bytes of all service instances. */
    public long maxServiceBytes() {
        return maxServiceBytes;
    }

    /** Keys. */
    public int maxKeys() {
        return maxKeys;
    }

    /** The bytes of a value. */
    public int maxValueBytes() {
        return maxValueBytes;
    }

    /** The bytes of all keys and values. */
    public long maxKeyValueBytes() {
        return maxKeyValueBytes;
    }

    /** Counters that are not 0, those of latches included. */
    public int maxCounters() {
        return maxCounters;
    }

    /** Barriers at which somebody is. */
    public int maxBarriers() {
        return maxBarriers;
    }

    /** How many may pass a barrier together. */
    public int maxBarrierParties() {
        return maxBarrierParties;
    }

    /** Those who wait at all barriers, or passed and did not say yet that they know. */
    public int maxBarrierArrivals() {
        return maxBarrierArrivals;
    }

    /** Service events kept for watches to resume. */
    public int maxHistoryEvents() {
        return maxHistoryEvents;
    }

    /** The bytes of those events. */
    public long maxHistoryBytes() {
        return maxHistoryBytes;
    }

    /** Reads that wait for something on one server. */
    public int maxParkedReads() {
        return maxParkedReads;
    }

    /** The bytes of an answer to a query; below what a frame of the client's connection may hold. */
    public int maxAnswerBytes() {
        return maxAnswerBytes;
    }

    /** Changes single limits. */
    public static final class Builder {
        private long minTtlMillis = 100;
        private long maxTtlMillis = 24 * 60 * 60 * 1000L;
        private long maxWaitMillis = 24 * 60 * 60 * 1000L;
        private int maxNameBytes = 512;
        private int maxSessions = 1_000_000;
        private int maxOutstandingResults = 1024;
        private long maxOutstandingResultBytes = 4L << 20;
        private long maxResultBytes = 256L << 20;
        private int maxLocks = 1_000_000;
        private int maxWaitersPerLock = 10_000;
        private int maxWaiters = 1_000_000;
        private int maxHoldCount = 1_000_000;
        private int maxHoldersPerLock = 10_000;
        private int maxHolders = 2_000_000;
        private int maxPermits = 1_000_000;
        private int maxHolderDataBytes = 1 << 10;
        private long maxAllHolderDataBytes = 256L << 20;
        private int maxServices = 100_000;
        private int maxInstanceBytes = 64 << 10;
        private long maxServiceBytes = 256L << 20;
        private int maxKeys = 1_000_000;
        private int maxValueBytes = 1 << 20;
        private long maxKeyValueBytes = 512L << 20;
        private int maxCounters = 1_000_000;
        private int maxBarriers = 100_000;
        private int maxBarrierParties = 10_000;
        private int maxBarrierArrivals = 1_000_000;
        private int maxHistoryEvents = 10_000;
        private long maxHistoryBytes = 16L << 20;
        private int maxParkedReads = 100_000;
        private int maxAnswerBytes = 3 << 20;

        private Builder() {}

        public Builder minTtlMillis(long minTtlMillis) {
            this.minTtlMillis = positive(minTtlMillis);
            return this;
        }

        public Builder maxTtlMillis(long maxTtlMillis) {
            this.maxTtlMillis = positive(maxTtlMillis);
            return this;
        }

        public Builder maxWaitMillis(long maxWaitMillis) {
            this.maxWaitMillis = positive(maxWaitMillis);
            return this;
        }

        public Builder maxNameBytes(int maxNameBytes) {
            this.maxNameBytes = positive(maxNameBytes);
            return this;
        }

        public Builder maxSessions(int maxSessions) {
            this.maxSessions = positive(maxSessions);
            return this;
        }

        public Builder maxOutstandingResults(int maxOutstandingResults) {
            this.maxOutstandingResults = positive(maxOutstandingResults);
            return this;
        }

        public Builder maxOutstandingResultBytes(long maxOutstandingResultBytes) {
            this.maxOutstandingResultBytes = positive(maxOutstandingResultBytes);
            return this;
        }

        public Builder maxResultBytes(long maxResultBytes) {
            this.maxResultBytes = positive(maxResultBytes);
            return this;
        }

        public Builder maxLocks(int maxLocks) {
            this.maxLocks = positive(maxLocks);
            return this;
        }

        public Builder maxWaitersPerLock(int maxWaitersPerLock) {
            this.maxWaitersPerLock = positive(maxWaitersPerLock);
            return this;
        }

        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = positive(maxWaiters);
            return this;
        }

        public Builder maxHoldCount(int maxHoldCount) {
            this.maxHoldCount = positive(maxHoldCount);
            return this;
        }

        public Builder maxHoldersPerLock(int maxHoldersPerLock) {
            this.maxHoldersPerLock = positive(maxHoldersPerLock);
            return this;
        }

        public Builder maxHolders(int maxHolders) {
            this.maxHolders = positive(maxHolders);
            return this;
        }

        public Builder maxPermits(int maxPermits) {
            this.maxPermits = positive(maxPermits);
            return this;
        }

        public Builder maxHolderDataBytes(int maxHolderDataBytes) {
            this.maxHolderDataBytes = positive(maxHolderDataBytes);
            return this;
        }

        public Builder maxAllHolderDataBytes(long maxAllHolderDataBytes) {
            this.maxAllHolderDataBytes = positive(maxAllHolderDataBytes);
            return this;
        }

        public Builder maxServices(int maxServices) {
            this.maxServices = positive(maxServices);
            return this;
        }

        public Builder maxInstanceBytes(int maxInstanceBytes) {
            this.maxInstanceBytes = positive(maxInstanceBytes);
            return this;
        }

        public Builder maxServiceBytes(long maxServiceBytes) {
            this.maxServiceBytes = positive(maxServiceBytes);
            return this;
        }

        public Builder maxKeys(int maxKeys) {
            this.maxKeys = positive(maxKeys);
            return this;
        }

        public Builder maxValueBytes(int maxValueBytes) {
            this.maxValueBytes = positive(maxValueBytes);
            return this;
        }

        public Builder maxKeyValueBytes(long maxKeyValueBytes) {
            this.maxKeyValueBytes = positive(maxKeyValueBytes);
            return this;
        }

        public Builder maxCounters(int maxCounters) {
            this.maxCounters = positive(maxCounters);
            return this;
        }

        public Builder maxBarriers(int maxBarriers) {
            this.maxBarriers = positive(maxBarriers);
            return this;
        }

        public Builder maxBarrierParties(int maxBarrierParties) {
            this.maxBarrierParties = positive(maxBarrierParties);
            return this;
        }

        public Builder maxBarrierArrivals(int maxBarrierArrivals) {
            this.maxBarrierArrivals = positive(maxBarrierArrivals);
            return this;
        }

        public Builder maxHistoryEvents(int maxHistoryEvents) {
            this.maxHistoryEvents = positive(maxHistoryEvents);
            return this;
        }

        public Builder maxHistoryBytes(long maxHistoryBytes) {
            this.maxHistoryBytes = positive(maxHistoryBytes);
            return this;
        }

        public Builder maxParkedReads(int maxParkedReads) {
            this.maxParkedReads = positive(maxParkedReads);
            return this;
        }

        public Builder maxAnswerBytes(int maxAnswerBytes) {
            this.maxAnswerBytes = positive(maxAnswerBytes);
            return this;
        }

        public StateMachineLimits build() {
            return new StateMachineLimits(this);
        }

        private static int positive(int limit) {
            Invariant.check(limit > 0, "a limit is positive");
            return limit;
        }

        private static long positive(long limit) {
            Invariant.check(limit > 0, "a limit is positive");
            return limit;
        }
    }
}
