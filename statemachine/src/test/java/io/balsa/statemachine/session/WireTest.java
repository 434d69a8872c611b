package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.balsa.statemachine.FormatVersions;
import io.balsa.statemachine.proto.Command;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WireTest {
    /** Clients know nothing of the state machine, so each says for itself which format an operation needs. */
    @Test
    @Tag("case-93")
    void everyCommandIsOfTheOldestFormatThatHasIt() {
        FieldDescriptor version = Command.getDescriptor().findFieldByNumber(Command.VERSION_FIELD_NUMBER);
        for (FieldDescriptor operation :
                Command.getDescriptor().getOneofs().get(0).getFields()) {
            Command.Builder command = Command.newBuilder();
            command.setField(operation, command.newBuilderForField(operation).build());
            assertThat(Wire.versionOf(command.getOperationCase()))
                    .as("%s of %s", version.getName(), operation.getName())
                    .isEqualTo(FormatVersions.neededBy(command));
        }
    }
}
