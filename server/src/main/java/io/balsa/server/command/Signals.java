package io.balsa.server.command;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hands SIGTERM and SIGINT to the program instead of letting the JVM end, until it is closed.
 *
 * <p>By reflection, since {@code sun.misc.Signal}, the only way to do this, cannot be compiled against without a warning.
 */
public final class Signals implements AutoCloseable {
    /** Added to a signal's number, this is the exit code of a process that the signal ended. */
    private static final int EXIT_CODE_BASE = 128;

    private static final List<String> NAMES = List.of("TERM", "INT");

    private final List<Object> replaced = new ArrayList<>();
    private final Api api;

    /** A signal that came. */
    public record Signal(String name, int number) {
        /** The exit code of a process that it ended. */
        public int exitCode() {
            return EXIT_CODE_BASE + number;
        }
    }

    private Signals(Api api) {
        this.api = api;
    }

    /**
     * Begins to hand over signals.
     *
     * @param listener called on a thread of the JVM's, once for each signal; may block
     */
    public static Signals handle(Consumer<Signal> listener) {
        Signals signals = new Signals(Api.load());
        for (String name : NAMES) {
            signals.replaced.add(signals.api.handle(name, listener));
        }
        return signals;
    }

    /** From here on the JVM treats signals as before. */
    @Override
    public void close() {
        for (int i = 0; i < replaced.size(); i++) {
            api.restore(NAMES.get(i), replaced.get(i));
        }
        replaced.clear();
    }

    private record Api(Class<?> signalType, Class<?> handlerType) {
        static Api load() {
            try {
                return new Api(Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("this JVM has no module jdk.unsupported", e);
            }
        }

        Object handle(String name, Consumer<Signal> listener) {
            Object handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            int number = (int) signalType.getMethod("getNumber").invoke(arguments[0]);
                            listener.accept(new Signal(name, number));
                            return null;
                        }
                        return method.invoke(this, arguments);
                    });
            return restore(name, handler);
        }

        Object restore(String name, Object handler) {
            try {
                Object signal = signalType.getConstructor(String.class).newInstance(name);
                return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            } catch (InvocationTargetException e) {
                throw new IllegalStateException("SIG" + name + " cannot be handled", e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("SIG" + name + " cannot be handled", e);
            }
        }
    }
}
