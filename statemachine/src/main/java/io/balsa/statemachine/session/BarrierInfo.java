package io.balsa.statemachine.session;

import java.util.Objects;

/**
 * What the cluster knows of a barrier.
 *
 * @param name the barrier
 * @param parties how many must wait for all to pass; 0 when nobody waits
 * @param waiting how many wait
 */
public record BarrierInfo(String name, int parties, int waiting) {
    public BarrierInfo {
        Objects.requireNonNull(name, "name");
    }
}
