package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, also across restarts, which data directory this server has met under which node id. The first contact counts: a
 * server that comes back under its old name with another directory has lost its votes and its log, and could make the group
 * elect two leaders or forget what it acknowledged. Thread-safe.
 */
public final class KnownPeers {
    private static final Logger LOG = LoggerFactory.getLogger(KnownPeers.class);
    private static final String HEADER = "balsa-known-peers 1";
    private static final String CHECKSUM = "checksum ";

    /** Far more than a group ever has members; whoever makes up names does not fill the disk. */
    private static final int MAX_PEERS = 1024;

    private final Path file;
    private final Syncer syncer;
    private final Map<NodeId, String> storeIds = new TreeMap<>();

    private KnownPeers(Path file, Syncer syncer) {
        this.file = file;
        this.syncer = syncer;
    }

    /** Remembers as long as the process lives. */
    public static KnownPeers inMemory() {
        return new KnownPeers(null, Syncer.DISK);
    }

    /**
     * Reads what was remembered; nothing if there is no such file.
     *
     * @throws StorageException if the file is damaged or can't be read
     */
    public static KnownPeers open(Path file) {
        return open(file, Syncer.DISK);
    }

    static KnownPeers open(Path file, Syncer syncer) {
        KnownPeers known = new KnownPeers(file, syncer);
        if (Files.exists(file)) {
            try {
                known.read(Files.readAllLines(file, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new StorageException("cannot read " + file + ": " + e, e);
            } catch (IllegalArgumentException e) {
                throw new StorageException(
                        file + ", which says which data directories this node has met, is damaged: " + e.getMessage()
                                + "; if all members are what they should be, delete the file, and the node meets them anew",
                        e);
            }
        }
        return known;
    }

    private void read(List<String> lines) {
        if (lines.size() < 2 || !lines.get(0).equals(HEADER)) {
            throw new IllegalArgumentException("it does not begin with '" + HEADER + "'");
        }
        List<String> content = lines.subList(0, lines.size() - 1);
        if (!lines.get(lines.size() - 1).equals(CHECKSUM + checksum(content))) {
            throw new IllegalArgumentException("its checksum does not match");
        }
        for (String line : content.subList(1, content.size())) {
            String[] words = line.split(" ", -1);
            if (words.length != 2) {
                throw new IllegalArgumentException("it has the line '" + line + "'");
            }
            storeIds.put(NodeId.of(words[0]), words[1]);
        }
    }

    /** What came of meeting a peer. */
    enum Verdict {
        /** It is who it was before, or was not met before. */
        KNOWN,
        /** Its name belongs to another data directory. */
        OTHER_DIRECTORY,
        /** It was not met before, and there are too many such. */
        TOO_MANY
    }

    /** Meets a peer. Who was not met before is remembered from now on. */
    synchronized Verdict meet(NodeId peer, byte[] storeId) {
        String hex = HexFormat.of().formatHex(storeId);
        String known = storeIds.get(peer);
        if (known != null) {
            return known.equals(hex) ? Verdict.KNOWN : Verdict.OTHER_DIRECTORY;
        }
        if (storeIds.size() >= MAX_PEERS) {
            return Verdict.TOO_MANY;
        }
        storeIds.put(peer, hex);
        save();
        return Verdict.KNOWN;
    }

    private void save() {
        if (file == null) {
            return;
        }
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        storeIds.forEach(
                (id, storeId) -> text.append(id).append(' ').append(storeId).append('\n'));
        String checksum = checksum(text.toString().lines().toList());
        text.append(CHECKSUM).append(checksum).append('\n');
        try {
            DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.UTF_8), syncer);
        } catch (IOException e) {
            // It is still remembered until the end of the process; and a disk that fails ends that soon enough.
            LOG.warn(
                    "{}",
                    DurableFiles.writeFailure("remember peers in", file, e).getMessage());
        }
    }

    private static String checksum(List<String> lines) {
        CRC32C crc = new CRC32C();
        crc.update(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
