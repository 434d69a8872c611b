package io.balsa.lock.contract;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of one client to its servers: it connects to a port of the line for each server, which hands all bytes on
 * until it is cut. It goes on over a server's restart.
 */
public final class CuttableLine implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final List<ServerSocket> listeners = new ArrayList<>();
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    /** @param ports where the servers listen, on loopback */
    public CuttableLine(List<Integer> ports) {
        try {
            for (int port : ports) {
                ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
                listeners.add(listener);
                begin("accept", () -> accept(listener, port));
            }
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    /** Where the client connects to instead, in the order of the servers. */
    public List<Integer> ports() {
        return listeners.stream().map(ServerSocket::getLocalPort).toList();
    }

    /** Ends all connections, and each new one at once. */
    public void cut() {
        cut = true;
        List.copyOf(open).forEach(CuttableLine::closeQuietly);
    }

    /** Lets new connections through again. */
    public void restore() {
        cut = false;
    }

    private static void begin(String what, Runnable work) {
        Thread thread = new Thread(work, "line-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket listener, int port) {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                begin("link", () -> link(near, port));
            } catch (IOException e) {
                // Closed, or a client that went away at once.
            }
        }
    }

    private void link(Socket near, int port) {
        try (near;
                Socket far = new Socket()) {
            open.add(near);
            open.add(far);
            if (cut) {
                return;
            }
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MILLIS);
            begin("back", () -> pump(far, near));
            pump(near, far);
        } catch (IOException e) {
            // The server is down: the client sees its connection end.
        } finally {
            open.remove(near);
            open.removeIf(socket -> socket instanceof Socket other && other.isClosed());
        }
    }

    private void pump(Socket source, Socket sink) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = source.getInputStream();
            OutputStream out = sink.getOutputStream();
            for (int count = in.read(buffer); count >= 0 && !cut; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // As when it ends by itself.
        } finally {
            closeQuietly(source);
            closeQuietly(sink);
        }
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    @Override
    public void close() {
        listeners.forEach(CuttableLine::closeQuietly);
        cut();
    }
}
