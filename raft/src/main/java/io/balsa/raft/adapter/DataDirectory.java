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
import java.util.TreeMap;

/**
 * The directory of one node: says whose it is, and keeps everyone else out.
 *
 * <p>It holds {@code node.properties} (the identity), {@code lock}, {@code hard-state}, {@code log/}, {@code
 * snapshots/} and {@code known-peers}. Instead of the log of one node, that may be the log of many groups ({@link
 * SharedGroupLogs}), or be empty because the node's log is there; the identity says so then. The identity is
 * written last when a directory is formatted. With it, everything else must be there: a missing log or vote is an error,
 * not a fresh node. Without it, what an interrupted format left is made anew, but only as long as it is empty.
 */
public final class DataDirectory implements AutoCloseable {
    static final String LOCK = "lock";
    static final String LOG = "log";
    static final String SNAPSHOTS = "snapshots";

    private static final String IDENTITY = "node.properties";
    private static final int FORMAT_VERSION = 1;
    /** So that a version of Balsa that knows of none refuses the directory. */
    private static final int FORMAT_VERSION_WITH_SHARED_LOG = 2;

    private static final int STORE_ID_BYTES = 16;

    private static final String FORMAT_KEY = "format";
    private static final String CLUSTER_KEY = "cluster-id";
    private static final String NODE_KEY = "node-id";
    private static final String STORE_KEY = "store-id";
    private static final String LOG_KEY = "log";
    private static final String LOG_OF_GROUPS = "of-groups";
    private static final String LOG_SHARED = "shared";
    private static final String SHARED_STORE_KEY = "shared-log-store-id";
    private static final String GROUP_KEY = "group";

    private final Path directory;
    private final FileChannel lockChannel;
    /** As it is in its file. */
    private Map<String, String> identity;

