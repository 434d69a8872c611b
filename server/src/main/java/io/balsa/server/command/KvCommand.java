package io.balsa.server.command;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.CompareAndSetResult;
import io.balsa.statemachine.session.Expected;
import io.balsa.statemachine.session.KeyValue;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kv}: reads and writes the cluster's key-values. */
@Command(
        name = "kv",
        description = "Reads and writes key-values.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KvCommand.Get.class, KvCommand.Put.class, KvCommand.Delete.class, KvCommand.CompareAndSet.class})
public final class KvCommand {
    private static final String STANDARD_INPUT = "-";
    private static final String VALUE_DESCRIPTION = "The value, as UTF-8 text; - reads it from standard input.";

    @Command(name = "get", description = "Prints the value of a key.")
    static final class Get implements Callable<Integer> {
        @Parameters(paramLabel = "KEY")
        private String key;

        /** How fresh the value must be. */
        enum Consistency {
            LINEARIZABLE(ReadConsistency.LINEARIZABLE),
            LEASE(ReadConsistency.LEASE),
            LOCAL(ReadConsistency.LOCAL);

            private final ReadConsistency level;

            Consistency(ReadConsistency level) {
                this.level = level;
            }
        }

        @Option(
                names = "--consistency",
                paramLabel = "linearizable|lease|local",
                defaultValue = "linearizable",
                description = {
                    "How fresh the value must be. Default: ${DEFAULT-VALUE}.",
                    "linearizable: the leader makes sure that it still is the leader.",
                    "lease: it trusts its clock for that, which is faster.",
                    "local: what one node has applied; needs no leader, but may be stale."
                })
        private Consistency consistency;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                Optional<KeyValue> found = session.keyValues().get(key, consistency.level);
                if (found.isEmpty()) {
                    return absent(output, key);
                }
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("key", key);
                json.put("exists", true);
                putValue(json, found.get().value());
                json.put("revision", found.get().revision());
                json.put("createRevision", found.get().createRevision());
                output.print(json, found.get().text());
                return ExitCode.OK.code();
            }
        }
    }

    @Command(name = "put", description = "Writes the value of a key, and prints its new revision.")
    static final class Put implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "KEY")
        private String key;

        @Parameters(index = "1", paramLabel = "VALUE", description = VALUE_DESCRIPTION)
        private String value;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            byte[] bytes = bytesOf(value);
            try (Session session = cluster.connect()) {
                return written(output, key, session.keyValues().put(key, bytes));
            }
        }
    }

    @Command(name = "delete", description = "Deletes a key.")
    static final class Delete implements Callable<Integer> {
        @Parameters(paramLabel = "KEY")
        private String key;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                if (!session.keyValues().delete(key)) {
                    return absent(output, key);
                }
                output.print(Map.of("key", key), "deleted");
                return ExitCode.OK.code();
            }
        }
    }

    @Command(
            name = "cas",
            description =
                    "Writes the value of a key if it is as expected (compare and set), and prints its new revision.")
    static final class CompareAndSet implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "KEY")
        private String key;

        @Parameters(index = "1", paramLabel = "VALUE", description = VALUE_DESCRIPTION)
        private String value;

        @ArgGroup(multiplicity = "1")
        private Expectation expectation;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            byte[] bytes = bytesOf(value);
            try (Session session = cluster.connect()) {
                CompareAndSetResult result = session.keyValues().compareAndSet(key, expectation.toExpected(), bytes);
                if (result instanceof CompareAndSetResult.Mismatch mismatch) {
                    return mismatched(mismatch);
                }
                return written(output, key, ((CompareAndSetResult.Set) result).revision());
            }
        }

        private int mismatched(CompareAndSetResult.Mismatch found) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("key", key);
            json.put("exists", found.value().isPresent());
            if (found.value().isPresent()) {
                putValue(json, found.value().get());
                json.put("revision", found.revision());
            }
            if (output.isJson()) {
                output.print(json, "");
            }
            output.note(
                    found.value().isPresent()
                            ? "'" + key + "' is not as expected; its revision is " + found.revision()
                            : "'" + key + "' has no value");
            return ExitCode.COMPARE_FAILED.code();
        }
    }

    /** What {@code kv cas} expects. */
    static final class Expectation {
        @Option(names = "--expect-absent", description = "Expect that the key has no value.")
        private boolean absent;

        @Option(
                names = "--expect-revision",
                paramLabel = "REVISION",
                description = "Expect that this write was its last.")
        private Long revision;

        @Option(names = "--expect", paramLabel = "VALUE", description = "Expect this value.")
        private String value;

        Expected toExpected() {
            if (absent) {
                return Expected.absent();
            }
            return revision == null ? Expected.value(value) : Expected.revision(revision);
        }
    }

    private KvCommand() {}

    private static byte[] bytesOf(String value) {
        if (!value.equals(STANDARD_INPUT)) {
            return value.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return System.in.readAllBytes();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, "standard input cannot be read: " + e.getMessage(), e);
        }
    }

    private static int written(Output output, String key, long revision) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("key", key);
        json.put("revision", revision);
        output.print(json, "revision " + revision);
        return ExitCode.OK.code();
    }

    private static int absent(Output output, String key) {
        if (output.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("key", key);
            json.put("exists", false);
            output.print(json, "");
        }
        output.note("'" + key + "' has no value");
        return ExitCode.NOT_FOUND.code();
    }

    /** JSON has only texts: what is none goes as base64, under another name. */
    private static void putValue(Map<String, Object> json, byte[] value) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            json.put("value", text);
        } catch (CharacterCodingException e) {
            json.put("valueBase64", Base64.getEncoder().encodeToString(value));
        }
    }
}
