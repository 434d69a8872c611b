package io.balsa.bench.lock;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Asks a server on loopback in the words of its own protocol, to learn whether it serves already. */
final class ServerProbe {
    private static final int LIMIT_MILLIS = (int) TimeUnit.SECONDS.toMillis(10);

    private ServerProbe() {}

    /**
     * Asks once.
     *
     * @param question after whose answer the server ends the connection
     * @return the answer; empty if there is none
     */
    static String ask(int port, String question) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
            socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            // It is not there yet, or busy with its start: whoever asks asks again.
            return "";
        }
    }
}