    private DataDirectory(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /** Whose directory it is. */
    public record Identity(String clusterId, String nodeId) {}

    /** In which shared log the log of a directory is, as far as it says; empty if it has one of its own. Nothing is checked. */
    static Optional<SharedLog> peekSharedLog(Path directory) {
        try {
            Map<String, String> identity = IdentityFile.read(directory.resolve(IDENTITY));
            return LOG_SHARED.equals(identity.get(LOG_KEY))
                    ? Optional.of(new SharedLog(identity.get(SHARED_STORE_KEY), identity.get(GROUP_KEY)))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether a directory holds the logs of groups, as far as it says; nothing is checked. */
    static boolean peekIsOfGroups(Path directory) {
        try {
            return LOG_OF_GROUPS.equals(
                    IdentityFile.read(directory.resolve(IDENTITY)).get(LOG_KEY));
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Where a log is that is not its directory's own.
     *
     * @param storeId of the directory that holds it
     * @param group under which it is there
     */
    record SharedLog(String storeId, String group) {}

    /** Whose directory it is, as far as it says; nothing is checked. */
    static Optional<Identity> peekIdentity(Path directory) {
        try {
            Map<String, String> identity = IdentityFile.read(directory.resolve(IDENTITY));
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
        Map<String, String> formatted = new LinkedHashMap<>();
        formatted.put(FORMAT_KEY, Integer.toString(FORMAT_VERSION));
        formatted.put(CLUSTER_KEY, clusterId);
        formatted.put(NODE_KEY, nodeId.value());
        formatted.put(STORE_KEY, HexFormat.of().formatHex(random));
        try {
            Files.deleteIfExists(hardStateFile());
            FileHardStateStorage.create(hardStateFile());
            SegmentedLogStorage.create(logDirectory());
            IdentityFile.write(identityFile(), formatted);
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
        identity = readIdentity();
        String format = identity.get(FORMAT_KEY);
        if (!Integer.toString(FORMAT_VERSION).equals(format)
                && !Integer.toString(FORMAT_VERSION_WITH_SHARED_LOG).equals(format)) {
            throw damaged(
                    identityFile() + " has format version " + format + ", this is " + FORMAT_VERSION_WITH_SHARED_LOG,
                    null);
        }
        String otherCluster = identity.get(CLUSTER_KEY);
        String otherNode = identity.get(NODE_KEY);
        if (otherCluster == null
                || otherNode == null
                || identity.get(STORE_KEY) == null
                || !IdentityFile.isWhole(identity)) {
            throw damaged(identityFile() + " is not as it was written, its checksum does not match", null);
        }
        if (format.equals(Integer.toString(FORMAT_VERSION_WITH_SHARED_LOG)) && !hasSharedLog() && !isOfGroups()) {
            throw damaged(
                    identityFile() + " says that its log is '" + identity.get(LOG_KEY) + "', which is not known here",
                    null);
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
            return IdentityFile.read(identityFile());
        } catch (IllegalArgumentException e) {
            throw damaged(identityFile() + " " + e.getMessage(), e);
        } catch (IOException e) {
            throw damaged("cannot read " + identityFile() + ": " + e, e);
        }
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
        return identity.get(STORE_KEY);
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
     * @throws DataDirectoryException if its log is in {@link SharedGroupLogs}, or it holds such
     * @throws StorageException if it is missing or damaged
     * @throws MissingRuntimeFlagsException if the JVM lacks flags that this kind needs
     */
    public LogStorage openLog(LogStorageKind kind) {
        refuseIfOfGroups();
        if (hasSharedLog()) {
            throw otherLog("has its log in the shared log with store id " + identity.get(SHARED_STORE_KEY)
                    + ", as group '" + identity.get(GROUP_KEY) + "'; open it with openLog(SharedGroupLogs, group)");
        }
        return kind.open(logDirectory(), SegmentedLogStorage.Options.DEFAULT, Syncer.DISK);
    }

    /**
     * Opens the log of a group among those of its host. It is there from the first time on, and the directory says so: it can't
     * have a log of its own any more.
     *
     * @param group its name, without control characters
     * @throws DataDirectoryException if the directory has a log of its own with entries, or one of another group or in another
     *     place; or if the log there belongs to another data directory, or is gone
     * @throws IllegalStateException if it is open already
     * @throws StorageException if the shared log failed
     */
    public LogStorage openLog(SharedGroupLogs logs, String group) {
        GroupNames.checkPlain(group);
        refuseIfOfGroups();
        if (!hasSharedLog()) {
            return beginSharedLog(logs, group);
        }
        if (!logs.storeId().equals(identity.get(SHARED_STORE_KEY))) {
            throw otherLog("has its log in the shared log with store id " + identity.get(SHARED_STORE_KEY) + ", not in "
                    + logs.where() + ", whose store id is " + logs.storeId());
        }
        if (!group.equals(identity.get(GROUP_KEY))) {
            throw otherLog("is that of group '" + identity.get(GROUP_KEY) + "', not of '" + group + "'");
        }
        if (logs.storeIdOf(group).isEmpty()) {
            throw otherLog("has its log in " + logs.where() + ", which has none of group '" + group
                    + "': it was removed there, or that directory is an old copy. Discard this directory, and let this server"
                    + " join the group under a new name");
        }
        return logs.of(group, storeId());
    }

    private LogStorage beginSharedLog(SharedGroupLogs logs, String group) {
        refuseIfLogHoldsRecords();
        LogStorage log = logs.of(group, storeId());
        try {
            mark(Map.of(LOG_KEY, LOG_SHARED, SHARED_STORE_KEY, logs.storeId(), GROUP_KEY, group));
            return log;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** Opens the log for {@link SharedGroupLogs}; from the first time on it is for nothing else. */
    SegmentedLogStorage openForGroups(LogStorageKind kind, SegmentedLogStorage.Options options) {
        if (hasSharedLog()) {
            throw otherLog("is that of group '" + identity.get(GROUP_KEY)
                    + "', and can't hold the logs of all; these need a directory of their own");
        }
        if (!isOfGroups()) {
            refuseIfLogHoldsRecords();
            mark(Map.of(LOG_KEY, LOG_OF_GROUPS));
        }
        return kind.open(logDirectory(), options.findingEntries(), Syncer.DISK);
    }

    private boolean hasSharedLog() {
        return LOG_SHARED.equals(identity.get(LOG_KEY));
    }

    private boolean isOfGroups() {
        return LOG_OF_GROUPS.equals(identity.get(LOG_KEY));
    }

    private void refuseIfOfGroups() {
        if (isOfGroups()) {
            throw otherLog("holds the logs of many groups, and none of a node; open it with SharedGroupLogs.open");
        }
    }

    private void refuseIfLogHoldsRecords() {
        try {
            if (SegmentedLogStorage.holdsRecords(logDirectory())) {
                throw otherLog("has a log of its own in " + logDirectory() + ", which stays where it is");
            }
        } catch (IOException e) {
            throw damaged("cannot read " + logDirectory() + ": " + e, e);
        }
    }

    private DataDirectoryException otherLog(String what) {
        return new DataDirectoryException(Reason.OTHER_LOG, "data directory " + directory + " " + what);
    }

    /** Says durably what its log is from now on. */
    private void mark(Map<String, String> log) {
        Map<String, String> marked = new LinkedHashMap<>(identity);
        marked.put(FORMAT_KEY, Integer.toString(FORMAT_VERSION_WITH_SHARED_LOG));
        new TreeMap<>(log).forEach(marked::put);
        try {
            IdentityFile.write(identityFile(), marked);
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
        identity = marked;
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
