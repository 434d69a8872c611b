package io.balsa.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Repository;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    @Test
    void theReferenceListsEveryKeyAsTheSchemaHasIt() {
        assertThat(Repository.lines("docs/configuration.md"))
                .filteredOn(line -> line.startsWith("| `"))
                .containsExactlyElementsOf(Arrays.stream(ConfigKey.values())
                        .map(ConfigurationReferenceTest::row)
                        .toList());
    }

    private static String row(ConfigKey key) {
        String byDefault = key.required() ? "**required**" : key.defaultText();
        return "| `%s` | %s | %s | %s |".formatted(key.path(), key.type().description(), byDefault, key.meaning());
    }
}
