package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.Role;
import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A state four times as large as the heap of all servers together is installed on a new one, over TCP and on disk, and nobody
 * misses a heartbeat meanwhile.
 *
 * <p>With {@code -Pnemesis} a state of 1 GB with a heap of 256 MB; with {@code -Dbalsa.snapshot.bytes}, one of any size.
 */
class LargeSnapshotInstallTest {
    private static final long BYTES = Long.getLong("balsa.snapshot.bytes", 256L << 20);

    @TempDir
    Path temporary;

    @Test
    @Tag("case-55")
    void aStateFarLargerThanTheHeapIsInstalledAndNoHeartbeatIsMissed() throws Exception {
        assumeTrue(
                Files.getFileStore(temporary).getUsableSpace() > 5 * BYTES, "there is no room for so large snapshots");
        long heapMegabytes = BYTES / 4 / (1 << 20);
        List<String> flags = new ArrayList<>(RuntimeFlags.needed());
        flags.add("-Xmx" + heapMegabytes + "m");
        flags.add("-XX:MaxDirectMemorySize=" + heapMegabytes / 2 + "m");
        ChildJvm.Ended ended = ChildJvm.run(flags, Group.class, temporary.toString(), Long.toString(BYTES));
        System.out.println(ended.output()
                .lines()
                .filter(line -> line.startsWith("installed"))
                .findAny()
                .orElse(""));
        assertThat(ended.output()).contains("installed " + BYTES + " bytes");
        assertThat(ended.exitCode()).isZero();
    }

    /** A leader, a follower that watches it, and a server that joins them, in a JVM of its own. */
    static final class Group {
        private static final Duration PATIENCE = Duration.ofMinutes(5);
        private static final RaftOptions OPTIONS = RaftOptions.builder()
                .heartbeatInterval(Duration.ofMillis(100))
                .electionTimeout(Duration.ofSeconds(2))
                .compaction(new CompactionPolicy(1 << 20, 10, 1))
                .maxSnapshotBytesPerSecond(1L << 30)
                .build();

        private Group() {}

        private static final class Server implements AutoCloseable {
            final NodeId id;
            final LargeState state;
            final NettyTransport transport;
            final List<Ready.RoleChange> roleChanges = new CopyOnWriteArrayList<>();
            final RaftNode node;

            Server(String name, Configuration group, Path directory, long bytes) {
                id = NodeId.of(name);
                state = new LargeState(bytes);
                transport = new NettyTransport(
                        NodeIdentity.ofThisRun("large", id, NodeIdentity.randomId(), ""),
                        new HostAndPort("127.0.0.1", 0),
                        Map.of(),
                        TransportLimits.DEFAULT);
                node = RaftNode.builder(id)
                        .initialConfiguration(group)
                        .clusterId("large")
                        .log(new MemoryLogStorage())
                        .hardState(new MemoryHardStateStorage())
                        .snapshots(FileSnapshotStorage.open(directory.resolve(name)))
                        .transport(transport)
                        .stateMachine(state)
                        .clock(SystemClock.INSTANCE)
                        .options(OPTIONS)
                        .onRoleChange(roleChanges::add)
                        .build();
                node.start();
            }

            HostAndPort address() {
                return new HostAndPort("127.0.0.1", transport.port());
            }

            boolean follows(Server leader) {
                return node.status()
                        .leader()
                        .filter(hint -> hint.id().equals(leader.id))
                        .isPresent();
            }

            @Override
            public void close() {
                node.close();
            }
        }

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            long bytes = Long.parseLong(arguments[1]);
            Configuration group = Configuration.of(List.of(NodeId.of("n1"), NodeId.of("n2")));
            try (Server one = new Server("n1", group, directory, bytes);
                    Server other = new Server("n2", group, directory, bytes)) {
                one.transport.setPeer(other.id, other.address());
                other.transport.setPeer(one.id, one.address());
                await().atMost(PATIENCE).until(() -> leads(one) || leads(other));
                Server leader = leads(one) ? one : other;
                Server watcher = leader == one ? other : one;
                for (int i = 0; i < 15; i++) {
                    ClientResponse response =
                            leader.node.propose(new byte[] {1}).join();
                    assertThat(response).isInstanceOf(ClientResponse.Applied.class);
                }
                await().atMost(PATIENCE).until(() -> leader.node.status().firstIndex() > 2 && watcher.follows(leader));
                install(leader, watcher, directory, bytes);
            }
        }

