package io.balsa.bench.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class InstalledProgramTest {
    @Test
    void findsWhatIsInstalled() {
        assertThat(InstalledProgram.find("sh")).isExecutable();
        assertThat(InstalledProgram.reasonIfMissing("sh")).isEmpty();
    }

    @Test
    void saysHowToInstallWhatIsMissing() {
        assertThat(InstalledProgram.reasonIfMissing("no-such-server"))
                .contains("no-such-server is not installed; scripts/install-test-servers installs it");
        assertThatIllegalStateException()
                .isThrownBy(() -> InstalledProgram.find("no-such-server"))
                .withMessageContaining("scripts/install-test-servers");
    }

    @Test
    void whatIsPartOfTheBuildIsNeverMissing() {
        assertThat(Backend.NATIVE.reasonIfMissing()).isEmpty();
        assertThat(Backend.ZOOKEEPER.reasonIfMissing()).isEmpty();
    }
}
