package io.balsa.raft.adapter;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes and reads the frames of clients of which there are very many, commands and reads and what comes of them, without
 * protobuf's objects in between. The bytes are the same that the generated code writes; what it might write otherwise (fields in
 * another order, unknown ones), and all other frames, are left to it.
 */
final class CommonFrames {
    /** The size of a frame that is left to the generated code. */
    static final int NOT_COMMON = -1;

    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int BYTES = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private CommonFrames() {}

    /** A request or a response, and the number by which a client finds them together. */
    record Numbered<T>(long id, T content) {}

    // ---- writing ---------------------------------------------------------------------------------------------------

    /** How many bytes the frame of a request has, or {@link #NOT_COMMON}. */
    static int size(long id, ClientRequest request) {
        int body = bodySize(request);
        return body == NOT_COMMON
                ? NOT_COMMON
                : size(ClientRequestFrame.CORRELATION_ID_FIELD_NUMBER, id, ClientRequestFrame.READ_FIELD_NUMBER, body);
    }

    /** How many bytes the frame of a response has, or {@link #NOT_COMMON}. */
    static int size(long id, ClientResponse response) {
        int body = bodySize(response);
        return body == NOT_COMMON
                ? NOT_COMMON
                : size(
                        ClientResponseFrame.CORRELATION_ID_FIELD_NUMBER,
                        id,
                        ClientResponseFrame.ANSWER_FIELD_NUMBER,
                        body);
    }

    private static int size(int idField, long id, int bodyField, int body) {
        return numberSize(idField, id)
                + CodedOutputStream.computeTagSize(bodyField)
                + CodedOutputStream.computeUInt32SizeNoTag(body)
                + body;
    }

    private static int bodySize(ClientRequest request) {
        if (request instanceof ClientRequest.Propose propose) {
            return bytesSize(ClientRequestFrame.Propose.COMMAND_FIELD_NUMBER, propose.command());
        } else if (request instanceof ClientRequest.Read read) {
            return numberSize(
                            ClientRequestFrame.Read.CONSISTENCY_FIELD_NUMBER,
                            ClientCodec.toProto(read.consistency()).getNumber())
                    + numberSize(ClientRequestFrame.Read.MIN_INDEX_FIELD_NUMBER, read.minIndex())
                    + bytesSize(ClientRequestFrame.Read.QUERY_FIELD_NUMBER, read.query())
                    + numberSize(ClientRequestFrame.Read.TIMEOUT_MILLIS_FIELD_NUMBER, read.timeoutMillis());
        }
        return NOT_COMMON;
    }

    private static int bodySize(ClientResponse response) {
        if (response instanceof ClientResponse.Applied applied) {
            return numberSize(ClientResponseFrame.Applied.INDEX_FIELD_NUMBER, applied.index())
                    + bytesSize(ClientResponseFrame.Applied.RESULT_FIELD_NUMBER, applied.result());
        } else if (response instanceof ClientResponse.Answer answer) {
            return numberSize(ClientResponseFrame.Answer.APPLIED_INDEX_FIELD_NUMBER, answer.appliedIndex())
                    + bytesSize(ClientResponseFrame.Answer.ANSWER_FIELD_NUMBER, answer.answer());
        }
        return NOT_COMMON;
    }

    /**
     * Writes the frame of a common request.
     *
     * @param output takes as many bytes as {@link #size(long, ClientRequest)} says
     */
    static void write(CodedOutputStream output, long id, ClientRequest request) {
        try {
            writeNumber(output, ClientRequestFrame.CORRELATION_ID_FIELD_NUMBER, id);
            if (request instanceof ClientRequest.Propose propose) {
                writeHeader(output, ClientRequestFrame.PROPOSE_FIELD_NUMBER, bodySize(request));
                writeBytes(output, ClientRequestFrame.Propose.COMMAND_FIELD_NUMBER, propose.command());
            } else if (request instanceof ClientRequest.Read read) {
                writeHeader(output, ClientRequestFrame.READ_FIELD_NUMBER, bodySize(request));
                writeNumber(
                        output,
                        ClientRequestFrame.Read.CONSISTENCY_FIELD_NUMBER,
                        ClientCodec.toProto(read.consistency()).getNumber());
                writeNumber(output, ClientRequestFrame.Read.MIN_INDEX_FIELD_NUMBER, read.minIndex());
                writeBytes(output, ClientRequestFrame.Read.QUERY_FIELD_NUMBER, read.query());
                writeNumber(output, ClientRequestFrame.Read.TIMEOUT_MILLIS_FIELD_NUMBER, read.timeoutMillis());
            }
            output.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("a request that is larger than it said", e);
        }
    }

