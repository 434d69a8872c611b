package io.balsa.raft.adapter;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Writes what may be large through an array that is small enough to stay in a processor's cache: an array as large as
 * the whole would be written to memory, and read from there again, before the network's copy is made. Not thread-safe.
 */
final class PiecewiseOutput {
    /** A third or half of the cache that is nearest to a processor. */
    static final int PIECE_BYTES = 16 << 10;

    /** Null if the array is where the bytes are to be. */
    private final ByteBuf target;

    private final Scratch scratch;
    private byte[] piece;
    private CodedOutputStream output;

    private PiecewiseOutput(ByteBuf target, Scratch scratch, byte[] piece, int pieceBytes) {
        this.target = target;
        this.scratch = scratch;
        this.piece = piece;
        this.output = CodedOutputStream.newInstance(piece, 0, pieceBytes);
    }

    /** Writes all of an array. */
    static PiecewiseOutput of(byte[] whole) {
        return new PiecewiseOutput(null, null, whole, whole.length);
    }

    /** Writes to the end of a buffer. */
    static PiecewiseOutput of(ByteBuf target, Scratch scratch) {
        return new PiecewiseOutput(target, scratch, scratch.ofAtLeast(PIECE_BYTES), PIECE_BYTES);
    }

    /** Where the next bytes go; until the next call. */
    CodedOutputStream withRoomFor(int bytes) throws IOException {
        if (target != null && output.spaceLeft() < bytes) {
            writePiece();
            int pieceBytes = Math.max(bytes, PIECE_BYTES);
            piece = scratch.ofAtLeast(pieceBytes);
            output = CodedOutputStream.newInstance(piece, 0, pieceBytes);
        }
        return output;
    }

    /** Lets the last bytes go where they belong. */
    void finish() throws IOException {
        if (target != null) {
            writePiece();
        } else {
            output.flush();
            output.checkNoSpaceLeft();
        }
    }

    private void writePiece() throws IOException {
        output.flush();
        target.writeBytes(piece, 0, output.getTotalBytesWritten());
    }
}
