package io.balsa.statemachine;

import io.balsa.statemachine.proto.CounterKind;
import java.util.Comparator;

/** Names one counter: each kind has names of its own. */
record CounterKey(CounterKind kind, String name) implements Comparable<CounterKey> {
    private static final Comparator<CounterKey> BY_KIND_AND_NAME =
            Comparator.comparing(CounterKey::kind).thenComparing(CounterKey::name);

    @Override
    public int compareTo(CounterKey other) {
        return BY_KIND_AND_NAME.compare(this, other);
    }
}
