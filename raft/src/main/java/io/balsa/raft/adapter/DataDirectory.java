package io.balsa.raft.adapter;

import io.balsa.raft.adapter.DataDirectoryException.Reason;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The directory of one node: says whose it is, and keeps everyone else out.
 *
 * <p>It holds {@code node.properties} (the identity), {@code lock}, {@code hard-state}, {@code log/}, {@code
 * snapshots/} and {@code known-peers}. The identity is
 * written last when a directory is formatted. With it, everything else must be there: a missing log or vote is an error,
 * not a fresh node. Without it, what an interrupted format left is made anew, but only as long as it is empty.
 */
public final class DataDirectory implements AutoCloseable {
    static final String LOCK = "lock";
    static final String LOG = "log";
    static final String SNAPSHOTS = "snapshots";

    private static final String IDENTITY = "node.properties";
    private static final int FORMAT_VERSION = 1;
    private static final int STORE_ID_BYTES = 16;

    private static final String FORMAT_KEY = "format";
    private static final String CLUSTER_KEY = "cluster-id";
    private static final String NODE_KEY = "node-id";
    private static final String STORE_KEY = "store-id";
    private static final String CHECKSUM_KEY = "checksum";

    private final Path directory;
    private final FileChannel lockChannel;
    private String storeId;

