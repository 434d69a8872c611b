package io.balsa.raft.adapter;

import java.util.Objects;

/**
 * Where a server listens or is reached: a host by name or address, not resolved, and a port.
 *
 * @param host a name, or an address without brackets
 * @param port 0 to 65535; 0 stands for any free port where something listens
 */
public record HostAndPort(String host, int port) {
    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_PORT = 65_535;

    public HostAndPort {
        Objects.requireNonNull(host, "host");
        if (host.isEmpty() || host.length() > MAX_HOST_LENGTH) {
            throw new IllegalArgumentException("a host has 1 to 255 characters, not " + host.length());
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '[' || c == ']' || c == '/' || c == ',') {
                throw new IllegalArgumentException("a host is a name or an address; character " + i + " is neither's");
            }
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is a number from 0 to 65535, not " + port);
        }
    }

    /**
     * Reads {@code host:port}; an IPv6 address stands in brackets.
     *
     * @throws IllegalArgumentException if the text is not of this form
     */
    public static HostAndPort parse(String text) {
        Objects.requireNonNull(text, "text");
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("an address has the form host:port, unlike '" + text + "'");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets, unlike '" + text + "'");
        }
        return new HostAndPort(host, parsePort(text, text.substring(colon + 1)));
    }

    /**
     * Reads where something is reached, which names its port.
     *
     * @throws IllegalArgumentException if the text is not of the form {@code host:port}, or the port is 0
     */
    public static HostAndPort parseReachable(String text) {
        HostAndPort address = parse(text);
        if (address.port() == 0) {
            throw new IllegalArgumentException("a port by which something is reached is not 0, as in '" + text + "'");
        }
        return address;
    }

    private static int parsePort(String text, String digits) {
        int port = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9' || digits.length() > 5) {
                throw new IllegalArgumentException("a port is a number from 0 to 65535, unlike that of '" + text + "'");
            }
            port = port * 10 + (c - '0');
        }
        return port;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
