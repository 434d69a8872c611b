package io.balsa.raft.adapter;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** A plain socket that speaks the protocol as rightly or wrongly as a test wants. */
final class RawConnection implements AutoCloseable {
    private static final int MAGIC = 0x42414c53;
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream input;

    RawConnection(int port) throws IOException {
        this(new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
    }

    RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        input = new DataInputStream(socket.getInputStream());
    }

    static Hello.Builder peerHello(String cluster, String node, byte[] storeId, byte[] bootId) {
        return hello(Hello.Kind.PEER, cluster)
                .setNodeId(node)
                .setStoreId(ByteString.copyFrom(storeId))
                .setBootId(ByteString.copyFrom(bootId));
    }

    static Hello.Builder clientHello(String cluster) {
        return hello(Hello.Kind.CLIENT, cluster);
    }

    private static Hello.Builder hello(Hello.Kind kind, String cluster) {
        return Hello.newBuilder()
                .setMagic(MAGIC)
                .setMinVersion(1)
                .setMaxVersion(1)
                .setKind(kind)
                .setClusterId(cluster);
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void writeFrame(byte[] content) throws IOException {
        write(ByteBuffer.allocate(4 + content.length)
                .putInt(content.length)
                .put(content)
                .array());
    }

    void writeFrame(MessageLite message) throws IOException {
        writeFrame(message.toByteArray());
    }

    /** Whether there is something to read. */
    boolean hasArrived() throws IOException {
        return input.available() > 0;
    }

    <T> T readFrame(Parser<T> parser) throws IOException {
        byte[] content = new byte[input.readInt()];
        input.readFully(content);
        return parser.parseFrom(content);
    }

    /** Says Hello and returns what is answered. */
    HelloReply greet(Hello.Builder hello) throws IOException {
        writeFrame(hello.build());
        return readFrame(HelloReply.parser());
    }

    /** Reads until the other side closes; fails if it does not. */
    void awaitClosed() throws IOException {
        boolean open = true;
        while (open) {
            open = readUntilEnd();
        }
    }

    private boolean readUntilEnd() throws IOException {
        try {
            return input.read() >= 0;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection is still open", e);
        } catch (SocketException e) {
            // A reset: the other side closed before it had read everything.
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
