package io.balsa.raft.adapter;

import java.util.ArrayList;
import java.util.List;

/**
 * Knows which packages of the JDK must be opened for Chronicle Queue, which maps files. Nothing else of Balsa needs any.
 *
 * <p>Without the check each of them would fail on its own, deep inside and in its own words, and one after the other.
 */
public final class RuntimeFlags {
    private static final List<JdkPackage> NEEDED = List.of(
            // Chronicle frees direct buffers by the JDK's own cleaner, and writes to the console when it can't.
            new JdkPackage("java.base", "jdk.internal.ref", false),
            // Chronicle looks up the JDK's own way of mapping a file by reflection, since a ByteBuffer ends at 2 GB.
            new JdkPackage("java.base", "java.lang.reflect", true),
            new JdkPackage("java.base", "sun.nio.ch", true));

    private RuntimeFlags() {}

    private record JdkPackage(String module, String name, boolean open) {
        String flag() {
            return (open ? "--add-opens=" : "--add-exports=") + module + "/" + name + "=ALL-UNNAMED";
        }

        boolean isAccessibleTo(Module user) {
            Module owner = ModuleLayer.boot().findModule(module).orElseThrow();
            return open ? owner.isOpen(name, user) : owner.isExported(name, user);
        }
    }

    /** The flags that Chronicle Queue needs, as on the command line of {@code java}. */
    public static List<String> needed() {
        return NEEDED.stream().map(JdkPackage::flag).toList();
    }

    /** The flags that Chronicle Queue needs and this JVM was not started with. */
    public static List<String> missing() {
        return missingFor(RuntimeFlags.class.getModule());
    }

    static List<String> missingFor(Module user) {
        List<String> missing = new ArrayList<>();
        for (JdkPackage needed : NEEDED) {
            if (!needed.isAccessibleTo(user)) {
                missing.add(needed.flag());
            }
        }
        return List.copyOf(missing);
    }

    /**
     * Fails with all missing flags at once.
     *
     * @throws MissingRuntimeFlagsException if there are any
     */
    public static void require() {
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            throw new MissingRuntimeFlagsException(missing);
        }
    }
}
