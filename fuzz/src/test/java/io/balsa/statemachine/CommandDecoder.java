package io.balsa.statemachine;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.adapter.RawInput;
import io.balsa.raft.core.EntryType;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Commands that were committed: each gives a typed result, and the state that they lead to survives a snapshot. Only one of
 * a newer format halts the server, and such a one is refused before it can be proposed.
 */
public final class CommandDecoder implements Decoder {
    private static final int MAX_COMMANDS = 40;

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        Machines machines = Machines.withSessions();
        if (!choices.flip()) {
            execute(machines, 0, choices.rest());
        } else {
            for (int i = 1; i <= MAX_COMMANDS && !choices.isSpent(); i++) {
                long afterMillis = choices.below(8) * 100L;
                if (choices.below(16) == 0) {
                    machines.apply(EntryType.CLOCK, choices.below(8) * 2000L, new byte[0]);
                }
                execute(machines, afterMillis, command(choices, i).toByteArray());
            }
        }
        Machines.checkSurvives(Machines.snapshotOf(machines.machine()));
    }

    /** Mostly one that gets past the session's checks. */
    private static Command command(Choices choices, int number) {
        Command command = new MessageFiller(choices).fill(Command.getDefaultInstance());
        if (choices.below(8) == 0) {
            return command;
        }
        Command.Builder plausible = command.toBuilder().setVersion(FormatVersions.COMMAND);
        return command.hasOpenSession()
                ? plausible.setSession(0).setSequence(0).build()
                : plausible
                        .setSession(1 + choices.below(3))
                        .setSequence(number - choices.below(2))
                        .setAcknowledged(choices.below(number))
                        .build();
    }

    private static void execute(Machines machines, long afterMillis, byte[] command) throws IOException {
        Optional<String> refusal = FormatVersions.refusalOf(command);
        byte[] result;
        try {
            result = machines.apply(EntryType.COMMAND, afterMillis, command);
        } catch (NewerFormatException newer) {
            Check.that(refusal.isPresent(), "a command that halts the server would have been proposed");
            return;
        }
        try {
            Check.that(Result.parseFrom(result).getOutcomeCase() != Result.OutcomeCase.OUTCOME_NOT_SET, "no result");
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a result that is none", e);
        }
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(40, 600));
        MessageFiller.takenForEachCase(Command.getDefaultInstance(), "operation", List.of(), List.of(), bytes -> true)
                .forEach(bytes -> seeds.add(RawInput.of(bytes)));
        return seeds;
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
