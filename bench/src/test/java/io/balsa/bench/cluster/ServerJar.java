package io.balsa.bench.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the servers of tests run: a jar that only says where the classes are, since the real one is made after the tests. */
public final class ServerJar {
    /** Not on the class path of the tests, whose logging it would set up. */
    private static final String SERVER_CLASSES = "../server/target/classes/";

    private ServerJar() {}

    /** Makes the jar, and names it to the benchmarks. */
    public static void name(Path directory) throws IOException {
        System.setProperty(ServerCluster.JAR_PROPERTY, make(directory).toString());
    }

    /** Takes the name away. */
    public static void forget() {
        System.clearProperty(ServerCluster.JAR_PROPERTY);
    }

    private static Path make(Path directory) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "io.balsa.server.Balsa");
        attributes.put(
                Attributes.Name.CLASS_PATH,
                Stream.concat(
                                Stream.of(SERVER_CLASSES),
                                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)))
                        .map(element -> Path.of(element).toUri().toString())
                        .collect(Collectors.joining(" ")));
        Path jar = directory.resolve("server.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }
}
