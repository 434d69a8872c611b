package io.balsa.simulation.planted;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Loads a Balsa of its own, in which some classes are replaced. All others of Balsa come from the class path, and what is not
 * Balsa's is shared.
 */
final class MutantLoader extends ClassLoader {
    private static final String OURS = "io.balsa.";
    /** Nothing is planted in these, and they use nothing that is: shared, since they take long to load. */
    private static final List<String> SHARED =
            List.of("io.balsa.raft.proto.", "io.balsa.statemachine.proto.", "io.balsa.simulation.history.");

    private final Map<String, byte[]> replaced;

    MutantLoader(Map<String, byte[]> replaced, ClassLoader parent) {
        super(parent);
        this.replaced = replaced;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS) || SHARED.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = replaced.containsKey(name) ? replaced.get(name) : bytesOnClassPath(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] bytesOnClassPath(String name) {
        try (InputStream input = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            return input == null ? null : input.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("class " + name + " can't be read", e);
        }
    }
}
