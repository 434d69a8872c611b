package io.balsa.server.demo;

import io.balsa.server.ExitCode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code balsa demo}: the main job, live, with two kills of the leader. Leaves no process and no file behind. */
@Command(
        name = "demo",
        description = {
            "Shows the main job live, in about a minute.",
            "Starts three nodes as processes on loopback, lets clients guard a counter in a file by one lock, kills the"
                    + " leader with SIGKILL twice, and checks that nothing was lost. Everything is in a temporary directory"
                    + " and gone afterwards."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int MIN_SECONDS = 15;
    private static final int MAX_SECONDS = 600;
    private static final int MAX_WORKERS = 64;
    private static final int LOG_TAIL_LINES = 15;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "40",
            description = "How long the clients work, 15 to 600; ${DEFAULT-VALUE} unless given.")
    private int seconds;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many clients contend for the lock, 1 to 64; ${DEFAULT-VALUE} unless given.")
    private int workers;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check("--seconds", seconds, MIN_SECONDS, MAX_SECONDS);
        check("--workers", workers, 1, MAX_WORKERS);
        Terminal terminal = Terminal.ofThisProcess();
        Path directory = Files.createTempDirectory("balsa-demo-");
        NodeProbe probe = new NodeProbe();
        DemoCluster cluster = new DemoCluster(directory, DemoCommand::serveCommand, probe);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(cluster, directory), "demo-cleaner"));
        try {
            cluster.configure();
            DemoReport report = new Demo(
                            cluster, terminal, directory.resolve("counter"), workers, Duration.ofSeconds(seconds))
                    .run();
            terminal.line("");
            report.lines(terminal.width()).forEach(terminal::line);
            terminal.line("");
            if (!report.holds()) {
                terminal.line("A check failed. The nodes' last lines:");
                terminal.line(cluster.logTails(LOG_TAIL_LINES));
                return ExitCode.CHECK_FAILED.code();
            }
            terminal.line("Every check holds. What the nodes wrote is deleted again.");
            return ExitCode.OK.code();
        } catch (DemoFailure e) {
            terminal.line("The demo failed: " + e.getMessage());
            terminal.line(cluster.logTails(LOG_TAIL_LINES));
            return ExitCode.CHECK_FAILED.code();
        } finally {
            terminal.clear();
            probe.close();
            cleanUp(cluster, directory);
        }
    }

    /** Called at the end and by the shutdown hook, perhaps both at once. */
    private static synchronized void cleanUp(DemoCluster cluster, Path directory) {
        cluster.close();
        DemoCluster.deleteRecursively(directory);
    }

    private void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), option + " is from " + min + " to " + max + ", not " + value);
        }
    }

    /** The command that serves a configuration with this very program, from its jar. */
    private static List<String> serveCommand(Path config) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // For less than a minute, the optimizing compiler would take more time than it saves.
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-jar", jar().toString()));
        command.addAll(List.of("serve", "--config", config.toString()));
        return command;
    }

    private static Path jar() {
        try {
            Path path = Path.of(DemoCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isRegularFile(path)) {
                return path;
            }
            throw new DemoFailure("the demo runs from balsa.jar, not from classes in " + path + "; run ./balsa demo");
        } catch (URISyntaxException e) {
            throw new DemoFailure("can't tell where balsa.jar is", e);
        }
    }
}
