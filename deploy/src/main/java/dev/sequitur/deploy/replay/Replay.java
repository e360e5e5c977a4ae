package dev.sequitur.deploy.replay;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Runs a timeline through a real broker and the real topology, exactly once, and hands the results back in the order of
 * the timeline. What an offline evaluation says must come out here too.
 *
 * <p>Threading: belongs to one thread; Kafka Streams runs on its own.
 */
public final class Replay {
    static final String EVENTS = "events";
    static final String SCORES = "scores";
    static final String PREDICTIONS = "predictions";
    static final String DEAD_LETTERS = "dead-letters";

    /** Steps sent ahead of the results: bounds what has to be remembered. */
    private static final int AHEAD = 20_000;

    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);

    private final Path bundle;
    private final int partitions;

    /** @param partitions of the input topic */
    public Replay(Path bundle, int partitions) {
        this.bundle = bundle;
        this.partitions = partitions;
    }

    /** Hears each result, in the order of the timeline. */
    @FunctionalInterface
    public interface Visitor {
        void result(int step, StepResult result);
    }

    /** @throws UserException when the application stops, or results fail to come */
    public void run(Timeline timeline, Visitor visitor) {
        Path state = temporaryDirectory();
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            for (String topic : List.of(EVENTS, SCORES, PREDICTIONS, DEAD_LETTERS)) {
                broker.createTopic(topic, partitions);
            }
            try (ScoringApplication application = ScoringApplication.start(config(broker, state))) {
                if (!application.awaitRunning(START_PATIENCE)) {
                    throw stopped(application);
                }
                run(broker, application, timeline, visitor);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("Interrupted during the replay", e);
        } finally {
            delete(state);
        }
    }

    private ApplicationConfig config(EmbeddedBroker broker, Path state) {
        Properties properties = new Properties();
        properties.setProperty("sequitur.bundle", bundle.toString());
        properties.setProperty("sequitur.input.topic", EVENTS);
        properties.setProperty("sequitur.scores.topic", SCORES);
        properties.setProperty("sequitur.predictions.topic", PREDICTIONS);
        properties.setProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, DEAD_LETTERS);
        properties.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, "replay");
        properties.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        properties.setProperty(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.setProperty(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return ApplicationConfig.of(properties, Map.of());
    }

    private void run(EmbeddedBroker broker, ScoringApplication application, Timeline timeline, Visitor visitor)
            throws InterruptedException {
        Results results = new Results(timeline, partitions, visitor);
        AtomicReference<Exception> sendFailure = new AtomicReference<>();
        try (Producer<byte[], byte[]> producer = producer(broker);
                Consumer<byte[], byte[]> consumer = consumer(broker)) {
            Sender sender = new Sender(application, timeline, producer, sendFailure);
            long heardNanos = System.nanoTime();
            while (results.delivered() < timeline.steps().size()) {
                while (sender.sent < timeline.steps().size() && sender.sent - results.delivered() < AHEAD) {
                    int partition = sender.send();
                    results.expect(partition);
                }
                int before = results.delivered();
                for (ConsumerRecord<byte[], byte[]> outcome : consumer.poll(POLL)) {
                    results.add(outcome);
                }
                if (results.delivered() > before) {
                    heardNanos = System.nanoTime();
                }
                if (sendFailure.get() != null) {
                    throw new UserException(
                            "The embedded broker refused an event: "
                                    + sendFailure.get().getMessage(),
                            sendFailure.get());
                }
                if (application.awaitStopped(Duration.ZERO)) {
                    throw stopped(application);
                }
                if (System.nanoTime() - heardNanos > SILENCE.toNanos()) {
                    throw new UserException("No result came for " + SILENCE.toSeconds() + " s, after "
                            + results.delivered() + " of "
                            + timeline.steps().size() + " steps");
                }
            }
        }
    }

    /** Sends the steps of the timeline, one after the other. */
    private final class Sender {
        private final Timeline timeline;
        private final Producer<byte[], byte[]> producer;
        private final AtomicReference<Exception> failure;
        private final EventSchema schema;
        private int sent;

        Sender(
                ScoringApplication application,
                Timeline timeline,
                Producer<byte[], byte[]> producer,
                AtomicReference<Exception> failure) {
            this.timeline = timeline;
            this.producer = producer;
            this.failure = failure;
            this.schema = new EventSchema(application.bundle().spec());
        }

        int send() {
            Timeline.Step step = timeline.steps().get(sent++);
            // Partitions by our own rule: an event's offset then follows from the order of sending.
            int partition = Math.floorMod(step.entity().hashCode(), partitions);
            long timeMs = step.end() ? step.clock().lastEventMs() : step.event().timeMs();
            producer.send(
                    new ProducerRecord<>(
                            EVENTS,
                            partition,
                            Math.max(0, timeMs),
                            step.entity().getBytes(StandardCharsets.UTF_8),
                            step.end() ? null : schema.encode(step.event())),
                    (metadata, e) -> {
                        if (e != null) {
                            failure.compareAndSet(null, e);
                        }
                    });
            return partition;
        }
    }

    private static UserException stopped(ScoringApplication application) {
        Throwable cause = application.failure().orElse(null);
        return new UserException(
                "The scoring application stopped" + (cause == null ? "" : ": " + cause.getMessage()), cause);
    }

    private static Producer<byte[], byte[]> producer(EmbeddedBroker broker) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        256 * 1024),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private Consumer<byte[], byte[]> consumer(EmbeddedBroker broker) {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> assigned = List.of(SCORES, PREDICTIONS, DEAD_LETTERS).stream()
                .flatMap(topic -> java.util.stream.IntStream.range(0, partitions)
                        .mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
        consumer.assign(assigned);
        consumer.seekToBeginning(assigned);
        return consumer;
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("sequitur-replay-");
        } catch (IOException e) {
            throw new UserException("No temporary directory can be made: " + e.getMessage(), e);
        }
    }

    private static void delete(Path directory) {
        try {
            Utils.delete(directory.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("The temporary directory " + directory + " can't be deleted", e);
        }
    }

    static final SingleObjectSerde<Score> SCORE = new SingleObjectSerde<>(Score.class);
    static final SingleObjectSerde<Prediction> PREDICTION = new SingleObjectSerde<>(Prediction.class);
}
