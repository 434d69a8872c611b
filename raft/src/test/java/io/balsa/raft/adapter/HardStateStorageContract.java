package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.HardStateStorage;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage of term and vote must do. Each adapter runs it. */
public abstract class HardStateStorageContract {
    protected HardStateStorage storage;

    protected abstract HardStateStorage create();

    protected abstract HardStateStorage reopen(HardStateStorage opened);

    @BeforeEach
    void createStorage() {
        storage = create();
    }

    @AfterEach
    void closeStorage() {
        storage.close();
        storage.close();
    }

    @Test
    void aServerThatHasNeverRunHasTheInitialState() {
        assertThat(storage.load()).isEqualTo(HardState.INITIAL);
        storage = reopen(storage);
        assertThat(storage.load()).isEqualTo(HardState.INITIAL);
    }

    @Test
    void whatWasSavedLastIsLoaded() {
        HardState voted = new HardState(7, Optional.of(NodeId.of("node-1.example_com")));
        HardState notVoted = new HardState(Long.MAX_VALUE, Optional.empty());
        for (HardState state : new HardState[] {voted, notVoted, voted}) {
            storage.save(state);
            assertThat(storage.load()).isEqualTo(state);
            storage = reopen(storage);
            assertThat(storage.load()).isEqualTo(state);
        }
    }
}