    /**
     * Writes the frame of a common response.
     *
     * @param output takes as many bytes as {@link #size(long, ClientResponse)} says
     */
    static void write(CodedOutputStream output, long id, ClientResponse response) {
        try {
            writeNumber(output, ClientResponseFrame.CORRELATION_ID_FIELD_NUMBER, id);
            if (response instanceof ClientResponse.Applied applied) {
                writeHeader(output, ClientResponseFrame.APPLIED_FIELD_NUMBER, bodySize(response));
                writeNumber(output, ClientResponseFrame.Applied.INDEX_FIELD_NUMBER, applied.index());
                writeBytes(output, ClientResponseFrame.Applied.RESULT_FIELD_NUMBER, applied.result());
            } else if (response instanceof ClientResponse.Answer answer) {
                writeHeader(output, ClientResponseFrame.ANSWER_FIELD_NUMBER, bodySize(response));
                writeNumber(output, ClientResponseFrame.Answer.APPLIED_INDEX_FIELD_NUMBER, answer.appliedIndex());
                writeBytes(output, ClientResponseFrame.Answer.ANSWER_FIELD_NUMBER, answer.answer());
            }
            output.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("a response that is larger than it said", e);
        }
    }

    private static void writeHeader(CodedOutputStream output, int field, int bodySize) throws IOException {
        output.writeTag(field, BYTES);
        output.writeUInt32NoTag(bodySize);
    }

    // What has its default value is left out, as the generated code does it.

    private static int numberSize(int field, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeUInt64Size(field, value);
    }

    private static void writeNumber(CodedOutputStream output, int field, long value) throws IOException {
        if (value != 0) {
            output.writeUInt64(field, value);
        }
    }

    private static int bytesSize(int field, byte[] value) {
        return value.length == 0 ? 0 : CodedOutputStream.computeByteArraySize(field, value);
    }

    private static void writeBytes(CodedOutputStream output, int field, byte[] value) throws IOException {
        if (value.length > 0) {
            output.writeByteArray(field, value);
        }
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /**
     * Reads a request from the first bytes of an array, of which it keeps nothing.
     *
     * @return null if it is none of the common ones, or not written as here
     */
    static Numbered<ClientRequest> readRequest(byte[] bytes, int length) {
        try {
            return new Reader(bytes, length).request();
        } catch (MalformedFrameException | InvalidProtocolBufferException notOurs) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory that can't be read", e);
        }
    }

