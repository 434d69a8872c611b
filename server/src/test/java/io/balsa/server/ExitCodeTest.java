package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Repository;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
    @Test
    void theReferenceSaysTheSame() {
        assertThat(Repository.lines("docs/exit-codes.md"))
                .filteredOn(line -> line.matches("\\| \\d.*"))
                .containsExactlyElementsOf(Arrays.stream(ExitCode.values())
                        .map(code -> "| %d | %s |".formatted(code.code(), code.meaning()))
                        .toList());
    }

    @Test
    void everyCodeMeansOneThing() {
        assertThat(ExitCode.values())
                .extracting(ExitCode::code)
                .doesNotHaveDuplicates()
                .isSorted();
    }
}
