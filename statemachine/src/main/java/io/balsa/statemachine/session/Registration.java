package io.balsa.statemachine.session;

/** Something that was added and can be taken away again. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
    /** Takes it away. Doing so twice does nothing. */
    @Override
    void close();
}
