package io.balsa.lock.fencing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileFenceTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private Path file;
    private Path tokenFile;
    private Path lockFile;
    private FileFence fence;

    @BeforeEach
    void newFence() throws IOException {
        file = directory.resolve("state.json");
        tokenFile = directory.resolve("state.json.fence");
        lockFile = directory.resolve("state.json.fence.lock");
        fence = FileFence.of(file);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    @Tag("case-68")
    void anOlderTokenIsRefusedAfterANewerOneAndAnEqualOneIsNot() throws IOException {
        assertThat(fence.newestToken()).isEmpty();
        fence.write(5, bytes("first"));
        fence.write(5, bytes("again under the same lease"));
        fence.write(9, bytes("by the next holder"));
        fence.write(9, bytes("again by the next"));

        String resource = file.toRealPath().toString();
        for (FileFence any : List.of(fence, FileFence.of(file))) {
            assertThatThrownBy(() -> any.write(5, bytes("late")))
                    .isInstanceOfSatisfying(StaleTokenException.class, refused -> {
                        assertThat(refused.resource()).isEqualTo(resource);
                        assertThat(refused.token()).isEqualTo(5);
                        assertThat(refused.newestToken()).isEqualTo(9);
                    });
        }
        assertThat(file).hasContent("again by the next");
        assertThat(fence.newestToken()).hasValue(9);
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aFileThatWasThereBeforeItsFenceIsTakenOver() throws IOException {
        Files.writeString(file, "before");
        String before = fence.guard(0, guarded -> new String(guarded.read().orElseThrow(), UTF_8));
        assertThat(before).isEqualTo("before");
        fence.write(1, bytes("after"));
        assertThat(file).hasContent("after");
    }

    @Test
    void anActionReadsAndWritesAndOlderTokensAreRefusedEvenWhereItFails() throws IOException {
        fence.guard(5, guarded -> {
            assertThat(guarded.path()).isEqualTo(directory.toRealPath().resolve("state.json"));
            assertThat(guarded.read()).isEmpty();
            guarded.append(bytes("one\n"));
            guarded.append(bytes("two\n"));
            return null;
        });
        assertThat(file).hasContent("one\ntwo\n");
        assertThatThrownBy(() -> fence.guard(9, guarded -> {
                    throw new IOException("no idea what to write");
                }))
                .hasMessage("no idea what to write");
        assertThatThrownBy(() -> fence.write(5, bytes("late"))).isInstanceOf(StaleTokenException.class);
        fence.guard(9, guarded -> {
            guarded.replace(bytes(new String(guarded.read().orElseThrow(), UTF_8).replace("two", "2")));
            return null;
        });
        assertThat(file).hasContent("one\n2\n");
    }

    @Test
    void aGuardedFileIsForItsActionOnly() throws Exception {
        GuardedFile kept = fence.guard(5, guarded -> guarded);
        assertThatIllegalStateException()
                .isThrownBy(() -> kept.replace(bytes("late")))
                .withMessageContaining("not guarded any more");
        assertThatIllegalStateException().isThrownBy(() -> kept.append(bytes("late")));
        assertThatIllegalStateException().isThrownBy(kept::read);

        AtomicReference<Throwable> failure = new AtomicReference<>();
        fence.guard(5, guarded -> {
            Thread other = new Thread(() -> {
                try {
                    guarded.replace(bytes("beside"));
                } catch (IOException | RuntimeException e) {
                    failure.set(e);
                }
            });
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return null;
        });
        assertThat(failure.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("thread");
        assertThat(file).doesNotExist();
    }

    @Test
    void aGuardWithinAGuardIsRefusedAndBothLeaveTheFenceUsable() throws IOException {
        fence.guard(5, guarded -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> FileFence.of(file).write(5, bytes("within")))
                    .withMessageContaining("already");
            guarded.replace(bytes("outer"));
            return null;
        });
        fence.write(6, bytes("after"));
        assertThat(file).hasContent("after");
    }

    @Test
    void permissionsStay() throws IOException {
        Files.writeString(file, "secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
        fence.write(5, bytes("secret still"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void linksLeadToTheSameFence() throws IOException {
        fence.write(9, bytes("by the newest"));
        Path link = Files.createSymbolicLink(directory.resolve("link.json"), file);
        Path directoryLink = Files.createSymbolicLink(directory.resolve("here"), directory);
        for (Path way : List.of(link, directoryLink.resolve("state.json"), directoryLink.resolve("link.json"))) {
            assertThatThrownBy(() -> FileFence.of(way).write(5, bytes("late"))).isInstanceOf(StaleTokenException.class);
        }
        FileFence.of(link).write(10, bytes("through the link"));
        assertThat(file).hasContent("through the link");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void whatCannotBeFencedIsRefused() throws IOException {
        assertThatThrownBy(() -> FileFence.of(directory)).hasMessageContaining("only a file can be fenced");
        assertThatThrownBy(() -> FileFence.of(directory.resolve("missing/state.json")))
                .hasMessageContaining("its directory does not exist");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nowhere"));
        assertThatThrownBy(() -> FileFence.of(dangling)).hasMessageContaining("leads nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fence.write(-1, bytes("x")))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> fence.withLockWait(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> fence.withLockWait(Duration.ofDays(2)));
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "9",
                "balsa-fence 1\ntoken 9\n",
                "balsa-fence 1\ntoken 3\ncrc32c 00000000\n",
                "balsa-fence 1\ntoken 99999999999999999999\ncrc32c 00000000\n",
                "balsa-fence 1\ntoken 9999999999999999999\ncrc32c 00000000\n",
                "balsa-fence 2\ntoken 9\ncrc32c 00000000\n"
            })
    void aDamagedTokenIsAnErrorAndNeverReset(String damaged) throws IOException {
        fence.write(9, bytes("kept"));
        Files.writeString(tokenFile, damaged);
        for (FileFence any : List.of(fence, FileFence.of(file))) {
            assertThatThrownBy(() -> any.write(10, bytes("over it")))
                    .isInstanceOf(FenceDamagedException.class)
                    .hasMessageContaining(tokenFile.toRealPath().toString())
                    .hasMessageContaining("restore it");
            assertThatThrownBy(any::newestToken).isInstanceOf(FenceDamagedException.class);
        }
        assertThat(tokenFile).hasContent(damaged);
        assertThat(file).hasContent("kept");
    }

    @Test
    void everyFlippedBitOfATokenIsSeen() throws IOException {
        fence.write(9, bytes("kept"));
        byte[] right = Files.readAllBytes(tokenFile);
        for (int bit = 0; bit < right.length * 8; bit++) {
            byte[] flipped = right.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> FenceRecord.decode(flipped, tokenFile)).isInstanceOf(FenceDamagedException.class);
        }
        assertThat(FenceRecord.decode(right, tokenFile)).isEqualTo(9);
        assertThat(FenceRecord.decode(FenceRecord.encode(Long.MAX_VALUE), tokenFile))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aLostTokenIsAnErrorUntilAnOperatorBeginsAnew() throws IOException {
        fence.write(9, bytes("kept"));
        Files.delete(tokenFile);
        assertThatThrownBy(() -> fence.write(10, bytes("over it")))
                .isInstanceOf(FenceDamagedException.class)
                .hasMessageContainingAll("is missing", lockFile.toRealPath().toString());
        assertThat(file).hasContent("kept");

        Files.delete(lockFile);
        FileFence.of(file).write(3, bytes("begun anew"));
        assertThat(file).hasContent("begun anew");
    }

    @Test
    void aTokenFileThatWasReplacedByAnOlderOneIsAdvancedAgain() throws IOException {
        fence.write(9, bytes("by the newest"));
        Files.write(tokenFile, FenceRecord.encode(5));
        fence.write(9, bytes("again"));
        assertThat(fence.newestToken()).hasValue(9);
    }

    @Test
    void whoWaitsTooLongForAThreadIsToldAndHasWrittenNothing() throws Exception {
        Held held = new Held();
        assertThatThrownBy(() -> fence.withLockWait(Duration.ZERO).write(9, bytes("beside")))
                .isInstanceOf(FenceBusyException.class)
                .hasMessageContaining("another thread of this process");
        assertThat(file).doesNotExist();
        held.end();
        assertThat(file).hasContent("held");
        fence.write(9, bytes("after"));
    }

    @Test
    void whoIsInterruptedWhileWaitingEndsAndStaysInterrupted() throws Exception {
        Held held = new Held();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> fence.write(9, bytes("beside"))).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        held.end();
        assertThat(file).hasContent("held");
    }

    /** A thread that works under the fence until it is told to end. */
    private final class Held {
        private final CountDownLatch told = new CountDownLatch(1);
        private final FutureTask<Void> work;

        Held() throws InterruptedException {
            CountDownLatch begun = new CountDownLatch(1);
            work = new FutureTask<>(() -> FileFence.of(file).guard(5, guarded -> {
                begun.countDown();
                await(told);
                guarded.replace(bytes("held"));
                return null;
            }));
            new Thread(work, "holder").start();
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        }

        void end() throws Exception {
            told.countDown();
            work.get(60, TimeUnit.SECONDS);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("nobody told");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** As another class loader's copy of the fence would hold it. */
    @Test
    void alsoALockOfForeignCodeInThisProcessIsWaitedFor() throws Exception {
        fence.write(5, bytes("before"));
        FutureTask<Void> waiting = new FutureTask<>(() -> {
            fence.withLockWait(LONG).write(9, bytes("after"));
            return null;
        });
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
            FileLock foreign = channel.lock();
            assertThatThrownBy(() -> fence.withLockWait(Duration.ZERO).write(9, bytes("beside")))
                    .isInstanceOf(FenceBusyException.class)
                    .hasMessageContaining("something else in this process");
            assertThat(FenceHolder.canLock(lockFile)).as("by another process").isFalse();
            new Thread(waiting, "waiting").start();
            assertThat(file).hasContent("before");
            foreign.release();
        }
        waiting.get(60, TimeUnit.SECONDS);
        assertThat(file).hasContent("after");
    }

    /** Holders write as often as they can, each with its own token and fence, and look at whom they follow. */
    @Test
    void theNewestHasTheLastWord() throws Exception {
        int holders = 8;
        int writes = 20;
        CountDownLatch begin = new CountDownLatch(1);
        List<FutureTask<Integer>> results = new ArrayList<>();
        for (int holder = 1; holder <= holders; holder++) {
            long token = holder;
            FutureTask<Integer> result = new FutureTask<>(() -> {
                FileFence own = FileFence.of(file).withLockWait(LONG);
                await(begin);
                int accepted = 0;
                try {
                    while (accepted < writes) {
                        own.guard(token, guarded -> {
                            guarded.read().ifPresent(content -> assertThat(Long.parseLong(new String(content, UTF_8)))
                                    .isLessThanOrEqualTo(token));
                            guarded.replace(bytes(Long.toString(token)));
                            return null;
                        });
                        accepted++;
                    }
                } catch (StaleTokenException refused) {
                    // As it should be once a newer one has written.
                }
                return accepted;
            });
            results.add(result);
            new Thread(result, "holder-" + holder).start();
        }
        begin.countDown();
        for (FutureTask<Integer> result : results) {
            result.get(120, TimeUnit.SECONDS);
        }
        assertThat(results.get(holders - 1).get()).as("writes of the newest").isEqualTo(writes);
        assertThat(file).hasContent(Integer.toString(holders));
        assertThat(fence.newestToken()).hasValue(holders);
    }

    @Test
    void anotherProcessIsWaitedForAndItsTokenCounts() throws Exception {
        try (FenceHolder other = FenceHolder.start(file, 5)) {
            assertThatThrownBy(() -> fence.withLockWait(Duration.ZERO).write(9, bytes("beside")))
                    .isInstanceOf(FenceBusyException.class)
                    .hasMessageContaining("another process");
            FutureTask<Void> waiting = new FutureTask<>(() -> {
                fence.withLockWait(LONG).write(9, bytes("by the next process"));
                return null;
            });
            new Thread(waiting, "waiting").start();
            assertThatThrownBy(() -> fence.withLockWait(Duration.ZERO).write(4, bytes("older")))
                    .isInstanceOf(FenceBusyException.class);

            assertThat(other.write()).isEqualTo("written");
            waiting.get(60, TimeUnit.SECONDS);
            assertThat(other.write()).isEqualTo("refused by 9");
        }
        assertThat(file).hasContent("by the next process");
    }

    @Test
    void aProcessThatIsKilledHoldsNothing() throws Exception {
        try (FenceHolder other = FenceHolder.start(file, 5)) {
            other.kill();
        }
        assertThatThrownBy(() -> fence.withLockWait(LONG).write(4, bytes("older")))
                .as("the token of the one that died counts")
                .isInstanceOf(StaleTokenException.class);
        fence.withLockWait(LONG).write(5, bytes("by the next"));
        assertThat(file).hasContent("by the next");
    }
}
