package io.balsa.statemachine;

import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.Query;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Keeps the reads of this server that wait for something to happen, and answers them when it has.
 *
 * <p>Not part of the replicated state: a read waits on one server and is gone with it; its client asks again. Each waits for
 * one topic, so that a change wakes those alone who asked for it (no herd on the release of a lock).
 */
final class ParkedReads {
    /** What a read waits for. */
    sealed interface Topic {}

    /** That a handle no longer waits for a lock. */
    record LockTopic(String name, long session, long holder) implements Topic {}

    /** That a lock has other holders. */
    record HoldersTopic(String name) implements Topic {}

    /** Events of a service; an empty name for those of all. */
    record ServiceTopic(String name) implements Topic {
        static final ServiceTopic ALL = new ServiceTopic("");
    }

    /** That a counter is not above a value. */
    record CounterTopic(CounterKey counter, long atMost) implements Topic, Comparable<CounterTopic> {
        private static final Comparator<CounterTopic> BY_COUNTER_AND_VALUE =
                Comparator.comparing(CounterTopic::counter).thenComparingLong(CounterTopic::atMost);

        @Override
        public int compareTo(CounterTopic other) {
            return BY_COUNTER_AND_VALUE.compare(this, other);
        }
    }

    /** That a handle no longer waits at a barrier. */
    record BarrierTopic(String name, long session, long holder) implements Topic {}

    // Compared by identity: two clients may ask the same.
    private static final class ParkedRead {
        private final Topic topic;
        private final Query query;
        private final CompletableFuture<byte[]> reply;

        ParkedRead(Topic topic, Query query, CompletableFuture<byte[]> reply) {
            this.topic = topic;
            this.query = query;
            this.reply = reply;
        }
    }

    private final Map<Topic, Set<ParkedRead>> byTopic = new HashMap<>();
    private final NavigableSet<CounterTopic> counterTopics = new TreeSet<>();
    private final Set<Topic> woken = new LinkedHashSet<>();
    private int size;

    /** Keeps a read until its topic is woken and there is an answer, or until its reply is completed by someone else. */
    void park(Topic topic, Query query, CompletableFuture<byte[]> reply) {
        ParkedRead read = new ParkedRead(topic, query, reply);
        if (byTopic.computeIfAbsent(topic, key -> new LinkedHashSet<>()).add(read)) {
            size++;
        }
        if (topic instanceof CounterTopic counterTopic) {
            counterTopics.add(counterTopic);
        }
        CompletableFuture<byte[]> unused = reply.whenComplete((answer, failure) -> forget(read));
    }

    private void forget(ParkedRead read) {
        Set<ParkedRead> reads = byTopic.get(read.topic);
        if (reads != null && reads.remove(read)) {
            size--;
            if (reads.isEmpty()) {
                byTopic.remove(read.topic);
                if (read.topic instanceof CounterTopic counterTopic) {
                    counterTopics.remove(counterTopic);
                }
            }
        }
    }

    /** Something has happened; who waits for it is answered at the end of the entry. */
    void wake(Topic topic) {
        if (byTopic.containsKey(topic)) {
            woken.add(topic);
        }
    }

    /**
     * A counter has become smaller. Only those are asked again who wait for a value that it has passed: the many who wait for
     * a latch to be through cost nothing while it is counted down.
     */
    void wakeCounter(CounterKey counter, long value, long valueBefore) {
        woken.addAll(counterTopics.subSet(
                new CounterTopic(counter, value), true, new CounterTopic(counter, valueBefore), false));
    }

    /** All are asked again: the state was replaced. */
    void wakeAll() {
        woken.addAll(byTopic.keySet());
    }

    /**
     * Answers whom it can of those whose topic was woken.
     *
     * @param answers the answer of a query, or empty when it must wait on
     */
    void answerWoken(Function<Query, Optional<Answer>> answers) {
        if (woken.isEmpty()) {
            return;
        }
        // Copies: completing a reply forgets the read, and whoever waits for the reply may read again.
        List<Topic> topics = new ArrayList<>(woken);
        woken.clear();
        for (Topic topic : topics) {
            for (ParkedRead read : List.copyOf(byTopic.getOrDefault(topic, Set.of()))) {
                answers.apply(read.query).ifPresent(answer -> read.reply.complete(answer.toByteArray()));
            }
        }
    }

    int size() {
        return size;
    }
}
