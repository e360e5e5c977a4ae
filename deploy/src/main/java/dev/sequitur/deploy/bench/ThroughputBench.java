package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.EventSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How many events a second a topology processes when they lie ready: the same events, the same settings, a fresh
 * application for each run, runs of the contestants in turn. The time is that from the first committed offset seen to the
 * last event's commit; start-up and rebalancing are left out.
 */
public final class ThroughputBench {
    private static final Duration SETTLE = Duration.ofSeconds(120);
    private static final int LOOK_MS = 20;

    /**
     * What is measured.
     *
     * @param slowEvents of contestants that make a call for each event
     * @param settings of Kafka Streams, for all
     */
    public record Plan(
            List<Contestant> contestants,
            int entities,
            KeyDistribution distribution,
            int events,
            int slowEvents,
            int partitions,
            int runs,
            Properties settings) {}

    /** Events a second of each run. */
    public record Outcome(Map<Contestant, List<Double>> rates) {
        double median(Contestant contestant) {
            List<Double> sorted = new ArrayList<>(rates.get(contestant));
            Collections.sort(sorted);
            int middle = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        }
    }

    private final String bootstrapServers;
    private final ModelBundle bundle;
    private final Terminal terminal;

    public ThroughputBench(String bootstrapServers, ModelBundle bundle, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    public Outcome run(Plan plan) throws IOException, InterruptedException {
        String id = "bench-" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
        String many = id + "-events";
        String few = id + "-events-slow";
        Outcome outcome = new Outcome(new EnumMap<>(Contestant.class));
        plan.contestants.forEach(c -> outcome.rates.put(c, new ArrayList<>()));
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
                Progress progress = Progress.start(terminal, "bench", (long) plan.runs * plan.contestants.size())) {
            create(admin, many, plan.partitions);
            create(admin, few, plan.partitions);
            produce(many, plan.events, plan);
            produce(few, plan.slowEvents, plan);
            int done = 0;
            for (int run = 0; run < plan.runs; run++) {
                for (Contestant contestant : plan.contestants) {
                    boolean slow = contestant == Contestant.BY_HAND || contestant == Contestant.ONE_BY_ONE;
                    double rate = measure(
                            admin,
                            contestant,
                            slow ? few : many,
                            slow ? plan.slowEvents : plan.events,
                            plan,
                            id + done);
                    outcome.rates.get(contestant).add(rate);
                    progress.detail(String.format("%s %,.0f/s", contestant.title(), rate));
                    progress.advanceTo(++done);
                }
            }
            delete(admin, List.of(many, few));
        }
        return outcome;
    }

    private void create(Admin admin, String topic, int partitions) throws InterruptedException {
        try {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new UserException(
                    "The topic " + topic + " can't be created: " + e.getCause().getMessage(), e);
        }
    }

    private void delete(Admin admin, List<String> topics) throws InterruptedException {
        try {
            admin.deleteTopics(topics).all().get();
        } catch (ExecutionException e) {
            terminal.err()
                    .line("topics are left over: " + topics + " ("
                            + e.getCause().getMessage() + ")");
        }
    }

    private void produce(String topic, int events, Plan plan) {
        EventSchema schema = new EventSchema(bundle.spec());
        Random random = new Random(plan.entities);
        IntSupplier entity = plan.distribution.draw(plan.entities, random);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.BATCH_SIZE_CONFIG, 262_144,
                        ProducerConfig.LINGER_MS_CONFIG, 20),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < events; i++) {
                String key = "entity-" + entity.getAsInt();
                producer.send(new ProducerRecord<>(
                        topic, key.getBytes(StandardCharsets.UTF_8), schema.encode(BenchModel.event(key, i, random))));
            }
        }
    }

    private double measure(Admin admin, Contestant contestant, String input, int events, Plan plan, String id)
            throws IOException, InterruptedException {
        String output = id + "-results";
        String deadLetters = id + "-dead-letters";
        create(admin, output, plan.partitions);
        create(admin, deadLetters, 1);
        Path state = Files.createTempDirectory("sequitur-bench-");
        Properties settings = new Properties();
        settings.putAll(plan.settings);
        settings.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, id);
        settings.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.setProperty(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.setProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, deadLetters);
        settings.setProperty(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        Contestant.Plan run = contestant.plan(bundle, input, output, settings);
        try (KafkaStreams streams = new KafkaStreams(run.topology(), run.properties())) {
            streams.start();
            double rate = rate(admin, streams, id, input, events, plan.partitions);
            streams.close(CloseOptions.timeout(Duration.ofSeconds(60))
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            return rate;
        } finally {
            Utils.delete(state.toFile());
            delete(admin, leftovers(admin, id));
        }
    }

    private static List<String> leftovers(Admin admin, String id) throws InterruptedException {
        try {
            return admin.listTopics().names().get().stream()
                    .filter(t -> t.startsWith(id + "-"))
                    .toList();
        } catch (ExecutionException e) {
            return List.of();
        }
    }

    private double rate(Admin admin, KafkaStreams streams, String group, String topic, int events, int partitions)
            throws InterruptedException {
        long startNanos = System.nanoTime();
        long firstNanos = 0;
        long first = 0;
        while (true) {
            long committed = committed(admin, group, topic);
            long nowNanos = System.nanoTime();
            if (committed > 0 && firstNanos == 0) {
                firstNanos = nowNanos;
                first = committed;
            }
            if (committed >= events) {
                if (first >= events) {
                    throw new UserException(
                            "All " + events + " events were processed in one commit interval; give" + " more --events");
                }
                return (events - first) / ((nowNanos - firstNanos) / 1e9);
            }
            if (streams.state() == KafkaStreams.State.ERROR
                    || firstNanos == 0 && nowNanos - startNanos > SETTLE.toNanos()) {
                throw new UserException("The application " + group + " doesn't get on: it is " + streams.state()
                        + " with " + committed + " of " + events + " events committed on " + partitions
                        + " partitions; run again with --verbose");
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private static long committed(Admin admin, String group, String topic) throws InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                    .filter(e -> e.getKey().topic().equals(topic) && e.getValue() != null)
                    .mapToLong(e -> ((OffsetAndMetadata) e.getValue()).offset())
                    .sum();
        } catch (ExecutionException e) {
            // The group isn't there yet.
            return 0;
        }
    }
}
