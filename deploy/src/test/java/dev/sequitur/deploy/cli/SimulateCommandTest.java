package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.registry.TestRegistry;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo's fleet, for an application that doesn't know that it is one. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SimulateCommandTest {
    private static final String[] FLEET = {"--vehicles", "4", "--history", "1h"};

    @TempDir
    Path dir;

    private static CommandRun simulate(String... options) {
        List<Object> arguments = new ArrayList<>(List.of("simulate"));
        arguments.addAll(List.of(FLEET));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void shouldTrainOnceAndCountOnlyTheEventsOfItsOwnStreamsInTheApplicationsFormats() throws Exception {
        Path bundle = dir.resolve("models/fleet");
        simulate("--bundle", bundle.toString()).succeeded();
        Path manifest = bundle.resolve("manifest.json");
        FileTime trained = Files.getLastModifiedTime(manifest);
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                TestRegistry registry = TestRegistry.start()) {
            List.of("fleet", "scores", "predictions", "dead-letters").forEach(t -> broker.createTopic(t, 2));
            Properties config = new Properties();
            config.setProperty("sequitur.bundle", bundle.toString());
            config.setProperty("sequitur.input.topic", "fleet");
            config.setProperty("bootstrap.servers", broker.bootstrapServers());
            config.setProperty("state.dir", dir.resolve("state").toString());
            config.setProperty("sequitur.registry.url", registry.url());
            config.setProperty("sequitur.input.format", "confluent");
            config.setProperty("sequitur.output.format", "confluent");
            Path file = dir.resolve("sequitur.properties");
            try (Writer writer = Files.newBufferedWriter(file)) {
                config.store(writer, null);
            }
            try (ScoringApplication application = ScoringApplication.start(ApplicationConfig.of(config, Map.of()))) {
                assertThat(application.awaitRunning(Duration.ofSeconds(60))).isTrue();
                for (int run = 0; run < 2; run++) {
                    // In the second the topics hold what the first left.
                    CommandRun streamed = simulate(
                            "--bundle",
                            bundle.toString(),
                            "--bootstrap-servers",
                            broker.bootstrapServers(),
                            "--config",
                            file.toString(),
                            "--for",
                            "2s",
                            "--json");
                    List<JsonNode> lines = streamed.json();
                    JsonNode sum = lines.get(lines.size() - 1);
                    assertThat(sum.get("scored").asLong()).isPositive().isEqualTo(lines.size() - 1);
                    assertThat(sum.get("lost").asLong()).isZero();
                    assertThat(sum.get("duplicated").asLong()).isZero();
                    assertThat(streamed.err()).contains("there is a bundle at " + bundle);
                }
            }
            assertThat(new Schema.Parser()
                            .parse(registry.schema(
                                    registry.versions("fleet-value").get(0))))
                    .isEqualTo(new EventSchema(spec(bundle)).schema());
        }
        assertThat(Files.getLastModifiedTime(manifest)).isEqualTo(trained);
    }

    private static PipelineSpec spec(Path bundle) {
        try (ModelBundle loaded = ModelBundle.load(bundle)) {
            return loaded.spec();
        }
    }

    @Test
    void shouldSayWhatToGiveWhereThereIsNothingToDo() {
        CommandRun run = CommandRun.of("simulate");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("give --bundle DIRECTORY to train a model, --bootstrap-servers HOST:PORT to stream");
    }

    @Test
    void shouldRefuseAFileOfClientPropertiesThatIsNotThere() {
        CommandRun run = simulate(
                "--bootstrap-servers",
                "127.0.0.1:1",
                "--client-config",
                dir.resolve("none.properties").toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("--client-config")
                .contains("none.properties")
                .contains("can't be read");
    }
}
