package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.scoring.LateEvents;
import dev.sequitur.topology.state.OnModelChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ApplicationConfigTest {
    private static Properties file() {
        Properties properties = new Properties();
        properties.setProperty("sequitur.bundle", "/models/fleet");
        properties.setProperty("sequitur.input.topic", "events");
        properties.setProperty("bootstrap.servers", "file:9092");
        properties.setProperty("commit.interval.ms", "100");
        return properties;
    }

    @Test
    void shouldTakeTheFileAndTheDefaultsWhereNothingElseIsSaid() {
        ApplicationConfig config = ApplicationConfig.of(file(), Map.of());
        assertThat(config.bundle()).isEqualTo(Path.of("/models/fleet"));
        assertThat(config.inputTopic()).isEqualTo("events");
        assertThat(config.scoresTopic()).isEqualTo("scores");
        assertThat(config.predictionsTopic()).hasValue("predictions");
        assertThat(config.deadLettersTopic()).isEqualTo("dead-letters");
        assertThat(config.keyed()).isTrue();
        assertThat(config.onModelChange()).isEqualTo(OnModelChange.FAIL);
        assertThat(config.statePrecision()).isEqualTo(StatePrecision.FLOAT32);
        assertThat(config.device()).isEqualTo(Device.AUTO);
        assertThat(config.late()).isEqualTo(LateEvents.processed());
        assertThat(config.collecting()).isFalse();
        assertThat(config.stateTimeToLive()).isEmpty();
        assertThat(config.streams())
                .containsOnly(Map.entry("bootstrap.servers", "file:9092"), Map.entry("commit.interval.ms", "100"));
    }

    @Test
    void shouldReadHowLongAnIdleEntityLives() {
        assertThat(ApplicationConfig.of(file(), Map.of("SEQUITUR_STATE_TIME_TO_LIVE", "36h"))
                        .stateTimeToLive())
                .hasValue(Duration.ofHours(36));
        ApplicationConfig wrong = ApplicationConfig.of(file(), Map.of("SEQUITUR_STATE_TIME_TO_LIVE", "soon"));
        assertThatThrownBy(wrong::stateTimeToLive)
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("sequitur.state.time-to-live", "'soon'");
    }

    @Test
    void shouldLetTheEnvironmentOverrideTheFile() {
        ApplicationConfig config = ApplicationConfig.of(
                file(),
                Map.of(
                        "SEQUITUR_BUNDLE", "/models/other",
                        "SEQUITUR_INPUT_TOPIC", "readings",
                        "SEQUITUR_STATE_ON_MODEL_CHANGE", "reset",
                        "SEQUITUR_STATE_PRECISION", "BFloat16",
                        "SEQUITUR_BATCH_MAX_EVENTS", "64",
                        "SEQUITUR_PREDICTIONS_TOPIC", "",
                        "KAFKA_BOOTSTRAP_SERVERS", "env:9092",
                        "KAFKA_COMMIT_INTERVAL_MS", "500",
                        "KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
                        "KAFKA_HEAP_OPTS", "-Xmx1g"));
        assertThat(config.bundle()).isEqualTo(Path.of("/models/other"));
        assertThat(config.inputTopic()).isEqualTo("readings");
        assertThat(config.onModelChange()).isEqualTo(OnModelChange.RESET);
        assertThat(config.statePrecision()).isEqualTo(StatePrecision.BFLOAT16);
        assertThat(config.maxBatchEvents()).isEqualTo(64);
        assertThat(config.predictionsTopic()).isEmpty();
        assertThat(config.streams())
                .containsOnly(
                        Map.entry("bootstrap.servers", "env:9092"),
                        Map.entry("commit.interval.ms", "500"),
                        Map.entry("security.protocol", "SASL_SSL"));
    }

    @Test
    void shouldNeedNoFileValuesWhereTheEnvironmentHasThem() {
        ApplicationConfig config = ApplicationConfig.of(
                new Properties(),
                Map.of(
                        "SEQUITUR_BUNDLE", "/models/fleet",
                        "SEQUITUR_INPUT_TOPIC", "events",
                        "KAFKA_BOOTSTRAP_SERVERS", "env:9092"));
        assertThat(config.inputTopic()).isEqualTo("events");
    }

    @Test
    void shouldCheckValuesOfTheEnvironmentToo() {
        assertThatThrownBy(() -> ApplicationConfig.of(file(), Map.of("SEQUITUR_BATCH_MAX_EVENTS", "0")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sequitur.batch.max-events")
                .hasMessageContaining("at least 1");
    }

    @Test
    void shouldTakeADeviceAndSayWhichThereAre() {
        assertThat(ApplicationConfig.of(file(), Map.of("SEQUITUR_TENSORFLOW_DEVICE", "gpu:1"))
                        .device())
                .isEqualTo(Device.gpu(1));
        assertThatThrownBy(() -> ApplicationConfig.of(file(), Map.of("SEQUITUR_TENSORFLOW_DEVICE", "gpu")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sequitur.tensorflow.device")
                .hasMessageContaining("expected auto, cpu or gpu:N");
    }

    @Test
    void shouldPassStreamsPropertiesThroughUntouched() {
        Properties properties = file();
        properties.setProperty("main.consumer.max.poll.records", "77");
        properties.setProperty("someone.elses.key", " kept ");
        assertThat(ApplicationConfig.of(properties, Map.of()).streams())
                .containsEntry("main.consumer.max.poll.records", "77")
                .containsEntry("someone.elses.key", "kept");
    }

    @Test
    void shouldTakeAPolicyForLateEvents() {
        Properties properties = file();
        properties.setProperty("sequitur.late", "DROP");
        properties.setProperty("sequitur.late.topic", "too-late");
        properties.setProperty("sequitur.late.grace", "15m");
        assertThat(ApplicationConfig.of(properties, Map.of()).late())
                .isEqualTo(LateEvents.droppedTo("too-late").after(Duration.ofMinutes(15)));
        properties.setProperty("sequitur.late.reorder", "true");
        assertThat(ApplicationConfig.of(properties, Map.of()).late())
                .isEqualTo(LateEvents.droppedTo("too-late").reorderedWithin(Duration.ofMinutes(15)));
        properties.setProperty("sequitur.late", "process");
        properties.setProperty("sequitur.late.grace", "0s");
        ApplicationConfig wrong = ApplicationConfig.of(properties, Map.of());
        assertThatThrownBy(wrong::late)
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("sequitur.late.grace", "sequitur.late.reorder", "PT0S");
        properties.setProperty("sequitur.late.grace", "soon");
        assertThatThrownBy(() -> ApplicationConfig.of(properties, Map.of()).late())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("'soon'");
    }
}
