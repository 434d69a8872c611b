package io.balsa.bench.peer;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the system for ports of the loopback interface, for products whose members must know each other's ports before the
 * first of them starts.
 */
public final class LoopbackPorts {

    private LoopbackPorts() {}

    /** Different ports: all are held until the last is known. */
    public static List<Integer> freeTcp(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    /** Different ports: all are held until the last is known. */
    static List<Integer> freeUdp(int count) throws IOException {
        List<DatagramSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new DatagramSocket(0, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(DatagramSocket::getLocalPort).toList();
        } finally {
            held.forEach(DatagramSocket::close);
        }
    }
}
