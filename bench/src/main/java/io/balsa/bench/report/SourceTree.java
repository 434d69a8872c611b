package io.balsa.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Balsa was built from.
 *
 * @param commit empty where it is not known
 * @param dirty whether files differ from that commit
 */
public record SourceTree(Optional<String> commit, boolean dirty) {
    private static final Logger LOG = LoggerFactory.getLogger(SourceTree.class);
    private static final long GIT_SECONDS = 20;
    private static final int SHORT = 10;

    /** Asks git. */
    public static SourceTree look(Path directory) {
        Optional<String> commit = git(directory, "rev-parse", "HEAD").filter(name -> !name.isEmpty());
        boolean dirty = git(directory, "status", "--porcelain", "--untracked-files=no")
                .filter(changes -> !changes.isEmpty())
                .isPresent();
        return new SourceTree(commit, dirty);
    }

    private static Optional<String> git(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-C", directory.toString()));
        command.addAll(List.of(arguments));
        try {
            Process git = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            git.getOutputStream().close();
            String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!git.waitFor(GIT_SECONDS, TimeUnit.SECONDS)) {
                git.destroyForcibly();
                return Optional.empty();
            }
            return git.exitValue() == 0 ? Optional.of(output) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("can't run {}", command, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    String shortText() {
        return commit.map(name -> name.substring(0, Math.min(SHORT, name.length())) + (dirty ? ", with changes" : ""))
                .orElse("unknown");
    }

    String text() {
        return commit.map(name -> name + (dirty ? ", with changes" : "")).orElse("unknown: not in a git tree");
    }
}
