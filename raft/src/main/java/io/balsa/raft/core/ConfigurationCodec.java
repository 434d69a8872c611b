package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a {@link Configuration} as lines of text: {@code balsa-configuration 1}, then one line per fact, such as
 * {@code voter n1} or {@code address n1 10.0.0.1:7101}. Equal configurations give equal bytes. The core reads its own
 * entries, so the form must be within reach of the core; there are few of them, so it may be one that people can read.
 */
final class ConfigurationCodec {
    private static final String HEADER = "balsa-configuration 1";
    private static final int MAX_BYTES = 1 << 20;

    private ConfigurationCodec() {}

    static byte[] encode(Configuration configuration) {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        configuration.voters().forEach(id -> line(text, "voter", id));
        configuration.outgoingVoters().forEach(id -> line(text, "outgoing", id));
        configuration.learners().forEach(id -> line(text, "learner", id));
        configuration.removed().forEach(id -> line(text, "removed", id));
        for (Map.Entry<NodeId, String> address : configuration.addresses().entrySet()) {
            text.append("address ")
                    .append(address.getKey())
                    .append(' ')
                    .append(address.getValue())
                    .append('\n');
        }
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = text.charAt(i);
            Invariant.check(isAllowed(c), "a configuration has printable ASCII characters only");
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    private static void line(StringBuilder text, String what, NodeId id) {
        text.append(what).append(' ').append(id).append('\n');
    }

    /** Whether an address can be written: not empty, printable ASCII without spaces, at most 255 characters. */
    static boolean isAddress(String address) {
        if (address.isEmpty() || address.length() > 255) {
            return false;
        }
        for (int i = 0; i < address.length(); i++) {
            if (address.charAt(i) == ' ' || address.charAt(i) == '\n' || !isAllowed(address.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAllowed(char c) {
        return c == '\n' || (c >= ' ' && c <= '~');
    }

    static Configuration decode(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a configuration of " + bytes.length + " bytes");
        }
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            text.append((char) (b & 0xff));
        }
        List<String> lines = text.toString().lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IllegalArgumentException("it does not begin with '" + HEADER + "'");
        }
        return decode(lines.subList(1, lines.size()));
    }

    private static Configuration decode(List<String> lines) {
        List<NodeId> voters = new ArrayList<>();
        List<NodeId> outgoing = new ArrayList<>();
        List<NodeId> learners = new ArrayList<>();
        List<NodeId> removed = new ArrayList<>();
        SortedMap<NodeId, String> addresses = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words.length < 2) {
                throw new IllegalArgumentException("the line '" + line + "' says nothing");
            }
            NodeId id = NodeId.of(words[1]);
            switch (words[0] + "/" + words.length) {
                case "voter/2" -> voters.add(id);
                case "outgoing/2" -> outgoing.add(id);
                case "learner/2" -> learners.add(id);
                case "removed/2" -> removed.add(id);
                case "address/3" -> {
                    if (!isAddress(words[2])) {
                        throw new IllegalArgumentException("'" + words[2] + "' is no address");
                    }
                    addresses.put(id, words[2]);
                }
                default -> throw new IllegalArgumentException("the line '" + line + "' is not known");
            }
        }
        try {
            return new Configuration(voters, outgoing, learners, removed, addresses);
        } catch (InvariantViolation contradiction) {
            throw new IllegalArgumentException(contradiction.getMessage(), contradiction);
        }
    }
}
