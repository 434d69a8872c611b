package io.balsa.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedCounterTest {
    @TempDir
    private Path directory;

    @Test
    void readsWhatWasWritten() throws IOException {
        Path file = directory.resolve("counter");
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab")); // Its digits are not those of ASCII.
        try {
            GuardedCounter.create(file);
            try (GuardedCounter counter = GuardedCounter.open(file)) {
                assertThat(counter.read()).isEqualTo(new GuardedCounter.Content(0, 0));
                counter.write(new GuardedCounter.Content(Long.MAX_VALUE, 7));
                counter.write(new GuardedCounter.Content(12, 34));
                assertThat(counter.read()).isEqualTo(new GuardedCounter.Content(12, 34));
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