        private static boolean leads(Server server) {
            return server.node.status().role() == Role.LEADER;
        }

        private static void install(Server leader, Server watcher, Path directory, long bytes) throws IOException {
            long term = leader.node.status().term();
            int leaderChanges = leader.roleChanges.size();
            int watcherChanges = watcher.roleChanges.size();
            long begunNanos = System.nanoTime();
            try (Server joiner = new Server("n3", Configuration.EMPTY, directory, bytes)) {
                joiner.transport.setPeer(leader.id, leader.address());
                joiner.transport.setPeer(watcher.id, watcher.address());
                MembershipChange add = new MembershipChange.AddLearner(
                        joiner.id, joiner.address().toString());
                await().atMost(PATIENCE)
                        .until(() -> leader.node.changeMembership(add).join() instanceof ClientResponse.Done);
                await().atMost(PATIENCE).until(() -> joiner.state.restoredBytes == bytes);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
                assertThat(joiner.state.restoredChecksum).isEqualTo(LargeState.checksum(bytes));
                await().atMost(PATIENCE)
                        .until(() -> joiner.node.status().lastApplied()
                                == leader.node.status().lastApplied());
                assertThat(leader.node.status().term()).isEqualTo(term);
                assertThat(watcher.node.status().term()).isEqualTo(term);
                assertThat(leader.roleChanges).hasSize(leaderChanges);
                assertThat(watcher.roleChanges).hasSize(watcherChanges);
                assertThat(leads(leader) && watcher.follows(leader)).isTrue();
                System.out.printf(
                        "installed %d bytes in %d ms, heap at most %d MB of %d MB, term %d throughout%n",
                        bytes,
                        millis,
                        peakHeapBytes() >> 20,
                        Runtime.getRuntime().maxMemory() >> 20,
                        term);
            }
        }

        private static long peakHeapBytes() {
            return ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .map(MemoryPoolMXBean::getPeakUsage)
                    .mapToLong(usage -> usage.getUsed())
                    .sum();
        }
    }

    /** A large state that is never in memory: it is made up when it is written, and summed up when it is read. */
    private static final class LargeState implements StateMachine {
        private static final int PIECE_BYTES = 64 << 10;

        private final long bytes;
        private long index;
        private volatile long restoredChecksum;
        private volatile long restoredBytes;

        LargeState(long bytes) {
            this.bytes = bytes;
        }

        static long checksum(long bytes) throws IOException {
            CRC32C checksum = new CRC32C();
            write(bytes, new OutputStream() {
                @Override
                public void write(int one) {
                    checksum.update(one);
                }

                @Override
                public void write(byte[] piece, int offset, int length) {
                    checksum.update(piece, offset, length);
                }
            });
            return checksum.getValue();
        }

        private static void write(long bytes, OutputStream output) throws IOException {
            SplittableRandom random = new SplittableRandom(bytes);
            byte[] piece = new byte[PIECE_BYTES];
            for (long written = 0; written < bytes; written += piece.length) {
                random.nextBytes(piece);
                output.write(piece, 0, (int) Math.min(piece.length, bytes - written));
            }
        }

        @Override
        public byte[] apply(LogEntry entry) {
            index = entry.index();
            return null;
        }

        @Override
        public void read(byte[] query, CompletableFuture<byte[]> reply) {
            reply.complete("large".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public long nextDeadlineMillis() {
            return NO_DEADLINE;
        }

        @Override
        public Snapshot cutSnapshot() {
            long cutIndex = index;
            return new Snapshot() {
                @Override
                public long index() {
                    return cutIndex;
                }

                @Override
                public void writeTo(OutputStream output) throws IOException {
                    write(bytes, output);
                }

                @Override
                public void close() {
                    // Nothing was opened.
                }
            };
        }

        @Override
        public void restore(InputStream input) throws IOException {
            CRC32C checksum = new CRC32C();
            long total = 0;
            byte[] piece = new byte[PIECE_BYTES];
            for (int read = input.read(piece); read >= 0; read = input.read(piece)) {
                checksum.update(piece, 0, read);
                total += read;
            }
            restoredChecksum = checksum.getValue();
            restoredBytes = total;
        }
    }
}