    /**
     * Reads a response from the first bytes of an array, of which it keeps nothing.
     *
     * @return null if it is none of the common ones, or not written as here
     */
    static Numbered<ClientResponse> readResponse(byte[] bytes, int length) {
        try {
            return new Reader(bytes, length).response();
        } catch (MalformedFrameException | InvalidProtocolBufferException notOurs) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory that can't be read", e);
        }
    }

    /** Fields come in the order of their numbers, and once: so none can overrule an earlier one. */
    private static final class Reader {
        private static final int REQUEST_ID = tag(ClientRequestFrame.CORRELATION_ID_FIELD_NUMBER, VARINT);
        private static final int PROPOSE = tag(ClientRequestFrame.PROPOSE_FIELD_NUMBER, BYTES);
        private static final int COMMAND = tag(ClientRequestFrame.Propose.COMMAND_FIELD_NUMBER, BYTES);
        private static final int READ = tag(ClientRequestFrame.READ_FIELD_NUMBER, BYTES);
        private static final int CONSISTENCY = tag(ClientRequestFrame.Read.CONSISTENCY_FIELD_NUMBER, VARINT);
        private static final int MIN_INDEX = tag(ClientRequestFrame.Read.MIN_INDEX_FIELD_NUMBER, VARINT);
        private static final int QUERY = tag(ClientRequestFrame.Read.QUERY_FIELD_NUMBER, BYTES);
        private static final int TIMEOUT_MILLIS = tag(ClientRequestFrame.Read.TIMEOUT_MILLIS_FIELD_NUMBER, VARINT);
        private static final int RESPONSE_ID = tag(ClientResponseFrame.CORRELATION_ID_FIELD_NUMBER, VARINT);
        private static final int APPLIED = tag(ClientResponseFrame.APPLIED_FIELD_NUMBER, BYTES);
        private static final int INDEX = tag(ClientResponseFrame.Applied.INDEX_FIELD_NUMBER, VARINT);
        private static final int RESULT = tag(ClientResponseFrame.Applied.RESULT_FIELD_NUMBER, BYTES);
        private static final int ANSWER = tag(ClientResponseFrame.ANSWER_FIELD_NUMBER, BYTES);
        private static final int APPLIED_INDEX = tag(ClientResponseFrame.Answer.APPLIED_INDEX_FIELD_NUMBER, VARINT);
        private static final int ANSWERED = tag(ClientResponseFrame.Answer.ANSWER_FIELD_NUMBER, BYTES);
        private static final int NONE = 0;
        private static final byte[] EMPTY = new byte[0];

        private final CodedInputStream input;
        private final int length;
        private int tag;

        Reader(byte[] bytes, int length) {
            this.input = CodedInputStream.newInstance(bytes, 0, length);
            this.length = length;
        }

        private static int tag(int field, int wireType) {
            return field << 3 | wireType;
        }

        Numbered<ClientRequest> request() throws IOException, MalformedFrameException {
            next();
            long id = number(REQUEST_ID);
            boolean isPropose = tag == PROPOSE;
            if ((!isPropose && tag != READ) || !isTheRest()) {
                return null;
            }
            next();
            ClientRequest request = isPropose ? new ClientRequest.Propose(bytes(COMMAND)) : read();
            return tag == NONE ? new Numbered<>(id, request) : null;
        }

        private ClientRequest read() throws IOException, MalformedFrameException {
            ClientRequestFrame.Read.Consistency consistency =
                    ClientRequestFrame.Read.Consistency.forNumber((int) number(CONSISTENCY));
            if (consistency == null) {
                throw new MalformedFrameException("a read of an unknown consistency");
            }
            long minIndex = number(MIN_INDEX);
            byte[] query = bytes(QUERY);
            return ClientCodec.read(consistency, minIndex, query, number(TIMEOUT_MILLIS));
        }

        Numbered<ClientResponse> response() throws IOException, MalformedFrameException {
            next();
            long id = number(RESPONSE_ID);
            boolean isApplied = tag == APPLIED;
            if ((!isApplied && tag != ANSWER) || !isTheRest()) {
                return null;
            }
            next();
            long index = ProtobufCodec.notNegative(number(isApplied ? INDEX : APPLIED_INDEX), "index");
            byte[] content = bytes(isApplied ? RESULT : ANSWERED);
            return tag == NONE
                    ? new Numbered<>(
                            id,
                            isApplied
                                    ? new ClientResponse.Applied(index, content)
                                    : new ClientResponse.Answer(index, content))
                    : null;
        }

        /** Whether the message that begins here ends where the frame does. */
        private boolean isTheRest() throws IOException {
            return input.readRawVarint32() == length - input.getTotalBytesRead();
        }

        private void next() throws IOException {
            tag = input.readTag();
        }

        private long number(int wanted) throws IOException {
            if (tag != wanted) {
                return 0;
            }
            long number = input.readUInt64();
            next();
            return number;
        }

        private byte[] bytes(int wanted) throws IOException {
            if (tag != wanted) {
                return EMPTY;
            }
            byte[] content = input.readByteArray();
            next();
            return content;
        }
    }
}
