package io.balsa.statemachine;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.adapter.RawInput;
import io.balsa.raft.core.EntryType;
import io.balsa.statemachine.proto.SnapshotEnd;
import io.balsa.statemachine.proto.SnapshotHead;
import io.balsa.statemachine.proto.SnapshotRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Snapshots: one that is taken can be cut again, and is then the same for ever; one that is refused leaves the state as it
 * was. Also those whose checksum is right and whose content makes no sense.
 */
public final class SnapshotDecoder implements Decoder {
    private static final int MAX_RECORDS = 30;

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        byte[] snapshot = choices.flip() ? filled(choices) : choices.rest();
        Machines machines = Machines.withSessions();
        byte[] before = Machines.snapshotOf(machines.machine());
        try {
            machines.machine().restore(new ByteArrayInputStream(snapshot));
        } catch (IOException refused) {
            Check.same(before, Machines.snapshotOf(machines.machine()), "the state before");
            return;
        }
        Machines.checkSurvives(Machines.snapshotOf(machines.machine()));
    }

    private static byte[] filled(Choices choices) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotCodec.Writer writer = new SnapshotCodec.Writer(bytes, 1 + choices.below(FormatVersions.SNAPSHOT));
        if (choices.below(8) != 0) {
            writer.write(SnapshotRecord.newBuilder()
                    .setHead(SnapshotHead.newBuilder().setIndex(9).setClockMillis(1000))
                    .build());
        }
        for (int i = 0; i < MAX_RECORDS && !choices.isSpent(); i++) {
            writer.write(new MessageFiller(choices).fill(SnapshotRecord.getDefaultInstance()));
        }
        if (choices.below(8) == 0) {
            writer.write(SnapshotRecord.newBuilder()
                    .setEnd(SnapshotEnd.newBuilder().setRecords(1))
                    .build());
        }
        writer.finish();
        return bytes.toByteArray();
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(40, 400));
        Machines machines = Machines.withSessions();
        machines.apply(EntryType.CLOCK, 100, new byte[0]);
        seeds.add(RawInput.of(Machines.snapshotOf(machines.machine())));
        seeds.add(RawInput.of(Machines.snapshotOf(Machines.empty().machine())));
        return seeds;
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
