package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** What is written and read by hand is what the generated code writes and reads. */
class AppendEntriesCodecTest {
    private static final NodeId A = NodeId.of("a");
    private static final NodeId B = NodeId.of("b");

    private static long seed() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("AppendEntriesCodecTest: seed " + seed);
        return seed;
    }

    private static List<Message.AppendEntries> messages(long seed) {
        RandomFrames random = new RandomFrames(seed);
        List<Message.AppendEntries> messages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            random.everyMessage(A, B).stream()
                    .filter(Message.AppendEntries.class::isInstance)
                    .map(Message.AppendEntries.class::cast)
                    .forEach(messages::add);
        }
        return messages;
    }

    @Test
    void theBytesAreThoseOfTheGeneratedCode() throws Exception {
        for (Message.AppendEntries message : messages(seed())) {
            for (String group : List.of("", "orders")) {
                byte[] bytes = AppendEntriesCodec.encode(group, message);
                assertThat(bytes)
                        .isEqualTo(ProtobufCodec.toFrame(group, message).toByteArray());
                assertThat(AppendEntriesCodec.decode(bytes))
                        .isEqualTo(new AppendEntriesCodec.Addressed(group, message));
            }
        }
    }

    /** Entries that end where a piece does, a little before and behind it, and larger ones than a piece. */
    @Test
    void largeMessagesPassInPieces() {
        Random random = new Random(seed());
        Scratch scratch = new Scratch();
        for (int payload : new int[] {0, 100, 1024, 4070, 4080, 4090, 16_320, 16_384, 16_500, 40_000, 300_000}) {
            List<LogEntry> entries = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                byte[] command = new byte[payload == 0 ? random.nextInt(2_000) : payload + random.nextInt(3)];
                random.nextBytes(command);
                entries.add(new LogEntry(i, 1, EntryType.COMMAND, i, command));
            }
            Message.AppendEntries message = new Message.AppendEntries(A, B, 1, 0, 0, entries, 7, 3, 1L << 40);
            byte[] bytes = AppendEntriesCodec.encode("orders", message);
            ByteBuf frame = AppendEntriesCodec.frame(UnpooledByteBufAllocator.DEFAULT, "orders", message, scratch);
            assertThat(frame.readInt()).isEqualTo(bytes.length);
            assertThat(ByteBufUtil.getBytes(frame)).isEqualTo(bytes);
            assertThat(AppendEntriesCodec.decode(frame, scratch))
                    .isEqualTo(new AppendEntriesCodec.Addressed("orders", message));
            assertThat(frame.release()).isTrue();
        }
    }

    @Test
    void entriesAreEncodedOnceForAllFollowers() {
        Random random = new Random(seed());
        Scratch scratch = new Scratch();
        SharedEntries shared = SharedEntries.ofThread();
        Deque<Runnable> loop = new ArrayDeque<>();
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        for (int size : new int[] {1, 100, 1, 40, 2}) {
            List<LogEntry> entries = new ArrayList<>();
            for (int i = 1; i <= size; i++) {
                byte[] command = new byte[random.nextInt(2_000)];
                random.nextBytes(command);
                entries.add(new LogEntry(i, 1, EntryType.COMMAND, i, command));
            }
            List<ByteBuf> frames = new ArrayList<>();
            int frameBytes = 0;
            for (long matchIndex = 0; matchIndex < 3; matchIndex++) {
                // Each follower has a list of its own.
                Message.AppendEntries message =
                        new Message.AppendEntries(A, B, 1, 0, 0, new ArrayList<>(entries), 7, matchIndex, 5);
                byte[] bytes = AppendEntriesCodec.encode("orders", message);
                frameBytes = bytes.length;
                ByteBuf frame = shared.frame(allocator, "orders", message, scratch, loop::add);
                frames.add(frame);
                assertThat(frame.readInt()).isEqualTo(bytes.length);
                assertThat(ByteBufUtil.getBytes(frame)).isEqualTo(bytes);
            }
            if (size >= 40) {
                assertThat(inUse(allocator)).isLessThan(2L * frameBytes);
            }
            frames.forEach(frame -> assertThat(frame.release()).isTrue());
            // Mostly the loop comes to it between two messages; not always.
            if (size != 40) {
                loop.forEach(Runnable::run);
                loop.clear();
                assertThat(inUse(allocator)).isZero();
            }
        }
    }

    /** What the groups of a host have to send leaves follower by follower, not group by group. */
    @Test
    void entriesOfManyGroupsAreEncodedOnce() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        Deque<Runnable> loop = new ArrayDeque<>();
        List<Message.AppendEntries> messages = new ArrayList<>();
        long bytes = 0;
        for (int group = 0; group < 100; group++) {
            List<LogEntry> entries = List.of(
                    new LogEntry(1, 1, EntryType.COMMAND, 1, new byte[10_000]),
                    new LogEntry(2, 1, EntryType.COMMAND, 1, new byte[group]));
            messages.add(new Message.AppendEntries(A, B, 1, 0, 0, entries, 0, 0, 1));
            bytes += AppendEntriesCodec.encode("", messages.get(group)).length;
        }
        List<ByteBuf> frames = new ArrayList<>();
        for (int follower = 0; follower < 3; follower++) {
            for (Message.AppendEntries message : messages) {
                ByteBuf frame = SharedEntries.ofThread().frame(allocator, "", message, new Scratch(), loop::add);
                assertThat(ByteBufUtil.getBytes(frame.skipBytes(FrameDecoder.LENGTH_BYTES)))
                        .isEqualTo(AppendEntriesCodec.encode("", message));
                frames.add(frame);
            }
        }
        assertThat(inUse(allocator)).isLessThan(2 * bytes);
        assertThat(loop).hasSize(1);
        loop.forEach(Runnable::run);
        frames.forEach(frame -> assertThat(frame.release()).isTrue());
        assertThat(inUse(allocator)).isZero();
    }

    @Test
    void whatIsKeptIsBounded() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        Deque<Runnable> loop = new ArrayDeque<>();
        for (int i = 1; i <= 10; i++) {
            Message.AppendEntries message = new Message.AppendEntries(
                    A, B, 1, 0, 0, List.of(new LogEntry(1, 1, EntryType.COMMAND, 1, new byte[1 << 20])), 0, 0, 1);
            ByteBuf frame = SharedEntries.ofThread().frame(allocator, "", message, new Scratch(), loop::add);
            assertThat(ByteBufUtil.getBytes(frame.skipBytes(FrameDecoder.LENGTH_BYTES)))
                    .isEqualTo(AppendEntriesCodec.encode("", message));
            assertThat(frame.release()).isEqualTo(true);
        }
        assertThat(inUse(allocator)).isLessThan(5 << 20);
        loop.forEach(Runnable::run);
        assertThat(inUse(allocator)).isZero();
    }

    @Test
    void nothingIsKeptOnALoopThatHasEnded() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        Message.AppendEntries message = new Message.AppendEntries(
                A, B, 1, 0, 0, List.of(new LogEntry(1, 1, EntryType.COMMAND, 1, new byte[5_000])), 0, 0, 1);
        assertThatThrownBy(() -> SharedEntries.ofThread().frame(allocator, "", message, new Scratch(), task -> {
                    throw new RejectedExecutionException();
                }))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(inUse(allocator)).isZero();
    }

    private static long inUse(UnpooledByteBufAllocator allocator) {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** Whatever is before the entries, and ends with a piece, hides nothing of what follows. */
    @Test
    void aNameAsLongAsAPieceIsLeftToTheGeneratedCode() throws Exception {
        Message.AppendEntries message = messages(1).get(0);
        for (int length = PiecewiseOutput.PIECE_BYTES - 60; length < PiecewiseOutput.PIECE_BYTES + 60; length++) {
            byte[] bytes = ProtobufCodec.toFrame("", message).toBuilder()
                    .setGroup("g".repeat(length))
                    .build()
                    .toByteArray();
            assertThat(AppendEntriesCodec.decode(bytes)).isNull();
        }
    }

    @Test
    void otherMessagesAreLeftToTheGeneratedCode() throws Exception {
        for (Message message : new RandomFrames(seed()).everyMessage(A, B)) {
            boolean isAppend = message instanceof Message.AppendEntries;
            assertThat(AppendEntriesCodec.decode(ProtobufCodec.encode(message)) != null)
                    .as("%s", message)
                    .isEqualTo(isAppend);
        }
    }

    @Test
    void fieldsInAnotherOrderAreLeftToTheGeneratedCode() throws Exception {
        Message.AppendEntries message = messages(1).get(0);
        byte[] group = PeerFrame.newBuilder().setGroup("late").build().toByteArray();
        byte[] body = AppendEntriesCodec.encode("", message);
        byte[] bytes = new byte[body.length + group.length];
        System.arraycopy(body, 0, bytes, 0, body.length);
        System.arraycopy(group, 0, bytes, body.length, group.length);
        assertThat(AppendEntriesCodec.decode(bytes)).isNull();
        PeerFrame frame = ProtobufCodec.parse(PeerFrame.parser(), bytes);
        assertThat(ProtobufCodec.group(frame)).isEqualTo("late");
        assertThat(ProtobufCodec.fromFrame(frame)).isEqualTo(message);
    }

    /** The term of an empty heartbeat in more bytes than it needs: ten have room for more than a number has. */
    @Test
    void numbersInMoreBytesThanTheyNeedAreReadTheSameOrLeftToTheGeneratedCode() throws Exception {
        byte[] plain = AppendEntriesCodec.encode("", new Message.AppendEntries(A, B, 1, 0, 0, List.of(), 0, 0, 0));
        int term = 6;
        assertThat(plain[term]).as("the term's tag").isEqualTo((byte) (PeerFrame.TERM_FIELD_NUMBER << 3));
        for (int bytesOfTerm = 2; bytesOfTerm <= 11; bytesOfTerm++) {
            for (int last : new int[] {0, 1, 2}) {
                byte[] bytes = new byte[plain.length + bytesOfTerm - 1];
                System.arraycopy(plain, 0, bytes, 0, term + 1);
                bytes[term + 1] = (byte) 0x81;
                Arrays.fill(bytes, term + 2, term + bytesOfTerm, (byte) 0x80);
                bytes[term + bytesOfTerm] = (byte) last;
                System.arraycopy(plain, term + 2, bytes, term + 1 + bytesOfTerm, plain.length - term - 2);
                AppendEntriesCodec.Addressed decoded = AppendEntriesCodec.decode(bytes);
                if (decoded != null) {
                    assertThat(generated(bytes)).isEqualTo(decoded.message());
                }
                assertThat(decoded == null)
                        .as("%d bytes, the last is %d", bytesOfTerm, last)
                        .isEqualTo(bytesOfTerm >= 10);
            }
        }
    }

    /** However a frame is damaged: what is read by hand, the generated code reads the same. */
    @Test
    void bothReadDamagedBytesTheSame() throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        List<Message.AppendEntries> messages = messages(seed);
        int read = 0;
        int left = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = ProtobufCodec.encode(messages.get(random.nextInt(messages.size())));
            for (int change = random.nextInt(3); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            AppendEntriesCodec.Addressed decoded = AppendEntriesCodec.decode(bytes);
            if (decoded == null) {
                left++;
            } else {
                read++;
                assertThat(generated(bytes)).as("seed %d", seed).isEqualTo(decoded.message());
            }
        }
        assertThat(List.of(read, left)).allSatisfy(count -> assertThat(count).isPositive());
    }

    private static Message generated(byte[] bytes) throws MalformedFrameException {
        PeerFrame frame = ProtobufCodec.parse(PeerFrame.parser(), bytes.clone());
        ProtobufCodec.group(frame);
        return ProtobufCodec.fromFrame(frame);
    }
}
