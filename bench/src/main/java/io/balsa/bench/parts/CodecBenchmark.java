package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.raft.adapter.ClientCodec;
import io.balsa.raft.adapter.MalformedFrameException;
import io.balsa.raft.adapter.ProtobufCodec;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Turning what goes over the network into bytes, and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class CodecBenchmark {
    private static final int PAYLOAD_BYTES = 128;
    /** Numbers of the size that a group has after a day, which take more bytes than small ones. */
    private static final long FIRST_INDEX = 100_000_000;

    private static final long TIME_MILLIS = 1_700_000_000_000L;

    /** AppendEntries from a leader to a follower. */
    @State(Scope.Benchmark)
    public static class Append {
        @Param({"1", "64"})
        public int entries;

        private Message message;
        private byte[] bytes;

        /** Makes the message. */
        @Setup(Level.Trial)
        public void make() {
            List<LogEntry> batch = LongStream.range(FIRST_INDEX, FIRST_INDEX + entries)
                    .mapToObj(index ->
                            new LogEntry(index, 7, EntryType.COMMAND, TIME_MILLIS + index, new byte[PAYLOAD_BYTES]))
                    .toList();
            message = new Message.AppendEntries(
                    NodeId.of("n1"),
                    NodeId.of("n2"),
                    7,
                    FIRST_INDEX - 1,
                    7,
                    batch,
                    FIRST_INDEX - 1,
                    FIRST_INDEX - 1,
                    FIRST_INDEX);
            bytes = ProtobufCodec.encode(message);
        }
    }

    /** A command from a client to the leader, and what it gets back. */
    @State(Scope.Benchmark)
    public static class Client {
        private final ClientRequest request = new ClientRequest.Propose(new byte[PAYLOAD_BYTES]);
        private final ClientResponse response = new ClientResponse.Applied(FIRST_INDEX, new byte[16]);
        private final byte[] requestBytes = ClientCodec.encode(FIRST_INDEX, request);
        private final byte[] responseBytes = ClientCodec.encode(FIRST_INDEX, response);
    }

    @Benchmark
    public byte[] encodeAppendEntries(Append append) {
        return ProtobufCodec.encode(append.message);
    }

    @Benchmark
    public Message decodeAppendEntries(Append append) throws MalformedFrameException {
        return ProtobufCodec.decodeMessage(append.bytes);
    }

    @Benchmark
    public byte[] encodeClientRequest(Client client) {
        return ClientCodec.encode(FIRST_INDEX, client.request);
    }

    @Benchmark
    public ClientRequest decodeClientRequest(Client client) throws MalformedFrameException {
        return ClientCodec.decodeRequest(client.requestBytes);
    }

    @Benchmark
    public byte[] encodeClientResponse(Client client) {
        return ClientCodec.encode(FIRST_INDEX, client.response);
    }

    @Benchmark
    public ClientResponse decodeClientResponse(Client client) throws MalformedFrameException {
        return ClientCodec.decodeResponse(client.responseBytes);
    }
}
