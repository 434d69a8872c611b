package io.balsa.raft.adapter;

import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Keeps term and vote in a small file that each save replaces as a whole.
 *
 * <p>A file that is damaged or missing is an error, never a fresh start: a server that forgets its vote may vote twice in
 * a term, and so elect two leaders. A new file for each save is what makes this possible. With slots that are written in
 * turns, a damaged newest slot would look like an interrupted write, and the older term in the other like the last one.
 *
 * <pre>magic 4 | version 2 | term 8 | length of vote 2 | vote | CRC32C 4</pre>
 */
public final class FileHardStateStorage implements HardStateStorage {
    private static final int MAGIC = 0x4248_5354; // "BHST"
    private static final short VERSION = 1;
    private static final int OVERHEAD_BYTES = 20;
    private static final int CRC_BYTES = 4;

    private final Path file;
    private final Syncer syncer;
    private StorageException failure;

    private FileHardStateStorage(Path file, Syncer syncer) {
        this.file = Objects.requireNonNull(file, "file");
        this.syncer = syncer;
    }

    /**
     * Makes the file of a server that has never run.
     *
     * @throws StorageException if there is one already, or it can't be written
     */
    public static void create(Path file) {
        if (Files.exists(file)) {
            throw new StorageException("there is a term and vote in " + file + " already");
        }
        new FileHardStateStorage(file, Syncer.DISK).save(HardState.INITIAL);
    }

    /**
     * Opens the file of a server.
     *
     * @throws StorageException if it is missing or damaged
     */
    public static FileHardStateStorage open(Path file) {
        return open(file, Syncer.DISK);
    }

    static FileHardStateStorage open(Path file, Syncer syncer) {
        FileHardStateStorage storage = new FileHardStateStorage(file, syncer);
        storage.load();
        return storage;
    }

    @Override
    public HardState load() {
        try {
            return decode(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new StorageException("the term and vote of this server are missing: there is no " + file, e);
        } catch (IOException e) {
            throw new StorageException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void save(HardState state) {
        if (failure != null) {
            throw new StorageException("cannot save after an earlier failure: " + failure.getMessage(), failure);
        }
        try {
            DurableFiles.replace(file, encode(state), syncer);
        } catch (IOException e) {
            failure = DurableFiles.writeFailure("save term and vote to", file, e);
            throw failure;
        }
    }

    private static byte[] encode(HardState state) {
        byte[] vote = state.votedFor().map(NodeId::value).orElse("").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer target = ByteBuffer.allocate(OVERHEAD_BYTES + vote.length);
        target.putInt(MAGIC)
                .putShort(VERSION)
                .putLong(state.term())
                .putShort((short) vote.length)
                .put(vote);
        return target.putInt(crc(target.array())).array();
    }

    private HardState decode(byte[] content) {
        ByteBuffer source = ByteBuffer.wrap(content);
        if (content.length < OVERHEAD_BYTES || source.getInt(content.length - CRC_BYTES) != crc(content)) {
            throw damaged("its checksum does not match");
        }
        int magic = source.getInt();
        short version = source.getShort();
        long term = source.getLong();
        byte[] vote = new byte[content.length - OVERHEAD_BYTES];
        if (magic != MAGIC || source.getShort() != vote.length) {
            throw damaged("it does not hold a term and vote");
        }
        if (version != VERSION) {
            throw new StorageException(file + " has format version " + version + ", this is " + VERSION);
        }
        if (term < 0) {
            throw damaged("it holds the term " + term);
        }
        source.get(vote);
        return new HardState(term, vote.length == 0 ? Optional.empty() : Optional.of(candidate(vote)));
    }

    private NodeId candidate(byte[] vote) {
        try {
            return NodeId.of(new String(vote, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw damaged("it holds a vote for no possible candidate: " + e.getMessage());
        }
    }

    private StorageException damaged(String why) {
        return new StorageException("the term and vote of this server are damaged: " + file + ": " + why
                + "; it must not run with an older term");
    }

    /** The checksum of everything but the last bytes, which hold it. */
    private static int crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content, 0, content.length - CRC_BYTES);
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        // No file stays open between saves.
    }
}
