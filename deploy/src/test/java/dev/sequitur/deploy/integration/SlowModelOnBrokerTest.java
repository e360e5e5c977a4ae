package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.topology.SequiturTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that is slower than the events come: batches shrink, so that the consumer polls in time. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SlowModelOnBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PARTITIONS = 2;
    private static final long NANOS_PER_EVENT = TimeUnit.MILLISECONDS.toNanos(20);
    /** Less than a partition's events take together. */
    private static final int MAX_POLL_INTERVAL_MS = 5000;

    @TempDir
    Path dir;

    @Test
    void shouldKeepItsPartitionsAndScoreEachEventOnceHoweverManyWait() throws Exception {
        Path bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", bundle);
        OutputTopics outputs = OutputTopics.of("slow");
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                ModelBundle fast = ModelBundle.load(bundle)) {
            broker.createTopic("slow-events", PARTITIONS);
            outputs.results().forEach(topic -> broker.createTopic(topic, PARTITIONS));
            List<Input> traffic = Traffic.of(fast.spec(), 40, 14, 5);
            assertThat(traffic.size() * NANOS_PER_EVENT / 1_000_000)
                    .isGreaterThan((long) PARTITIONS * MAX_POLL_INTERVAL_MS);
            List<KafkaStreams.State> states = new ArrayList<>();
            try (InputTopic input = new InputTopic(broker.bootstrapServers(), "slow-events");
                    CommittedReader reader =
                            new CommittedReader(broker.bootstrapServers(), outputs, outputs.results());
                    KafkaStreams streams = streams(slow(fast.model()), outputs, broker)) {
                streams.setStateListener((now, before) -> states.add(now));
                streams.start();
                // What an event takes is known from the first ones.
                traffic.subList(0, 20).forEach(input::send);
                await(reader, input);
                traffic.subList(20, traffic.size()).forEach(input::send);
                await(reader, input);
                Expected expected = SequentialReference.of(fast, bundle, input.sent());
                try (CommittedReader all = new CommittedReader(broker.bootstrapServers(), outputs, outputs.all())) {
                    assertThat(ExactlyOnceCheck.problems(fast.fingerprint(), expected, all.toEnd(PATIENCE)))
                            .isEmpty();
                }
                assertThat(states).containsExactly(KafkaStreams.State.REBALANCING, KafkaStreams.State.RUNNING);
            }
        }
    }

    private static void await(CommittedReader reader, InputTopic input) {
        input.flush();
        reader.await(
                PATIENCE,
                committed -> committed.outcomes() >= input.size(),
                () -> "the outcomes of " + input.size() + " events");
    }

    private KafkaStreams streams(SequenceModel model, OutputTopics outputs, EmbeddedBroker broker) {
        SequiturTopology sequitur = SequiturTopology.of(model)
                .input("slow-events")
                .scores(outputs.scores())
                .predictions(outputs.predictions())
                .deadLetters(outputs.deadLetters())
                .build();
        StreamsBuilder builder = new StreamsBuilder();
        sequitur.addTo(builder);
        Properties config = new Properties();
        config.setProperty("application.id", "slow");
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        config.setProperty("state.dir", dir.resolve("state").toString());
        config.setProperty("consumer.auto.offset.reset", "earliest");
        config.setProperty("main.consumer.max.poll.interval.ms", Integer.toString(MAX_POLL_INTERVAL_MS));
        return new KafkaStreams(builder.build(), sequitur.configure(config));
    }

    /** The same model on a device that takes its time for each event. */
    private static SequenceModel slow(SequenceModel model) {
        StepFunction fast = model.step();
        return new SequenceModel(
                model.fingerprint(),
                model.spec(),
                model.encoder(),
                new StepFunction() {
                    @Override
                    public StepShape shape() {
                        return fast.shape();
                    }

                    @Override
                    public List<Integer> blocks() {
                        return fast.blocks();
                    }

                    @Override
                    public void step(StepBatch batch) {
                        long events =
                                Arrays.stream(batch.lengths, 0, batch.rows()).sum();
                        long until = System.nanoTime() + events * NANOS_PER_EVENT;
                        fast.step(batch);
                        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                            LockSupport.parkNanos(left);
                        }
                    }

                    @Override
                    public void close() {}
                },
                model.explainer(),
                model.alarms());
    }
}