    private DataDirectory(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /** Whose directory it is. */
    public record Identity(String clusterId, String nodeId) {}

    /** Whose directory it is, as far as it says; nothing is checked. */
    static Optional<Identity> peekIdentity(Path directory) {
        try {
            Map<String, String> identity = readIdentity(directory.resolve(IDENTITY));
            return identity.containsKey(CLUSTER_KEY) && identity.containsKey(NODE_KEY)
                    ? Optional.of(new Identity(identity.get(CLUSTER_KEY), identity.get(NODE_KEY)))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Opens the directory of a node and locks it; a directory that is empty or does not exist is formatted for the node.
     *
     * @param clusterId of the node's cluster, not blank
     * @throws DataDirectoryException if it is in use, belongs to another node, is damaged, or can't be written
     */
    public static DataDirectory open(Path directory, String clusterId, NodeId nodeId) {
        if (clusterId.isBlank()
                || !clusterId.equals(clusterId.strip())
                || clusterId.lines().count() != 1) {
            throw new IllegalArgumentException(
                    "a cluster id is one line without blanks around it, not '" + clusterId + "'");
        }
        Objects.requireNonNull(nodeId, "nodeId");
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
        DataDirectory opened = new DataDirectory(directory, lock(directory));
        try {
            if (!Files.exists(opened.identityFile())) {
                opened.format(clusterId, nodeId);
            }
            opened.checkIdentity(clusterId, nodeId);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) {
        Path file = directory.resolve(LOCK);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                // The lock goes with the process, however it ends. The number is only for whoever wonders which it is.
                channel.truncate(0);
                channel.write(
                        StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
                return channel;
            }
            DataDirectoryException inUse = inUse(directory, "process " + readHolder(channel));
            channel.close();
            throw inUse;
        } catch (OverlappingFileLockException e) {
            throw closing(channel, inUse(directory, "another node in this process"));
        } catch (IOException e) {
            throw closing(channel, notWritable(directory, e));
        }
    }

    private static String readHolder(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(32);
        channel.read(content, 0);
        return StandardCharsets.US_ASCII.decode(content.flip()).toString().strip();
    }

    private static DataDirectoryException closing(FileChannel channel, DataDirectoryException failure) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }

    private static DataDirectoryException inUse(Path directory, String by) {
        return new DataDirectoryException(Reason.IN_USE, "data directory " + directory + " is in use by " + by);
    }

    private static DataDirectoryException notWritable(Path directory, Exception cause) {
        return new DataDirectoryException(
                Reason.NOT_WRITABLE, "data directory " + directory + " cannot be written: " + reason(cause), cause);
    }

    /** The exceptions of files often have no message but the file's name. */
    private static String reason(Exception cause) {
        return cause instanceof StorageException ? cause.getMessage() : cause.toString();
    }

    private DataDirectoryException damaged(String what, Throwable cause) {
        return new DataDirectoryException(
                Reason.DAMAGED, "data directory " + directory + " is damaged: " + what, cause);
    }

    private void format(String clusterId, NodeId nodeId) {
        checkNothingIsLost();
        byte[] random = new byte[STORE_ID_BYTES];
        new SecureRandom().nextBytes(random);
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put(FORMAT_KEY, Integer.toString(FORMAT_VERSION));
        identity.put(CLUSTER_KEY, clusterId);
        identity.put(NODE_KEY, nodeId.value());
        identity.put(STORE_KEY, HexFormat.of().formatHex(random));
        identity.put(CHECKSUM_KEY, checksum(identity));
        StringBuilder text = new StringBuilder();
        identity.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        try {
            Files.deleteIfExists(hardStateFile());
            FileHardStateStorage.create(hardStateFile());
            SegmentedLogStorage.create(logDirectory());
            DurableFiles.replace(identityFile(), text.toString().getBytes(StandardCharsets.UTF_8), Syncer.DISK);
            DurableFiles.forceDirectory(directory.toAbsolutePath().getParent());
        } catch (IOException | StorageException e) {
            throw notWritable(directory, e);
        }
    }

    /** An interrupted format leaves no term, no vote and no entry. If there are any, it is the identity that got lost. */
    private void checkNothingIsLost() {
        try {
            if (SegmentedLogStorage.holdsRecords(logDirectory())) {
                throw damaged("it has a log, but " + identityFile() + " is missing", null);
            }
            if (Files.exists(hardStateFile())
                    && !FileHardStateStorage.open(hardStateFile()).load().equals(HardState.INITIAL)) {
                throw damaged("it has a term and vote, but " + identityFile() + " is missing", null);
            }
        } catch (StorageException e) {
            throw damaged(e.getMessage(), e);
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
    }

    private void checkIdentity(String clusterId, NodeId nodeId) {
        Map<String, String> identity = readIdentity();
        String format = identity.get(FORMAT_KEY);
        if (!Integer.toString(FORMAT_VERSION).equals(format)) {
            throw damaged(identityFile() + " has format version " + format + ", this is " + FORMAT_VERSION, null);
        }
        String otherCluster = identity.get(CLUSTER_KEY);
        String otherNode = identity.get(NODE_KEY);
        storeId = identity.get(STORE_KEY);
        String checksum = identity.remove(CHECKSUM_KEY);
        if (otherCluster == null
                || otherNode == null
                || storeId == null
                || !checksum(identity).equals(checksum)) {
            throw damaged(identityFile() + " is not as it was written, its checksum does not match", null);
        }
        if (!otherCluster.equals(clusterId)) {
            throw new DataDirectoryException(
                    Reason.OTHER_CLUSTER,
                    "data directory " + directory + " belongs to cluster '" + otherCluster + "', not to '" + clusterId
                            + "'");
        }
        if (!otherNode.equals(nodeId.value())) {
            throw new DataDirectoryException(
                    Reason.OTHER_NODE,
                    "data directory " + directory + " belongs to node '" + otherNode + "', not to '" + nodeId + "'");
        }
        if (!Files.exists(hardStateFile())) {
            throw damaged("the term and vote are missing, there is no " + hardStateFile(), null);
        }
        if (!Files.isDirectory(logDirectory())) {
            throw damaged("the log is missing, there is no " + logDirectory(), null);
        }
    }

    private Map<String, String> readIdentity() {
        try {
            return readIdentity(identityFile());
        } catch (IllegalArgumentException e) {
            throw damaged(identityFile() + " " + e.getMessage(), e);
        } catch (IOException e) {
            throw damaged("cannot read " + identityFile() + ": " + e, e);
        }
    }

    private static Map<String, String> readIdentity(Path file) throws IOException {
        Map<String, String> identity = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("has the line '" + line + "'");
            }
            identity.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return identity;
    }

    private static String checksum(Map<String, String> identity) {
        CRC32C crc = new CRC32C();
        crc.update(identity.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private Path identityFile() {
        return directory.resolve(IDENTITY);
    }

    private Path hardStateFile() {
        return directory.resolve("hard-state");
    }

    private Path logDirectory() {
        return directory.resolve(LOG);
    }

    /** The directory's path. */
    public Path path() {
        return directory;
    }

    /** What makes this directory's content one of a kind: random, given when it was formatted, never changed. */
    public String storeId() {
        return storeId;
    }

    /**
     * Opens the node's term and vote.
     *
     * @throws StorageException if they are missing or damaged
     */
    public FileHardStateStorage openHardState() {
        return FileHardStateStorage.open(hardStateFile());
    }

    /**
     * Opens the node's log, of the usual kind.
     *
     * @throws StorageException if it is missing or damaged
     */
    public LogStorage openLog() {
        return openLog(LogStorageKind.SEGMENT);
    }

    /**
     * Opens the node's log, whichever kind wrote it.
     *
     * @throws StorageException if it is missing or damaged
     * @throws MissingRuntimeFlagsException if the JVM lacks flags that this kind needs
     */
    public LogStorage openLog(LogStorageKind kind) {
        return kind.open(logDirectory(), SegmentedLogStorage.Options.DEFAULT, Syncer.DISK);
    }

    /**
     * Opens the node's snapshots.
     *
     * @throws StorageException if they can't be read
     */
    public FileSnapshotStorage openSnapshots() {
        return FileSnapshotStorage.open(directory.resolve(SNAPSHOTS));
    }

    /**
     * Opens what the node remembers of the data directories of the others.
     *
     * @throws StorageException if it is damaged
     */
    public KnownPeers openKnownPeers() {
        return KnownPeers.open(directory.resolve("known-peers"));
    }

    /** Unlocks the directory. Whatever was opened from it must be closed before. Closing twice does nothing. */
    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
    }
}
