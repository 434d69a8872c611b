package io.balsa.statemachine.session;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.adapter.RawInput;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.proto.Answer;
import java.util.ArrayList;
import java.util.List;

/** What a client is told: it is understood, or fails as a request that failed does, never in a way of its own. */
public final class AnswerDecoder implements Decoder {
    private static final String WHAT = "watch services";

    @Override
    public void decode(byte[] input) {
        Choices choices = new Choices(input);
        byte[] bytes = choices.flip()
                ? new MessageFiller(choices).fill(Answer.getDefaultInstance()).toByteArray()
                : choices.rest();
        try {
            Check.that(
                    Wire.result(bytes, WHAT).getError().getCode() == Wire.errorCode(bytes),
                    "a result is refused for one reason");
            understand(Wire.answer(bytes, WHAT));
        } catch (RequestException refused) {
            Check.that(refused.getMessage().startsWith(WHAT), "a failure says what failed: " + refused.getMessage());
        }
    }

    private static void understand(Answer answer) {
        switch (answer.getAnswerCase()) {
            case LOCK_STATE -> LockWire.info("a", answer.getLockState(), WHAT);
            case LOCK_LIST ->
                answer.getLockList().getLocksList().forEach(lock -> LockWire.info(lock.getName(), lock, WHAT));
            case SERVICE_LIST -> Wire.serviceList(answer.getServiceList());
            case SERVICE_EVENTS -> answer.getServiceEvents().getEventsList().forEach(Wire::serviceEvent);
            case KEY_STATE -> Wire.keyValue("a", answer.getKeyState());
            default -> Check.that(Wire.unexpected(WHAT, answer.getAnswerCase()) != null, "the others have no content");
        }
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(20, 300));
        MessageFiller.takenForEachCase(Answer.getDefaultInstance(), "answer", List.of(), List.of(), bytes -> true)
                .forEach(bytes -> seeds.add(RawInput.of(bytes)));
        return seeds;
    }
}
