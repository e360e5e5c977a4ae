package dev.sequitur.deploy.integration;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.schemas.Score;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * A stream of events for an application that runs elsewhere, and in the end the proof that each got its result once: what
 * is committed is compared with the {@link SequentialReference}.
 *
 * <p>Threading: belongs to one thread. Events flow while it waits for something.
 */
public final class CheckedTraffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int OUTPUT_PARTITIONS = 3;
    private static final int ENTITIES = 60;
    /** Events that have no result yet before more are sent. */
    private static final int BACKLOG = 800;

    private static final int AT_ONCE = 300;
    /** What can't answer is given up soon, so that another broker is asked; and who leads is asked often. */
    private static final Map<String, Object> IMPATIENT =
            Map.of(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000, AdminClientConfig.METADATA_MAX_AGE_CONFIG, 3000);

    private final String bootstrapServers;
    private final String application;
    private final OutputTopics outputs;
    private final ModelBundle bundle;
    private final Path bundleDirectory;
    private final List<InputTopic> inputs = new ArrayList<>();
    private final CommittedReader reader;
    private final ConsumerGroup group;
    private final Supplier<Input> traffic;
    private final Random random;
    private final WireFormat format;
    private final Supplier<String> situation;
    private final Set<Place> handled = new HashSet<>();
    private int scoresRead;
    private int deadLettersRead;
    private boolean feeding = true;

    /**
     * Creates the topics; nothing is sent yet.
     *
     * @param application its id, and the prefix of its topics
     * @param bundle that lies in {@code bundleDirectory}; of {@link dev.sequitur.model.reference.TinyPipeline}
     * @param format of the events that are sent, and of the results
     * @param situation for errors: what the application said
     */
    public CheckedTraffic(
            String bootstrapServers,
            String application,
            int partitions,
            int replicas,
            ModelBundle bundle,
            Path bundleDirectory,
            long seed,
            WireFormat format,
            Supplier<String> situation)
            throws Exception {
        this.bootstrapServers = bootstrapServers;
        this.application = application;
        this.outputs = OutputTopics.of(application);
        this.bundle = bundle;
        this.bundleDirectory = bundleDirectory;
        this.traffic = Traffic.endless(bundle.spec(), Keys.ZIPF, ENTITIES, seed);
        this.random = new Random(seed);
        this.format = format;
        this.situation = situation;
        List<NewTopic> topics = new ArrayList<>(List.of(new NewTopic(events(), partitions, (short) replicas)));
        outputs.results().forEach(topic -> topics.add(new NewTopic(topic, OUTPUT_PARTITIONS, (short) replicas)));
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            admin.createTopics(topics).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        reader = new CommittedReader(bootstrapServers, outputs, outputs.results(), IMPATIENT)
                .translating(this::translated);
        group = new ConsumerGroup(bootstrapServers, application, IMPATIENT);
        compressed("none");
    }

    private ConsumerRecord<byte[], byte[]> translated(ConsumerRecord<byte[], byte[]> record) {
        return record.topic().equals(outputs.scores()) || record.topic().equals(outputs.predictions())
                ? new ConsumerRecord<>(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.key(),
                        format.result(record.value()))
                : record;
    }

    /** The topic of the events. */
    public String events() {
        return application + "-events";
    }

    /** What the application needs to read and write these topics. */
    public Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("application.id", application);
        settings.setProperty("sequitur.input.topic", events());
        settings.setProperty("sequitur.scores.topic", outputs.scores());
        settings.setProperty("sequitur.predictions.topic", outputs.predictions());
        settings.setProperty("errors.dead.letter.queue.topic.name", outputs.deadLetters());
        return settings;
    }

    /** From now on events are sent with this compression. */
    public void compressed(String compression) {
        inputs.forEach(InputTopic::flush);
        Map<String, Object> settings = new HashMap<>(IMPATIENT);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression);
        inputs.add(new InputTopic(bootstrapServers, events(), settings));
    }

    /** Waits until so many events more have their results. */
    public void awaitProgress(int count) {
        int enough = handled.size() + count;
        await("progress", () -> handled.size() >= enough);
    }

    /** The same, but for so long at most; whether it came to that. */
    public boolean awaitProgress(int count, Duration atMost) {
        int enough = handled.size() + count;
        long deadline = System.nanoTime() + atMost.toNanos();
        await("progress", () -> handled.size() >= enough || System.nanoTime() - deadline > 0);
        return handled.size() >= enough;
    }

    /** Ids of the brokers that keep the application's offsets and transactions. */
    public Set<Integer> coordinators() {
        return group.coordinators();
    }

    /** Waits until each of these clients reads something, and nobody else does. */
    public void awaitReaders(Set<String> clients) {
        await("readers " + clients, () -> {
            Map<String, Set<Integer>> readers = group.readers(events());
            return readers.keySet().equals(clients) && readers.values().stream().noneMatch(Set::isEmpty);
        });
    }

    /** Whether a process has written what it has not committed: {@link Instance#PROCESS_FILE} tells its name. */
    public boolean hasOpenTransaction(String processMetadata) {
        return group.hasOpenTransaction(Instance.processId(processMetadata));
    }

    /** Waits, with events flowing. */
    public void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no " + what + " within " + PATIENCE.toSeconds() + " s, with " + sent()
                        + " records sent and " + handled.size() + " handled\n" + situation.get());
            }
            turn();
        } while (!condition.getAsBoolean());
    }

    private void turn() {
        Committed committed = reader.poll();
        for (; scoresRead < committed.scores().size(); scoresRead++) {
            Score score = committed.scores().get(scoresRead);
            handled.add(new Place(score.getPartition(), score.getOffset()));
        }
        for (; deadLettersRead < committed.deadLetters().size(); deadLettersRead++) {
            handled.add(ExactlyOnceCheck.place(committed.deadLetters().get(deadLettersRead)));
        }
        if (feeding && sent() - handled.size() < BACKLOG) {
            InputTopic input = inputs.get(inputs.size() - 1);
            for (int i = 1 + random.nextInt(AT_ONCE); i > 0; i--) {
                Input next = traffic.get();
                input.send(next.withValue(format.event(next.value())));
            }
        }
    }

    private int sent() {
        return inputs.stream().mapToInt(InputTopic::size).sum();
    }

    /**
     * Sends no more, and waits until all is committed.
     *
     * @return what is wrong with the results, their order, and the states in the changelog; empty where nothing is
     */
    public List<String> problems() throws Exception {
        feeding = false;
        List<Sent> sent = new ArrayList<>();
        for (InputTopic input : inputs) {
            sent.addAll(input.sent());
        }
        // The end is where the input is committed, whatever came of it: a loss shall be found, not waited for.
        await("the end of the input", () -> group.hasRead(events()));
        try (CommittedReader all = new CommittedReader(bootstrapServers, outputs, outputs.all(), IMPATIENT)
                .translating(this::translated)) {
            await("the end of the transactions", () -> !all.cutsTransaction(outputs.all()));
            return ExactlyOnceCheck.problems(
                    bundle.fingerprint(), SequentialReference.of(bundle, bundleDirectory, sent), all.toEnd(PATIENCE));
        }
    }

    @Override
    public void close() {
        inputs.forEach(InputTopic::close);
        reader.close();
        group.close();
    }
}
