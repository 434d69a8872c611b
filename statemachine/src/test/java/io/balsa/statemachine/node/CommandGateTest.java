package io.balsa.statemachine.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.statemachine.FormatVersions;
import io.balsa.statemachine.proto.Command;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CommandGateTest {
    private static final ClientResponse PASSED = new ClientResponse.Busy();

    private final CommandGate gate = new CommandGate(request -> CompletableFuture.completedFuture(PASSED));

    @Test
    void passesCommandsOfItsFormat() {
        assertThat(propose(FormatVersions.COMMAND)).isEqualTo(PASSED);
    }

    @Test
    @Tag("case-93")
    void refusesCommandsOfANewerFormat() {
        assertThat(propose(FormatVersions.COMMAND + 1)).isInstanceOf(ClientResponse.Invalid.class);
    }

    @Test
    @Tag("case-86")
    void refusesWhatIsNoCommand() {
        byte[] nonsense = {(byte) 0xff, (byte) 0xff, (byte) 0xff};
        assertThat(gate.submit(new ClientRequest.Propose(nonsense)).join()).isInstanceOf(ClientResponse.Invalid.class);
    }

    private ClientResponse propose(int version) {
        byte[] command = Command.newBuilder().setVersion(version).build().toByteArray();
        return gate.submit(new ClientRequest.Propose(command)).join();
    }
}
