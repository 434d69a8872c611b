package io.balsa.lock.fencing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever moment a process or the power dies at, the file is whole and older tokens stay refused. */
class FileFenceCrashTest {
    private static final int NEVER = Integer.MAX_VALUE;

    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** A first write, and one that follows that of an earlier holder. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    @Tag("case-68")
    void aCrashAtAnyStepLeavesOldOrNewAndLetsNoOlderTokenWin(boolean first, boolean powerCut) throws IOException {
        boolean crashed = true;
        for (int step = 0; crashed; step++) {
            Path place = Files.createDirectory(directory.resolve("step-" + step));
            Path file = place.resolve("state.json");
            if (!first) {
                FileFence.of(file).write(5, bytes("old"));
            }
            CrashingDisk disk = new CrashingDisk(place, step);
            try {
                FileFence.of(file, disk).write(9, bytes("new"));
                crashed = false;
            } catch (CrashingDisk.Crash crash) {
                if (powerCut) {
                    disk.cutPower();
                }
            }
            if (!crashed && powerCut) {
                disk.cutPower();
            }
            examine(file, first ? null : "old", crashed, step + ": " + disk.steps);
        }
    }

    private static void examine(Path file, String old, boolean crashed, String when) throws IOException {
        String content = Files.exists(file) ? Files.readString(file) : null;
        FileFence fence = FileFence.of(file);
        if (crashed) {
            assertThat(content).as(when).isIn(old, "new");
        } else {
            assertThat(content).as(when).isEqualTo("new");
        }
        if ("new".equals(content)) {
            assertThat(fence.newestToken()).as(when).hasValue(9);
        }
        // Whoever was refused once is refused for ever, and so is who is older than what the file has.
        if (fence.newestToken().orElse(-1) == 9) {
            assertThatThrownBy(() -> fence.write(8, bytes("late"))).as(when).isInstanceOf(StaleTokenException.class);
        }
        if (old != null) {
            assertThatThrownBy(() -> fence.write(4, bytes("late"))).as(when).isInstanceOf(StaleTokenException.class);
        }
        assertThat(Files.exists(file) ? Files.readString(file) : null).as(when).isEqualTo(content);
        // The holder that crashed, or the next one, goes on.
        fence.write(9, bytes("again"));
        fence.write(10, bytes("next"));
        assertThat(file).as(when).hasContent("next");
        assertThat(file.getParent()).as(when).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void theTokenIsDurableBeforeTheContentThatCameWithIt() throws IOException {
        CrashingDisk disk = new CrashingDisk(directory, NEVER);
        FileFence fence = FileFence.of(directory.resolve("state.json"), disk);
        fence.write(5, bytes("one"));
        assertThat(disk.steps)
                .containsExactly(
                        "create state.json.fence.new",
                        "rename to state.json.fence",
                        "force directory",
                        "fill lock file",
                        "create state.json.new",
                        "rename to state.json",
                        "force directory");
        disk.steps.clear();
        fence.write(5, bytes("two"));
        assertThat(disk.steps)
                .as("a token that is durable is not written again")
                .containsExactly("create state.json.new", "rename to state.json", "force directory");
    }

    /** Another process renamed the token into place and died: it is there to be read, and may be gone after a power cut. */
    @Test
    void aTokenThatMayNotBeDurableIsMadeDurableBeforeItIsBuiltOn() throws IOException {
        Path file = directory.resolve("state.json");
        FileFence.of(file).write(5, bytes("old"));
        CrashingDisk dying = new CrashingDisk(directory, 2);
        assertThatThrownBy(() -> FileFence.of(file, dying).write(9, bytes("lost")))
                .isInstanceOf(CrashingDisk.Crash.class)
                .hasMessage("force directory");
        FileFence next = FileFence.of(file, new CrashingDisk(directory, NEVER));
        assertThat(next.newestToken()).hasValue(9);
        next.guard(9, GuardedFile::read);

        CrashingDisk again = new CrashingDisk(directory, NEVER);
        FileFence.of(file, again).write(9, bytes("new"));
        assertThat(again.steps)
                .startsWith("create state.json.fence.new", "rename to state.json.fence", "force directory");
    }

    @Test
    void aFailedStepIsToldAndTheNextWriteDoesItAllAgain() throws IOException {
        Path file = directory.resolve("state.json");
        boolean[] fails = {true};
        int[] forced = {0};
        FenceDisk disk = new FenceDisk() {
            @Override
            public void forceDirectory(Path forcedDirectory) throws IOException {
                forced[0]++;
                if (fails[0]) {
                    throw new IOException("no more disk");
                }
                FenceDisk.super.forceDirectory(forcedDirectory);
            }
        };
        FileFence fence = FileFence.of(file, disk);
        assertThatThrownBy(() -> fence.write(5, bytes("one"))).hasMessage("no more disk");
        assertThat(file).doesNotExist();
        fails[0] = false;
        fence.write(5, bytes("one"));
        assertThat(forced[0])
                .as("once in vain, for the token again, and for the content")
                .isEqualTo(3);
        assertThat(file).hasContent("one");
    }

    @Test
    void anAppendThatIsCutShortLeavesWhatWasThereBefore() throws IOException {
        Path file = directory.resolve("log");
        FileFence fence = FileFence.of(file);
        fence.guard(5, guarded -> {
            guarded.append(bytes("one\n"));
            return null;
        });
        CrashingDisk disk = new CrashingDisk(directory, 3);
        assertThatThrownBy(() -> FileFence.of(file, disk).guard(9, guarded -> {
                    guarded.append(bytes("four"));
                    return null;
                }))
                .isInstanceOf(CrashingDisk.Crash.class)
                .hasMessage("append to log");
        assertThat(Files.readString(file)).isEqualTo("one\nfo");
        assertThatThrownBy(() -> fence.guard(5, GuardedFile::read)).isInstanceOf(StaleTokenException.class);
        disk.cutPower();
        assertThat(Files.readString(file)).isEqualTo("one\n");
        assertThatThrownBy(() -> fence.guard(5, GuardedFile::read)).isInstanceOf(StaleTokenException.class);
    }
}
