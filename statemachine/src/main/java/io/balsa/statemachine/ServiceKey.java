package io.balsa.statemachine;

import java.util.Comparator;

/** Names one instance of a service. */
record ServiceKey(String name, String id) implements Comparable<ServiceKey> {
    private static final Comparator<ServiceKey> BY_NAME_AND_ID =
            Comparator.comparing(ServiceKey::name).thenComparing(ServiceKey::id);

    @Override
    public int compareTo(ServiceKey other) {
        return BY_NAME_AND_ID.compare(this, other);
    }
}
