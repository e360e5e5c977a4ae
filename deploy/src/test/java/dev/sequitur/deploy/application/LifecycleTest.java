package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.http.Health;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class LifecycleTest {
    @TempDir
    Path dir;

    /** Its broker is nowhere, so that it stays where it is. */
    private KafkaStreams streams() {
        Properties properties = new Properties();
        properties.setProperty("application.id", "fleet");
        properties.setProperty("bootstrap.servers", "127.0.0.1:1");
        properties.setProperty("state.dir", dir.toString());
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("in", Consumed.with(Serdes.String(), Serdes.String())).foreach((key, value) -> {});
        return new KafkaStreams(builder.build(), properties);
    }

    @Test
    void shouldSayFromTheFirstStepToTheEndWhyItIsNotReady() {
        Lifecycle lifecycle = new Lifecycle();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        assertThat(lifecycle.ready()).isEqualTo(Health.notOk("starting"));
        lifecycle.starting("loading the bundle");
        assertThat(lifecycle.ready()).isEqualTo(Health.notOk("starting: loading the bundle"));
        assertThat(lifecycle.live()).isEqualTo(Health.OK);
        assertThat(lifecycle.metrics()).isEmpty();
        try (KafkaStreams streams = streams()) {
            lifecycle.started(streams, () -> Optional.ofNullable(failure.get()));
            assertThat(lifecycle.ready()).isEqualTo(Health.notOk("starting: Kafka Streams"));
            assertThat(lifecycle.metrics()).isNotEmpty();
            streams.start();
            assertThat(streams.state()).isEqualTo(KafkaStreams.State.REBALANCING);
            assertThat(lifecycle.ready().reasons())
                    .containsExactly("rebalancing: partitions are being assigned to the instances of the group");
            lifecycle.restoration().onRestoreStart(new TopicPartition("changelog", 0), "store", 0, 5);
            assertThat(lifecycle.ready().reasons())
                    .containsExactly("restoring 1 of 1 changelog partitions: 5 records to go");
            assertThat(lifecycle.live()).isEqualTo(Health.OK);
            lifecycle.stopping();
            assertThat(lifecycle.ready()).isEqualTo(Health.notOk("stopping"));
            assertThat(lifecycle.live()).isEqualTo(Health.OK);
            streams.close(Duration.ofSeconds(30));
            assertThat(lifecycle.live()).isEqualTo(Health.notOk("stopped"));
            failure.set(new IllegalStateException("the disk is full"));
            assertThat(lifecycle.live()).isEqualTo(Health.notOk("stopped: the disk is full"));
            assertThat(lifecycle.ready()).isEqualTo(lifecycle.live());
        }
    }
}
