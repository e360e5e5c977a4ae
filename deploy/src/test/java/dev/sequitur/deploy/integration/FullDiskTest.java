package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;

/** A disk that is full, a real one though small: what the application says, and that no event is lost or scored twice. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FullDiskTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(dir.resolve("disk"));
        assumeTrue(
                command("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()) == 0,
                "a small disk can't be mounted here: that takes root with CAP_SYS_ADMIN on Linux");
    }

    @AfterEach
    void unmount() throws Exception {
        command("umount", "-l", disk.toString());
    }

    private static int command(String... words) throws InterruptedException {
        try {
            return new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            // There is no such command.
            return -1;
        }
    }

    /** Until not a byte is free. */
    private Path fill() throws IOException {
        Path ballast = disk.resolve("ballast");
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
            return ballast;
        }
    }

    /** Of RocksDB: full after few events, so that it writes to the disk soon. */
    public static final class SmallBuffers implements RocksDBConfigSetter {
        private static final int LEAST_BYTES = 64 * 1024;

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.setWriteBufferSize(LEAST_BYTES);
        }

        @Override
        public void close(String storeName, Options options) {
            // It made nothing.
        }
    }

    @Test
    void shouldStopWithTheReasonAndGoOnOnceThereIsSpace() throws Exception {
        Path bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 64}", bundle);
        OutputTopics outputs = OutputTopics.of("fleet");
        Map<String, String> config = Map.of(
                "rocksdb.config.setter", SmallBuffers.class.getName(),
                // Each event writes its state.
                "sequitur.state.caching", "false",
                "sequitur.batch.max-events", "1",
                // An instance that fails doesn't leave its group.
                "consumer.session.timeout.ms", "3000",
                "consumer.heartbeat.interval.ms", "700");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            List<Sent> sent;
            Path ballast;
            try (LocalApplication application = LocalApplication.start(broker, bundle, disk, "fleet", config)) {
                List<Input> traffic = Traffic.of(application.bundle().spec(), 40, 30, 3);
                traffic.subList(0, 50).forEach(application.input()::send);
                application.awaitOutcomes();
                ballast = fill();
                traffic.subList(50, traffic.size()).forEach(application.input()::send);
                sent = application.input().sent();
                assertThatThrownBy(application::awaitOutcomes)
                        .hasMessageContaining("stopped by itself")
                        .cause()
                        .hasMessageContainingAll(
                                "the disk of the state directory " + disk.resolve("fleet") + " is full",
                                "Make space there");
            }
            Files.delete(ballast);
            try (LocalApplication application = LocalApplication.start(broker, bundle, disk, "fleet", config);
                    CommittedReader reader = new CommittedReader(broker.bootstrapServers(), outputs, outputs.all())) {
                reader.await(
                        PATIENCE, committed -> committed.outcomes() >= sent.size(), () -> sent.size() + " outcomes");
                assertThat(ExactlyOnceCheck.problems(
                                application.bundle().fingerprint(),
                                SequentialReference.of(application.bundle(), bundle, sent),
                                reader.toEnd(PATIENCE)))
                        .isEmpty();
            }
        }
    }
}
