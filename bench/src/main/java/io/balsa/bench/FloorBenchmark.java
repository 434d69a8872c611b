package io.balsa.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a plain program takes on this machine for what a product needs too, a sync of plain files and a round trip over loopback;
 * and how many bytes both of these take in a second. No strict bounds: it waits for all files, where a product waits for a
 * majority, and writes through the kernel's cache.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class FloorBenchmark {
    private static final Logger LOG = LoggerFactory.getLogger(FloorBenchmark.class);

    /** So many files are written at once by {@link #writeBandwidth}: as many as three nodes have logs. */
    public static final int WRITTEN_FILES = 3;

    /** So much is written to each of them before it is synced: as much as 256 commands of 1 KB make. */
    public static final int WRITTEN_BYTES = 256 << 10;

    /** So much is sent in one write by {@link #loopbackBandwidth}: the same. Less at a time takes longer. */
    public static final int SENT_BYTES = 256 << 10;

    /** So much at most is taken in one read, as ours do. */
    private static final int READ_BYTES = 64 << 10;

    private static final int RECEIVERS = 2;

    /** Files whose blocks are there, each synced by a thread of its own. */
    @State(Scope.Benchmark)
    public static class Files {
        private static final int FILE_BYTES = 32 << 20;
        private static final int ENTRY_BYTES = 160;

        @Param({"1", "3"})
        public int files;

        @Param({"1", "256"})
        public int entries;

        private final List<Callable<Void>> syncs = new ArrayList<>();
        private final List<FileChannel> channels = new ArrayList<>();
        private ScratchDirectory directory;
        private ExecutorService threads;

        /** Makes the files. */
        @Setup(Level.Trial)
        public void open() throws IOException {
            directory = ScratchDirectory.create();
            threads = Executors.newFixedThreadPool(files);
            for (int i = 0; i < files; i++) {
                FileChannel channel = create(directory.path().resolve("file" + i));
                channels.add(channel);
                syncs.add(new Sync(channel, entries * ENTRY_BYTES));
            }
        }

        /** A file whose blocks are there. */
        private static FileChannel create(Path file) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.write(ByteBuffer.allocateDirect(FILE_BYTES), 0);
            channel.force(true);
            return channel;
        }

        @TearDown(Level.Trial)
        public void close() throws IOException {
            threads.shutdown();
            for (FileChannel channel : channels) {
                channel.close();
            }
            directory.delete();
        }
    }

    /** Writes a batch and waits until it is on the disk. */
    private static final class Sync implements Callable<Void> {
        private final FileChannel channel;
        private final ByteBuffer batch;
        private long position;

        Sync(FileChannel channel, int bytes) {
            this.channel = channel;
            this.batch = ByteBuffer.allocateDirect(bytes);
        }

        @Override
        public Void call() throws IOException {
            channel.write(batch.clear(), position);
            channel.force(false);
            position += batch.capacity();
            if (position + batch.capacity() > Files.FILE_BYTES) {
                position = 0;
            }
            return null;
        }
    }

    @Benchmark
    public void sync(Files files) throws Exception {
        long began = System.nanoTime();
        if (files.files == 1) {
            files.syncs.get(0).call();
        } else {
            for (var done : files.threads.invokeAll(files.syncs)) {
                done.get();
            }
        }
        Latencies.current().record(System.nanoTime() - began);
    }

    /** A connection over loopback whose other end sends everything back. */
    @State(Scope.Benchmark)
    public static class Echo {
        private static final int MESSAGE_BYTES = 128;

        private final byte[] message = new byte[MESSAGE_BYTES];
        private ServerSocket server;
        private Socket client;
        private DataInputStream input;

        /** Connects. */
        @Setup(Level.Trial)
        public void connect() throws IOException {
            server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Thread echo = new Thread(this::echo, "echo");
            echo.setDaemon(true);
            echo.start();
            client = new Socket(server.getInetAddress(), server.getLocalPort());
            client.setTcpNoDelay(true);
            input = new DataInputStream(client.getInputStream());
        }

        private void echo() {
            try (Socket accepted = server.accept()) {
                accepted.setTcpNoDelay(true);
                DataInputStream in = new DataInputStream(accepted.getInputStream());
                byte[] received = new byte[MESSAGE_BYTES];
                while (true) {
                    in.readFully(received);
                    accepted.getOutputStream().write(received);
                }
            } catch (IOException closed) {
                LOG.debug("the client went, and the benchmark with it", closed);
            }
        }

        @TearDown(Level.Trial)
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    @Benchmark
    public void roundTrip(Echo echo) throws IOException {
        long began = System.nanoTime();
        echo.client.getOutputStream().write(echo.message);
        echo.input.readFully(echo.message);
        Latencies.current().record(System.nanoTime() - began);
    }

    /** A file that a thread has to itself. */
    @State(Scope.Thread)
    public static class OwnFile {
        private ScratchDirectory directory;
        private FileChannel channel;
        private Sync sync;

        /** Makes the file. */
        @Setup(Level.Trial)
        public void open() throws IOException {
            directory = ScratchDirectory.create();
            channel = Files.create(directory.path().resolve("file"));
            sync = new Sync(channel, WRITTEN_BYTES);
        }

        @TearDown(Level.Trial)
        public void close() throws IOException {
            channel.close();
            directory.delete();
        }
    }

    /** What a batch takes while others write to other files; none waits for another. */
    @Benchmark
    @Threads(WRITTEN_FILES)
    public void writeBandwidth(OwnFile file) throws IOException {
        long began = System.nanoTime();
        file.sync.call();
        Latencies.current().record(System.nanoTime() - began);
    }

    /** Connections over loopback at whose other ends threads take what comes. */
    @State(Scope.Benchmark)
    public static class Receivers {
        private final ByteBuffer frame = ByteBuffer.allocateDirect(SENT_BYTES);
        private final List<SocketChannel> connections = new ArrayList<>();
        private ServerSocketChannel server;

        /** Connects. */
        @Setup(Level.Trial)
        public void connect() throws IOException {
            server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            for (int i = 0; i < RECEIVERS; i++) {
                connections.add(SocketChannel.open(server.getLocalAddress()));
                SocketChannel accepted = server.accept();
                Thread receiver = new Thread(() -> receive(accepted), "receiver-" + i);
                receiver.setDaemon(true);
                receiver.start();
            }
        }

        private static void receive(SocketChannel accepted) {
            try (accepted) {
                ByteBuffer received = ByteBuffer.allocateDirect(READ_BYTES);
                while (accepted.read(received.clear()) >= 0) {
                    // What it says is nobody's business.
                }
            } catch (IOException closed) {
                LOG.debug("the sender went, and the benchmark with it", closed);
            }
        }

        @TearDown(Level.Trial)
        public void close() throws IOException {
            for (SocketChannel connection : connections) {
                connection.close();
            }
            server.close();
        }
    }

    /** What it takes to send a frame to each of the receivers. */
    @Benchmark
    public void loopbackBandwidth(Receivers receivers) throws IOException {
        long began = System.nanoTime();
        for (SocketChannel connection : receivers.connections) {
            receivers.frame.clear();
            while (receivers.frame.hasRemaining()) {
                connection.write(receivers.frame);
            }
        }
        Latencies.current().record(System.nanoTime() - began);
    }
}
