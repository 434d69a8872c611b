package io.balsa.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Fills any protobuf message by its descriptor, so that a message that is added to the protocol is fuzzed without a word
 * here. Random bytes seldom get past a parser; what this makes always does, and meets the checks behind it.
 */
public final class MessageFiller {
    private static final int MAX_DEPTH = 6;
    private static final int MAX_REPEATED = 4;
    private static final int TRIES = 50_000;
    private static final int SEED_BYTES = 96;
    private static final String[] TEXTS = {"n1", "n2", "a", "b", "n3", "", "host:7101", "x".repeat(600)};

    private final Choices choices;
    private final List<byte[]> knownBytes;

    public MessageFiller(Choices choices) {
        this(choices, List.of());
    }

    /** @param knownBytes what fields of bytes may have in them besides anything: what is encoded in a way of its own */
    public MessageFiller(Choices choices, List<byte[]> knownBytes) {
        this.choices = choices;
        this.knownBytes = knownBytes;
    }

    /** Says whether bytes are taken. */
    public interface Taken {
        boolean test(byte[] message) throws Exception;
    }

    /** A message of this type as the choices will have it. */
    public <T extends Message> T fill(T prototype) {
        Message.Builder builder = prototype.newBuilderForType();
        fill(builder, null, 0);
        @SuppressWarnings("unchecked") // A builder builds what its prototype is.
        T filled = (T) builder.build();
        return filled;
    }

    /**
     * For each case of a message's oneof, some messages that the decoder takes.
     *
     * @throws AssertionError if none is found for a case: then it can't be decoded, or the filler is too dull for it
     */
    public static List<byte[]> takenForEachCase(
            Message prototype, String oneof, List<String> except, List<byte[]> knownBytes, Taken taken)
            throws Exception {
        Random random = new Random(1);
        List<byte[]> found = new ArrayList<>();
        for (FieldDescriptor field : oneof(prototype, oneof).getFields()) {
            if (!except.contains(field.getName())) {
                found.addAll(takenWith(prototype, field, random, knownBytes, taken));
            }
        }
        return found;
    }

    private static List<byte[]> takenWith(
            Message prototype, FieldDescriptor field, Random random, List<byte[]> knownBytes, Taken taken)
            throws Exception {
        List<byte[]> found = new ArrayList<>();
        byte[] decisions = new byte[SEED_BYTES];
        for (int i = 0; i < TRIES && found.size() < 3; i++) {
            random.nextBytes(decisions);
            Message.Builder builder = prototype.newBuilderForType();
            new MessageFiller(new Choices(decisions), knownBytes).fill(builder, field, 0);
            byte[] bytes = builder.build().toByteArray();
            if (taken.test(bytes)) {
                found.add(bytes);
            }
        }
        Check.that(!found.isEmpty(), "no " + field.getFullName() + " was found that is decoded");
        return found;
    }

    /** Decisions for whatever is filled from them. */
    public static List<byte[]> anyDecisions(int count, int length) {
        Random random = new Random(2);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] decisions = new byte[length];
            random.nextBytes(decisions);
            all.add(decisions);
        }
        return all;
    }

    private static OneofDescriptor oneof(Message prototype, String name) {
        return prototype.getDescriptorForType().getOneofs().stream()
                .filter(oneof -> oneof.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** @param wanted the field that its oneof has; null: any */
    private void fill(Message.Builder builder, FieldDescriptor wanted, int depth) {
        for (OneofDescriptor oneof : builder.getDescriptorForType().getOneofs()) {
            boolean isWanted = wanted != null && wanted.getContainingOneof() == oneof;
            FieldDescriptor field = isWanted ? wanted : oneof.getField(choices.below(oneof.getFieldCount()));
            set(builder, field, depth);
        }
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            if (field.getContainingOneof() != null) {
                continue;
            }
            if (field.isRepeated()) {
                for (int count = choices.below(MAX_REPEATED); count > 0 && depth < MAX_DEPTH; count--) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
            } else {
                set(builder, field, depth);
            }
        }
    }

    private void set(Message.Builder builder, FieldDescriptor field, int depth) {
        boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        boolean isLeftOut = isMessage && field.getContainingOneof() == null && !choices.flip();
        if (!isLeftOut && !(isMessage && depth >= MAX_DEPTH)) {
            builder.setField(field, value(builder, field, depth));
        }
    }

    private Object value(Message.Builder parent, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> (int) choices.number();
            case LONG -> choices.number();
            case FLOAT -> (float) choices.number();
            case DOUBLE -> (double) choices.number();
            case BOOLEAN -> choices.flip();
            case STRING -> text();
            case BYTE_STRING -> bytes();
            case ENUM ->
                choices.below(16) == 0
                        ? field.getEnumType().findValueByNumberCreatingIfUnknown((int) choices.number())
                        : field.getEnumType()
                                .getValues()
                                .get(choices.below(
                                        field.getEnumType().getValues().size()));
            case MESSAGE -> {
                Message.Builder child = parent.newBuilderForField(field);
                fill(child, null, depth + 1);
                yield child.build();
            }
        };
    }

    private String text() {
        int kind = choices.below(TEXTS.length + 1);
        return kind < TEXTS.length ? TEXTS[kind] : new String(choices.bytes(8), StandardCharsets.ISO_8859_1);
    }

    /** Mostly none, or as many as an id or a nonce has. */
    private ByteString bytes() {
        int kind = choices.below(knownBytes.isEmpty() ? 4 : 6);
        if (kind == 0) {
            return ByteString.EMPTY;
        }
        if (kind >= 4) {
            return ByteString.copyFrom(knownBytes.get(choices.below(knownBytes.size())));
        }
        byte[] bytes = kind == 1 ? choices.bytes(choices.below(64)) : new byte[16];
        if (kind > 1) {
            bytes[0] = (byte) choices.below(4);
        }
        return ByteString.copyFrom(bytes);
    }
}
