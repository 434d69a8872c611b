package io.balsa.server.command;

import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.CounterUpdate;
import io.balsa.statemachine.session.CounterValue;
import io.balsa.statemachine.session.Counters;
import io.balsa.statemachine.session.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code counter}: reads and changes the cluster's counters, and the counts of its latches. */
@Command(
        name = "counter",
        description = {
            "Reads and changes counters: whole numbers of 64 bits, 0 until somebody sets them.",
            "For a number below 0, write -- before it: balsa counter add jobs -- -3"
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {CounterCommand.Get.class, CounterCommand.Add.class, CounterCommand.SetValue.class})
public final class CounterCommand {
    /** Which counter is meant. */
    static final class Which {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name;

        @Option(names = "--latch", description = "The count of the latch of this name, which is another number.")
        private boolean latch;

        private Counters of(Session session) {
            return latch ? session.latches() : session.counters();
        }
    }

    @Command(name = "get", description = "Prints a counter.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private Which which;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                CounterValue found = which.of(session).get(which.name);
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("name", which.name);
                json.put("value", found.value());
                if (found.changedIndex() > 0) {
                    json.put("changedIndex", found.changedIndex());
                }
                output.print(json, Long.toString(found.value()));
                return ExitCode.OK.code();
            }
        }
    }

    @Command(
            name = "add",
            description = {
                "Adds to a counter, and prints the sum.",
                "A sum of more than 64 bits is refused. A latch is never counted down below 0."
            })
    static final class Add implements Callable<Integer> {
        @Mixin
        private Which which;

        @Parameters(
                index = "1",
                paramLabel = "DELTA",
                arity = "0..1",
                defaultValue = "1",
                description = "What to add. Default: ${DEFAULT-VALUE}.")
        private long delta;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                Counters counters = which.of(session);
                CounterUpdate update =
                        which.latch ? counters.add(which.name, delta, 0) : counters.add(which.name, delta);
                return updated(output, which.name, update);
            }
        }
    }

    @Command(name = "set", description = "Gives a counter a value, and prints it; 0 removes the counter.")
    static final class SetValue implements Callable<Integer> {
        @Mixin
        private Which which;

        @Parameters(index = "1", paramLabel = "VALUE")
        private long value;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                return updated(output, which.name, which.of(session).set(which.name, value));
            }
        }
    }

    private CounterCommand() {}

    private static int updated(Output output, String name, CounterUpdate update) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("before", update.before());
        json.put("value", update.after());
        json.put("applied", update.applied());
        output.print(json, Long.toString(update.after()));
        if (!update.applied()) {
            output.note("'" + name + "' would be below 0, and is as it was");
            return ExitCode.COMPARE_FAILED.code();
        }
        return ExitCode.OK.code();
    }
}
