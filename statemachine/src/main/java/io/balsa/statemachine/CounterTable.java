package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.AddToCounter;
import io.balsa.statemachine.proto.CompareAndSetCounter;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.UpdateCounter;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Keeps whole numbers by name.
 *
 * <p>A counter of 0 has no state, so that latches that are through, and counters that were set back, cost nothing. Nothing
 * depends on what such a one was before: updates compare values alone, and the index of a change is that of its entry, hence
 * larger than any that the counter had in an earlier life.
 */
final class CounterTable {
    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final ParkedReads parkedReads;
    private final NavigableMap<CounterKey, Counter> counters = new TreeMap<>();

    CounterTable(StateMachineLimits limits, ReplicatedClock clock, ParkedReads parkedReads) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
        this.parkedReads = parkedReads;
    }

    Result update(UpdateCounter command) throws Refused {
        CounterKey key = checked(command.getKind(), command.getName());
        long before = find(key).value();
        return switch (command.getChangeCase()) {
            case ADD -> add(key, before, command.getAdd());
            case SET -> write(key, before, command.getSet());
            case COMPARE_AND_SET -> compareAndSet(key, before, command.getCompareAndSet());
            case CHANGE_NOT_SET -> throw Refused.invalid("an update of a counter without a change");
        };
    }

    /** The key of a counter that a command or query names, if it may. */
    CounterKey checked(CounterKind kind, String name) throws Refused {
        if (kind == CounterKind.UNRECOGNIZED) {
            throw Refused.invalid("the kind of the counter is unknown");
        }
        checks.name("the counter's name", name);
        return new CounterKey(kind, name);
    }

    private Result add(CounterKey key, long before, AddToCounter change) throws Refused {
        long delta = change.getDelta();
        long sum = before + delta;
        boolean tooSmall = delta < 0 && sum > before;
        boolean tooLarge = delta > 0 && sum < before;
        if (change.getHasFloor() && (tooSmall || (!tooLarge && sum < change.getFloor()))) {
            return Results.counterKept(before);
        }
        if (tooSmall || tooLarge) {
            throw Refused.outOfRange(before, delta);
        }
        return write(key, before, sum);
    }

    private Result compareAndSet(CounterKey key, long before, CompareAndSetCounter change) throws Refused {
        return before == change.getExpected() ? write(key, before, change.getNewValue()) : Results.counterKept(before);
    }

    private Result write(CounterKey key, long before, long after) throws Refused {
        if (before == 0 && after != 0 && counters.size() >= limits.maxCounters()) {
            throw Refused.limit("there are " + limits.maxCounters() + " counters");
        }
        if (after == 0) {
            counters.remove(key);
        } else if (after != before) {
            counters.put(key, new Counter(after, clock.index()));
        }
        if (after < before) {
            parkedReads.wakeCounter(key, after, before);
        }
        return Results.counterChanged(before, after);
    }

    /** Adds a counter, out of a snapshot. */
    void restore(CounterKey key, Counter counter) {
        Invariant.check(key.kind() != CounterKind.UNRECOGNIZED, "the kind of a counter is known");
        Invariant.check(counter.value() != 0, "a counter of 0 has no state");
        Invariant.check(counters.put(key, counter) == null, "a counter is there once");
    }

    /** What the counter is. */
    Counter find(CounterKey key) {
        return counters.getOrDefault(key, Counter.ZERO);
    }

    /** Those that are not 0, by kind and name; a view. */
    Iterable<Map.Entry<CounterKey, Counter>> all() {
        return counters.entrySet();
    }

    int size() {
        return counters.size();
    }
}
