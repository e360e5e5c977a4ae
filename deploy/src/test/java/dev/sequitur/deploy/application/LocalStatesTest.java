package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStatesTest {
    @TempDir
    Path dir;

    private Properties properties(Path base) {
        Properties properties = new Properties();
        properties.setProperty("application.id", "fleet");
        properties.setProperty("bootstrap.servers", "127.0.0.1:1");
        properties.setProperty("state.dir", base.toString());
        return properties;
    }

    private LocalStates states(Path base) {
        return new LocalStates(new StreamsConfig(properties(base)));
    }

    @Test
    void shouldMakeADirectoryThatCanBeWritten() {
        LocalStates states = states(dir.resolve("a/b"));
        assertThat(states.exist()).isFalse();
        states.requireUnused();
        states.delete();
        states.requireWritable();
        assertThat(dir.resolve("a/b/fleet")).isEmptyDirectory();
    }

    @Test
    void shouldSayWhoCanNotWriteWhereAndWhy() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        assertThatThrownBy(() -> states(file).requireWritable())
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        file.resolve("fleet").toString(), "by user " + System.getProperty("user.name"), "state.dir");
        // Nobody makes directories there, not even root.
        assertThatThrownBy(() -> states(Path.of("/proc/sequitur")).requireWritable())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("/proc/sequitur/fleet can't be written");
    }

    @Test
    void shouldKnowWhatIsThereAndDeleteIt() throws IOException {
        Files.createDirectories(dir.resolve("fleet/0_1/rocksdb"));
        Files.createDirectories(dir.resolve("fleet/1_12"));
        Files.write(dir.resolve("fleet/0_1/rocksdb/000001.sst"), new byte[1000]);
        Files.write(dir.resolve("fleet/kafka-streams-process-metadata"), new byte[24]);
        Path other = Files.createDirectories(dir.resolve("fleet-2/0_1"));
        LocalStates states = states(dir);
        assertThat(states.tasks()).containsExactly("0_1", "1_12");
        assertThat(states.bytes()).isEqualTo(1024);
        states.delete();
        assertThat(dir.resolve("fleet")).doesNotExist();
        assertThat(other).exists();
        assertThat(states.tasks()).isEmpty();
        assertThat(states.bytes()).isZero();
    }

    @Test
    void shouldKeepAwayFromStatesThatKafkaStreamsHolds() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table("in", Consumed.with(Serdes.String(), Serdes.String()), Materialized.as("store"));
        LocalStates states = states(dir);
        // It locks them when it is made, and needs no broker for that.
        try (KafkaStreams streams = new KafkaStreams(builder.build(), properties(dir))) {
            assertThat(streams.state()).isEqualTo(KafkaStreams.State.CREATED);
            assertThatThrownBy(states::requireUnused)
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll(dir.resolve("fleet").toString(), "in use", "state.dir of its own");
            assertThatThrownBy(states::delete).isInstanceOf(UserException.class);
            assertThat(dir.resolve("fleet/kafka-streams-process-metadata")).exists();
        }
        states.requireUnused();
    }
}
