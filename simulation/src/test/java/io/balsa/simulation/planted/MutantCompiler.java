package io.balsa.simulation.planted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles a source with a bug planted in it, in memory, against the classes that the tests run with. */
final class MutantCompiler implements AutoCloseable {
    private static final String JAVA_FILES = "/src/main/java/";
    private static final List<String> OPTIONS = List.of(
            "-proc:none",
            "-implicit:none",
            "-nowarn",
            "-Xlint:none",
            "-classpath",
            System.getProperty("java.class.path"));

    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final JavaFileManager files = compiler.getStandardFileManager(null, null, null);

    /** The classes of the bug's sources, by their names. */
    Map<String, byte[]> compile(PlantedBug bug) throws IOException {
        List<Source> planted = new ArrayList<>();
        for (String source : bug.sources()) {
            planted.add(new Source(source, bug.plantedIn(source, Files.readString(fileOf(source)))));
        }
        Output output = new Output(files);
        StringWriter messages = new StringWriter();
        boolean compiled =
                compiler.getTask(messages, output, null, OPTIONS, null, planted).call();
        if (!compiled) {
            throw new IllegalStateException("the bug '" + bug.name() + "' can't be compiled: " + messages);
        }
        return output.classes();
    }

    /** Where a source is; tests run in the directory of their module. */
    private static Path fileOf(String source) {
        return Path.of("..", source).normalize();
    }

    @Override
    public void close() throws IOException {
        files.close();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(
                    URI.create("memory:///" + path.substring(path.indexOf(JAVA_FILES) + JAVA_FILES.length())),
                    Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps what the compiler writes. */
    private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Output(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return written.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new HashMap<>();
            written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }
    }
}
