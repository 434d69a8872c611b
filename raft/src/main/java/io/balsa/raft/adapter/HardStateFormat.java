package io.balsa.raft.adapter;

import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of a server's term and vote.
 *
 * <pre>magic 4 | version 2 | term 8 | length of vote 2 | vote | CRC32C 4</pre>
 */
public final class HardStateFormat {
    private static final int MAGIC = 0x4248_5354; // "BHST"
    private static final short VERSION = 1;
    private static final int OVERHEAD_BYTES = 20;
    private static final int CRC_BYTES = 4;

    private HardStateFormat() {}

    /** The bytes of a state. */
    public static byte[] encode(HardState state) {
        byte[] vote = state.votedFor().map(NodeId::value).orElse("").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer target = ByteBuffer.allocate(OVERHEAD_BYTES + vote.length);
        target.putInt(MAGIC)
                .putShort(VERSION)
                .putLong(state.term())
                .putShort((short) vote.length)
                .put(vote);
        return target.putInt(crc(target.array())).array();
    }

    /**
     * The reverse of {@link #encode}.
     *
     * @param file that the bytes are from, for messages
     * @throws StorageException if they are damaged, or of another version
     */
    public static HardState decode(byte[] content, String file) {
        ByteBuffer source = ByteBuffer.wrap(content);
        if (content.length < OVERHEAD_BYTES || source.getInt(content.length - CRC_BYTES) != crc(content)) {
            throw damaged(file, "its checksum does not match");
        }
        int magic = source.getInt();
        short version = source.getShort();
        long term = source.getLong();
        byte[] vote = new byte[content.length - OVERHEAD_BYTES];
        if (magic != MAGIC || source.getShort() != vote.length) {
            throw damaged(file, "it does not hold a term and vote");
        }
        if (version != VERSION) {
            throw new StorageException(file + " has format version " + version + ", this is " + VERSION);
        }
        if (term < 0) {
            throw damaged(file, "it holds the term " + term);
        }
        source.get(vote);
        return new HardState(term, vote.length == 0 ? Optional.empty() : Optional.of(candidate(vote, file)));
    }

    private static NodeId candidate(byte[] vote, String file) {
        try {
            return NodeId.of(new String(vote, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw damaged(file, "it holds a vote for no possible candidate: " + e.getMessage());
        }
    }

    private static StorageException damaged(String file, String why) {
        return new StorageException("the term and vote of this server are damaged: " + file + ": " + why
                + "; it must not run with an older term");
    }

    /** The checksum of everything but the last bytes, which hold it. */
    private static int crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content, 0, content.length - CRC_BYTES);
        return (int) crc.getValue();
    }
}
