package io.balsa.simulation;

import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A hash of all bytes of a snapshot, which are the same for equal states. */
final class StateHash extends OutputStream {
    private long hash = 17;

    private StateHash() {}

    static long of(StateMachine machine) {
        StateHash hash = new StateHash();
        try (StateMachine.Snapshot snapshot = machine.cutSnapshot()) {
            snapshot.writeTo(hash);
        } catch (IOException e) {
            throw new UncheckedIOException("a hash takes all bytes", e);
        }
        return hash.hash;
    }

    @Override
    public void write(int b) {
        hash = hash * 31 + b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        long mixed = hash;
        for (int i = offset; i < offset + length; i++) {
            mixed = mixed * 31 + bytes[i];
        }
        hash = mixed ^ (mixed >>> 29);
    }
}
