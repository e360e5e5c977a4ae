package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} has the table that the code gives; a failure shows the lines to put there. */
class ConfigurationReferenceTest {
    private static String row(ConfigDef.ConfigKey key) {
        Object value = key.defaultValue;
        String fallback = value == ConfigDef.NO_DEFAULT_VALUE
                ? "required"
                : value instanceof List<?> list && list.isEmpty() ? "none" : "`" + value + "`";
        String type = key.type.name().toLowerCase(Locale.ROOT);
        return "| `" + key.name + "` | " + type + " | " + fallback + " | " + key.documentation + " |";
    }

    @Test
    void shouldDescribeEveryKeyAsTheCodeDoes() throws IOException {
        List<String> rows = ApplicationConfig.KEYS.configKeys().values().stream()
                .map(ConfigurationReferenceTest::row)
                .toList();
        List<String> documented = Files.readAllLines(Path.of("../docs/configuration.md")).stream()
                .filter(line -> line.startsWith("| `sequitur."))
                .toList();
        assertThat(documented).containsExactlyElementsOf(rows);
    }
}
