package io.balsa.statemachine.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.adapter.MissingRuntimeFlagsException;
import io.balsa.raft.adapter.RuntimeFlags;
import io.balsa.raft.adapter.TransportLimits;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeAssemblyTest {
    @Test
    void theRpcTimeoutBoundsBothHalvesOfMakingAConnection() {
        TransportLimits limits = NodeAssembly.transportLimits(Duration.ofMillis(700));

        assertThat(limits.connectTimeoutMillis()).isEqualTo(700);
        assertThat(limits.handshakeTimeoutMillis()).isEqualTo(700);
        assertThat(limits.withConnectTimeoutMillis(TransportLimits.DEFAULT.connectTimeoutMillis())
                        .withHandshakeTimeoutMillis(TransportLimits.DEFAULT.handshakeTimeoutMillis()))
                .isEqualTo(TransportLimits.DEFAULT);
    }

    @Test
    void aNodeWhoseOptionsAreWrongLeavesNothingBehind(@TempDir Path directory) {
        Path data = directory.resolve("leaky");
        CoordinationNode.Builder wrong = CoordinationNode.builder("leaky")
                .member("leaky", "127.0.0.1:1")
                .dataDirectory(data)
                .heartbeatInterval(Duration.ofMillis(500))
                .electionTimeout(Duration.ofMillis(100));

        assertThatThrownBy(wrong::start).isInstanceOf(IllegalArgumentException.class);
        assertThat(data).doesNotExist();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("leaky"));
    }

    /** These tests run without flags, as all of this module do. */
    @Test
    void onlyAChronicleLogNeedsFlags(@TempDir Path directory) {
        CoordinationNode.Builder node = CoordinationNode.builder("flags")
                .member("flags", "127.0.0.1:1")
                .dataDirectory(directory.resolve("data"))
                .logStorage(LogStorageKind.CHRONICLE);

        assertThatThrownBy(node::start)
                .isInstanceOf(MissingRuntimeFlagsException.class)
                .hasMessageContaining("segment")
                .hasMessageContaining(RuntimeFlags.needed().get(0));
        assertThat(directory.resolve("data")).doesNotExist();
    }
}
