package io.balsa.bench;

/** What the JVMs that are measured are started with: what Chronicle Queue, Agrona and Aeron need, and their heaps. */
public final class JvmFlags {
    public static final String EXPORT_REF = "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED";
    public static final String OPEN_REFLECT = "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED";
    public static final String OPEN_CHANNELS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";
    public static final String OPEN_MISC = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
    public static final String NO_ANALYTICS = "-Dchronicle.analytics.disable=true";
    public static final String MIN_HEAP = "-Xms1g";
    public static final String MAX_HEAP = "-Xmx1g";
    public static final String SMALL_MIN_HEAP = "-Xms256m";
    public static final String SMALL_MAX_HEAP = "-Xmx256m";
    /** For 300 nodes, or a million objects. */
    public static final String LARGE_MIN_HEAP = "-Xms3g";

    public static final String LARGE_MAX_HEAP = "-Xmx3g";
    /** The usual collector, whatever the JVM would choose for this machine. */
    public static final String COLLECTOR = "-XX:+UseG1GC";

    private JvmFlags() {}
}
