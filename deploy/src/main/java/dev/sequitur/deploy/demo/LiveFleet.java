package dev.sequitur.deploy.demo;

import dev.sequitur.deploy.application.Formats;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Sends a fleet's readings, with faults, to a topic, and shows what an application that scores this topic makes of them:
 * its alarms beside the faults that were really injected. What the topics had before doesn't count.
 *
 * <p>Threading: belongs to one thread; the feed runs on its own.
 */
final class LiveFleet {
    private static final Duration FAULT_GAP = Duration.ofMinutes(6);
    private static final Duration GRACE = Duration.ofMinutes(3);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);

    private final FleetSimulator fleet;
    private final Settings settings;
    private final Map<String, Object> clients;
    private final Terminal terminal;
    private final StopSignal stop;
    private final FaultLedger ledger = new FaultLedger(GRACE);
    private final Formats formats;

    /**
     * @param length how long readings are sent; empty: until stopped
     * @param speed how many times faster than real time the fleet moves
     */
    record Settings(String events, String scores, Optional<Duration> length, double speed, long seed, boolean json) {}

    /**
     * @param clients properties of Kafka's clients, {@code bootstrap.servers} among them
     * @param formats of the events and the scores
     */
    LiveFleet(
            FleetSimulator fleet,
            Settings settings,
            Map<String, Object> clients,
            Formats formats,
            Terminal terminal,
            StopSignal stop) {
        this.fleet = fleet;
        this.settings = settings;
        this.clients = clients;
        this.formats = formats;
        this.terminal = terminal;
        this.stop = stop;
    }

    /** What was injected so far, and what of it was caught. */
    FaultLedger ledger() {
        return ledger;
    }

    /**
     * Streams to the end, or until it is stopped; then waits for the scores of what was sent. Both topics exist.
     *
     * @param look is called again and again, and throws where going on has no use
     * @return whether every event was scored exactly once
     * @throws UserException when events can't be sent, or a score can't be read
     */
    boolean stream(Runnable look) throws InterruptedException {
        try (Consumer<byte[], byte[]> consumer = consumer();
                Deserializer<Score> scores = formats.scores()) {
            FaultPlan plan = FaultPlan.every(FAULT_GAP, fleet.nowMs(), settings.seed());
            LiveView view = new LiveView(terminal.out(), settings.json(), ledger, firstOffsets(consumer));
            LiveFeed feed = new LiveFeed(
                    fleet.live(plan, ledger::injected),
                    FleetModel.SPEC,
                    formats.writer(FleetModel.SPEC, settings.events()),
                    clients,
                    settings.events(),
                    settings.speed());
            terminal.err()
                    .line(String.format(
                            Locale.ROOT,
                            "streaming %s, %.0f times faster than real time; Ctrl-C ends it",
                            settings.length()
                                    .map(l -> "for " + l.toSeconds() + " s")
                                    .orElse("until it is stopped"),
                            settings.speed()));
            feed.start();
            try {
                long startNanos = System.nanoTime();
                while (!stop.requested()
                        && settings.length()
                                .map(l -> System.nanoTime() - startNanos < l.toNanos())
                                .orElse(true)) {
                    poll(consumer, scores, feed, view, look);
                }
            } finally {
                feed.stop();
            }
            long startNanos = System.nanoTime();
            while (view.distinct() < feed.acknowledged() && System.nanoTime() - startNanos < DRAIN_PATIENCE.toNanos()) {
                poll(consumer, scores, feed, view, look);
            }
            view.close(feed.acknowledged());
            return view.exactlyOnce(feed.acknowledged());
        }
    }

    private void poll(
            Consumer<byte[], byte[]> consumer,
            Deserializer<Score> scores,
            LiveFeed feed,
            LiveView view,
            Runnable look) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            view.show(read(scores, record));
        }
        look.run();
        feed.failure().ifPresent(e -> {
            throw new UserException("The fleet's events can't be sent: " + e.getMessage(), e);
        });
    }

    private static Score read(Deserializer<Score> scores, ConsumerRecord<byte[], byte[]> record) {
        try {
            return scores.deserialize(record.topic(), record.value());
        } catch (SerializationException | SchemaRegistryException e) {
            throw new UserException(
                    "A score can't be read: " + e.getMessage()
                            + ". Give the application's configuration, as --config or"
                            + " by its environment variables",
                    e);
        }
    }

    /** Of the scores from now on. */
    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(clients);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = partitions(consumer, settings.scores());
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Asks now where the end is, before anything is sent.
        partitions.forEach(consumer::position);
        return consumer;
    }

    /** Where the events that are going to be sent start, by partition. */
    private Map<Integer, Long> firstOffsets(Consumer<byte[], byte[]> consumer) throws InterruptedException {
        Map<Integer, Long> first = new HashMap<>();
        try (Admin admin = Admin.create(clients)) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            partitions(consumer, settings.events()).forEach(partition -> ends.put(partition, OffsetSpec.latest()));
            admin.listOffsets(ends).all().get().forEach((p, end) -> first.put(p.partition(), end.offset()));
        } catch (ExecutionException e) {
            throw new UserException(
                    "Offsets of topic " + settings.events() + " can't be read: "
                            + e.getCause().getMessage(),
                    e);
        }
        return first;
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }
}
