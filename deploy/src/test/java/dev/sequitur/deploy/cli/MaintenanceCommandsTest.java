package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code reset}, {@code clean} and {@code configuration} say; what a reset does is ResetOnBrokerTest's. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class MaintenanceCommandsTest {
    @TempDir
    Path dir;

    private Path config(String servers) throws IOException {
        return Files.writeString(
                dir.resolve("sequitur.properties"),
                "sequitur.bundle=/nowhere\nsequitur.input.topic=events\napplication.id=fleet\nbootstrap.servers="
                        + servers + "\nstate.dir=" + dir + "\n");
    }

    private Path states() throws IOException {
        Path states = Files.createDirectories(dir.resolve("fleet"));
        Files.write(Files.createDirectories(states.resolve("0_3/rocksdb")).resolve("1.sst"), new byte[2048]);
        return states;
    }

    @Test
    void shouldCleanOnlyWhenToldTo() throws IOException {
        Path states = states();
        Path config = config("127.0.0.1:1");
        CommandRun dry = CommandRun.of("clean", "--config", config);
        assertThat(dry.succeeded()).contains("application fleet", "delete " + states + " (1 tasks, 2,048 bytes)");
        assertThat(dry.err()).contains("nothing is done yet", "--execute");
        assertThat(states).exists();
        List<JsonNode> json = CommandRun.of("clean", "--config", config, "--execute", "--json")
                .json();
        assertThat(json).hasSize(1);
        assertThat(json.get(0).get("action").textValue()).isEqualTo("delete-states");
        assertThat(json.get(0).get("bytes").longValue()).isEqualTo(2048);
        assertThat(states).doesNotExist();
        assertThat(CommandRun.of("clean", "--config", config).succeeded()).contains("no states in " + states);
    }

    @Test
    void shouldPlanAResetWithoutDoingIt() throws IOException {
        Path states = states();
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Path config = config(broker.bootstrapServers());
            CommandRun none = CommandRun.of("reset", "--config", config);
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err()).contains("has no topic events", "sequitur.input.topic");

            broker.createTopic("events", 2);
            broker.createTopic("fleet-entity-state-changelog", 2);
            CommandRun dry = CommandRun.of("reset", "--config", config);
            assertThat(dry.succeeded().lines())
                    .containsExactly(
                            "application fleet",
                            "  read events, partition 0, from 0 (nothing is committed)",
                            "  read events, partition 1, from 0 (nothing is committed)",
                            "  delete topic fleet-entity-state-changelog (at most 0 records)",
                            "  delete " + states + " (1 tasks, 2,048 bytes) on this machine");
            assertThat(dry.err()).contains("nothing is done yet", "--execute", "lost");
            assertThat(CommandRun.of("reset", "--config", config, "--json").json())
                    .extracting(json -> json.get("action").textValue())
                    .containsExactly("read-from", "read-from", "delete-topic", "delete-states");
            assertThat(states).exists();
        }
    }

    @Test
    void shouldSayWhereAResetCanGo() throws IOException {
        CommandRun run = CommandRun.of("reset", "--config", config("127.0.0.1:1"), "--to", "yesterday");
        assertThat(run.code()).as("wrong usage").isEqualTo(2);
        assertThat(run.err()).contains("--to", "earliest, latest, or a time such as", "'yesterday'");
    }

    @Test
    void shouldPrintEveryKeyOfTheConfiguration() {
        assertThat(CommandRun.of("configuration").succeeded().lines())
                .startsWith("| key | type | default | meaning |", "|---|---|---|---|")
                .anyMatch(line -> line.startsWith("| `sequitur.http.listen` | string | `127.0.0.1:8080` | "));
        assertThat(CommandRun.of("configuration", "--json").json())
                .anySatisfy(key -> {
                    assertThat(key.get("key").textValue()).isEqualTo("sequitur.record.max-bytes");
                    assertThat(key.get("variable").textValue()).isEqualTo("SEQUITUR_RECORD_MAX_BYTES");
                    assertThat(key.get("default").textValue()).isEqualTo("900000");
                })
                .anySatisfy(key -> {
                    assertThat(key.get("key").textValue()).isEqualTo("sequitur.bundle");
                    assertThat(key.get("required").booleanValue()).isTrue();
                    assertThat(key.get("default").isNull()).isTrue();
                });
    }
}
