package io.balsa.lock.zookeeper;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.zookeeper.common.PathUtils;

/** Where locks have their nodes. Immutable. */
final class LockPaths {
    /** No limit of ZooKeeper's, but a listing of all locks should fit into one of its answers, of 1 MiB. */
    private static final int NAME_LIMIT = 1_000;

    private static final String PLAIN = "-_.~:@+=,;!()[]{}' ";

    private final String root;

    /** @param namespace of the client; null or empty when it has none */
    LockPaths(String namespace, String root) {
        this.root = (namespace == null || namespace.isEmpty() ? "" : "/" + namespace) + root;
        PathUtils.validatePath(this.root);
    }

    /** The node above those of the locks. */
    String root() {
        return root;
    }

    /** The root and the nodes above it, the uppermost first. */
    List<String> rootAndAbove() {
        List<String> paths = new ArrayList<>();
        for (int end = root.indexOf('/', 1); end >= 0; end = root.indexOf('/', end + 1)) {
            paths.add(root.substring(0, end));
        }
        paths.add(root);
        return paths;
    }

    /**
     * The node of a lock, under which those queue who want it. Different keys have different nodes.
     *
     * @throws IllegalArgumentException if the key can't be a node's name
     */
    String container(String key) {
        String name = encode(key);
        if (name.length() > NAME_LIMIT) {
            throw new IllegalArgumentException("the key of the lock '" + key.substring(0, 50) + "…' has "
                    + name.length() + " bytes as ZooKeeper would store it; the limit is " + NAME_LIMIT);
        }
        return root + "/" + name;
    }

    /** What has a meaning in a path, or is not allowed in one, is written as its UTF-8 bytes, as in a URL. */
    private static String encode(String key) {
        StringBuilder name = new StringBuilder();
        boolean dots = key.chars().allMatch(each -> each == '.');
        for (byte each : utf8(key)) {
            char letter = (char) (each & 0xff);
            boolean plain = (letter >= 'a' && letter <= 'z')
                    || (letter >= 'A' && letter <= 'Z')
                    || (letter >= '0' && letter <= '9')
                    || PLAIN.indexOf(letter) >= 0;
            if (plain && !dots) {
                name.append(letter);
            } else {
                name.append(String.format(Locale.ROOT, "%%%02X", (int) letter));
            }
        }
        return name.toString();
    }

    private static byte[] utf8(String key) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
            byte[] array = new byte[bytes.remaining()];
            bytes.get(array);
            return array;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "the key of the lock '" + key + "' has half of a surrogate pair, which is no character", e);
        }
    }
}
