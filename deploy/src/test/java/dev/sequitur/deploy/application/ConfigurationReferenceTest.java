package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    @Test
    void shouldStandInThePageAsTheCommandPrintsIt() throws IOException {
        List<String> page = Files.readAllLines(Path.of("../docs/configuration.md"));
        int first = page.indexOf("| key | type | default | meaning |");
        assertThat(first).as("the table's head").isPositive();
        List<String> table = page.subList(first, page.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(table)
                .as("docs/configuration.md; replace its table by what `sequitur configuration` prints")
                .containsExactlyElementsOf(ConfigurationReference.markdown());
    }

    @Test
    void shouldNameVariableTypeAndDefault() {
        assertThat(ConfigurationReference.keys())
                .contains(
                        new ConfigurationReference.Key(
                                "sequitur.record.max-bytes",
                                "SEQUITUR_RECORD_MAX_BYTES",
                                "int",
                                false,
                                Optional.of("900000"),
                                "Most bytes that a dead letter keeps of its event."),
                        new ConfigurationReference.Key(
                                "sequitur.bundle",
                                "SEQUITUR_BUNDLE",
                                "string",
                                true,
                                Optional.empty(),
                                "Directory or zip of the model bundle."));
    }

    @Test
    void shouldHoldNothingThatBreaksTheTable() {
        assertThat(ConfigurationReference.keys())
                .allSatisfy(key ->
                        assertThat(key.meaning()).doesNotContain("|", "\n").endsWith("."));
    }
}
