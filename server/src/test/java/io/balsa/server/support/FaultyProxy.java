package io.balsa.server.support;

import io.balsa.raft.proto.Hello;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Takes the connections to one port of one node, and hands their bytes on as a {@link FaultyNetwork} allows. */
final class FaultyProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_GREETING_BYTES = 64 * 1024;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int BACKLOG = 128;
    private static final long DELAY_MILLIS = 80;

    private final FaultyNetwork network;
    private final String node;
    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong droppedBytes = new AtomicLong();
    private volatile boolean closed;

    private FaultyProxy(FaultyNetwork network, String node, ServerSocket listener) {
        this.network = network;
        this.node = node;
        this.listener = listener;
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
    }

    static FaultyProxy listen(FaultyNetwork network, String node, int port) {
        try {
            ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getByName(FaultyNetwork.HOST));
            FaultyProxy proxy = new FaultyProxy(network, node, listener);
            proxy.begin("accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin(String what, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + node + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Link link = new Link(listener.accept());
                links.add(link);
                begin("link", link::run);
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        closeLinks(link -> true);
    }

    void closeLinks(Predicate<Link> which) {
        links.stream().filter(which).forEach(Link::close);
    }

    long droppedBytes() {
        return droppedBytes.get();
    }

    @Override
    public void close() {
        closed = true;
        closeQuietly(listener);
        closeLinks(link -> true);
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    /** One connection: from whoever connected to the node, and back. */
    final class Link {
        private final Socket near;
        private final Socket far = new Socket();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile String dialer = "";
        private volatile boolean lost;

        private Link(Socket near) {
            this.near = near;
        }

        boolean touches(String someone) {
            return node.equals(someone) || dialer.equals(someone);
        }

        boolean hasLost() {
            return lost;
        }

        private void run() {
            try {
                near.setTcpNoDelay(true);
                near.setSoTimeout(CONNECT_TIMEOUT_MILLIS);
                byte[] greeting = readGreeting();
                near.setSoTimeout(0);
                far.setTcpNoDelay(true);
                far.connect(target, CONNECT_TIMEOUT_MILLIS);
                begin("back", () -> pump(far, near, node, dialer));
                if (passes(dialer, node, greeting.length)) {
                    far.getOutputStream().write(greeting);
                }
                pump(near, far, dialer, node);
            } catch (IOException | InterruptedException e) {
                // The node is down, or one of the two went away: the other sees the connection end.
                close();
            }
        }

        /** The first frame, which says who it is from. */
        private byte[] readGreeting() throws IOException {
            DataInputStream in = new DataInputStream(near.getInputStream());
            int length = in.readInt();
            if (length <= 0 || length > MAX_GREETING_BYTES) {
                throw new IOException("a greeting of " + length + " bytes");
            }
            byte[] frame = new byte[Integer.BYTES + length];
            for (int i = 0; i < Integer.BYTES; i++) {
                frame[i] = (byte) (length >>> (Byte.SIZE * (Integer.BYTES - 1 - i)));
            }
            in.readFully(frame, Integer.BYTES, length);
            byte[] content = Arrays.copyOfRange(frame, Integer.BYTES, frame.length);
            String nodeId = Hello.parseFrom(content).getNodeId();
            dialer = nodeId.isEmpty() ? FaultyNetwork.CLIENTS : nodeId;
            return frame;
        }

        private void pump(Socket source, Socket sink, String from, String to) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = source.getInputStream();
                OutputStream out = sink.getOutputStream();
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (passes(from, to, count)) {
                        out.write(buffer, 0, count);
                    }
                }
            } catch (IOException | InterruptedException e) {
                // As when it ends by itself.
            } finally {
                close();
            }
        }

        /** Treats bytes as the network wants it. After a gap nothing is handed on: the connection ends instead. */
        private boolean passes(String from, String to, int count) throws InterruptedException {
            FaultyNetwork.Treatment treatment = network.treatment(from, to);
            if (lost && treatment != FaultyNetwork.Treatment.DROP) {
                close();
                return false;
            }
            if (treatment == FaultyNetwork.Treatment.DELAY) {
                return !ended.await(DELAY_MILLIS, TimeUnit.MILLISECONDS);
            }
            if (treatment == FaultyNetwork.Treatment.DROP) {
                lost = true;
                droppedBytes.addAndGet(count);
                return false;
            }
            return true;
        }

        private void close() {
            ended.countDown();
            links.remove(this);
            closeQuietly(near);
            closeQuietly(far);
        }
    }
}
