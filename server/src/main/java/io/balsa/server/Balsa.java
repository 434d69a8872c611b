package io.balsa.server;

import io.balsa.lock.LockNotAcquiredException;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.server.command.CounterCommand;
import io.balsa.server.command.DataCommand;
import io.balsa.server.command.HistoryCommand;
import io.balsa.server.command.KvCommand;
import io.balsa.server.command.LeaderCommand;
import io.balsa.server.command.LockCommand;
import io.balsa.server.command.LogCommand;
import io.balsa.server.command.MemberCommand;
import io.balsa.server.command.ServeCommand;
import io.balsa.server.command.ServiceCommand;
import io.balsa.server.command.SimulateCommand;
import io.balsa.server.command.SnapshotCommand;
import io.balsa.server.command.StatusCommand;
import io.balsa.server.demo.DemoCommand;
import io.balsa.statemachine.session.InvalidRequestException;
import io.balsa.statemachine.session.SessionExpiredException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line of Balsa: one jar that is both server and client. */
@Command(
        name = "balsa",
        description = "Locks, services and a little consistent state, replicated by Raft.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Balsa.Version.class,
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            LockCommand.class,
            ServiceCommand.class,
            KvCommand.class,
            CounterCommand.class,
            StatusCommand.class,
            SimulateCommand.class,
            LogCommand.class,
            SnapshotCommand.class,
            DataCommand.class,
            MemberCommand.class,
            LeaderCommand.class,
            HistoryCommand.class,
        },
        footer = {"", "Exit codes: docs/exit-codes.md. All commands: docs/commands.md."})
public final class Balsa {
    private static final int HELP_WIDTH = 80;
    /** Who writes into a pipe that nobody reads is ended by this signal, if it is not a JVM. */
    private static final int EXIT_CODE_OF_SIGPIPE = 141;

    // picocli acts on these two by itself.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean helpRequested;

    @SuppressWarnings("UnusedVariable")
    @Option(names = "--version", versionHelp = true, description = "Show the version.")
    private boolean versionRequested;

    private Balsa() {}

    /** Runs one command line, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        StandardOutput standardOutput = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintWriter out = new PrintWriter(standardOutput, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = run(out, err, arguments);
        if (exitCode == ExitCode.OK.code() && out.checkError()) {
            exitCode = notWritten(standardOutput, err);
        }
        err.flush();
        System.exit(exitCode);
    }

    private static int notWritten(StandardOutput standardOutput, PrintWriter err) {
        if (standardOutput.isUnread()) {
            return EXIT_CODE_OF_SIGPIPE;
        }
        err.println("balsa: standard output cannot be written");
        return ExitCode.FAILURE.code();
    }

    /** Runs one command line, and gives its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    /** The tree of commands. */
    static CommandLine commandLine() {
        return new CommandLine(new Balsa())
                .registerConverter(Duration.class, new DurationConverter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_WIDTH)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, arguments) -> printUsageError(e))
                .setExecutionExceptionHandler((e, command, result) -> printFailure(e, command));
    }

    private static int printUsageError(ParameterException e) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("balsa: " + message(e));
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help' for how it is used.");
        return ExitCode.USAGE.code();
    }

    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> meant = unmatched.getSuggestions();
            return "'" + unmatched.getUnmatched().get(0) + "' is not known here"
                    + (meant.isEmpty() ? "" : "; did you mean " + String.join(" or ", meant) + "?");
        }
        return e.getMessage().replaceAll("\\s*\\R\\s*", " ");
    }

    private static int printFailure(Exception e, CommandLine command) {
        Optional<ExitCode> exitCode = exitCodeOf(e);
        if (exitCode.isEmpty()) {
            command.getErr().println("balsa: unforeseen: " + e);
            e.printStackTrace(command.getErr());
            return ExitCode.FAILURE.code();
        }
        command.getErr().println("balsa: " + e.getMessage());
        return exitCode.get().code();
    }

    private static Optional<ExitCode> exitCodeOf(Exception e) {
        if (e instanceof CommandFailure failure) {
            return Optional.of(failure.exitCode());
        } else if (e instanceof InvalidRequestException) {
            return Optional.of(ExitCode.USAGE);
        } else if (e instanceof NotAppliedException) {
            return Optional.of(ExitCode.NOT_APPLIED);
        } else if (e instanceof OutcomeUnknownException || e instanceof SessionExpiredException) {
            return Optional.of(ExitCode.OUTCOME_UNKNOWN);
        } else if (e instanceof LockNotAcquiredException) {
            return Optional.of(ExitCode.LOCK_NOT_ACQUIRED);
        }
        return Optional.empty();
    }

    /** Knows the version from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Balsa.class.getPackage().getImplementationVersion();
            return new String[] {"balsa " + (version == null ? "(not run from its jar)" : version)};
        }
    }
}
