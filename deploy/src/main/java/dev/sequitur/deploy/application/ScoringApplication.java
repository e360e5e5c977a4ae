package dev.sequitur.deploy.application;

import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.topology.SequiturTopology;
import dev.sequitur.topology.SequiturTopologyBuilder;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.state.OldStatesException;
import dev.sequitur.topology.state.StateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bundle, a topology and Kafka Streams: scores a topic until it is closed or fails.
 *
 * <p>Threading: safe for use by many threads. Failures arrive on stream threads.
 */
public final class ScoringApplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScoringApplication.class);
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

    private final ModelBundle bundle;
    private final KafkaStreams streams;
    private final LocalStates states;
    private final Optional<History> history;
    private final boolean staticMember;
    private final Lifecycle lifecycle;
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private ScoringApplication(
            ModelBundle bundle,
            KafkaStreams streams,
            LocalStates states,
            Optional<History> history,
            boolean staticMember,
            Lifecycle lifecycle) {
        this.bundle = bundle;
        this.streams = streams;
        this.states = states;
        this.history = history;
        this.staticMember = staticMember;
        this.lifecycle = lifecycle;
    }

    /**
     * Loads the bundle, looks at the cluster, and starts.
     *
     * @throws UserException when the configuration or the cluster doesn't fit
     * @throws dev.sequitur.model.bundle.BundleException when the bundle is refused
     */
    public static ScoringApplication start(ApplicationConfig config) {
        return start(config, new Lifecycle(), Optional.empty(), Optional.empty());
    }

    /**
     * The same, followed from outside.
     *
     * @param lifecycle is told how far it is
     * @param create how missing topics are created; empty where they are not
     * @param advertised where other instances ask this one; empty where they don't
     */
    public static ScoringApplication start(
            ApplicationConfig config,
            Lifecycle lifecycle,
            Optional<NewTopics> create,
            Optional<ListenAddress> advertised) {
        lifecycle.starting("loading the bundle");
        ModelBundle bundle = bundle(config);
        try {
            Formats formats = config.formats();
            Optional<History> history = config.history().map(History::new);
            SequiturTopology topology = topology(config, bundle, formats, history);
            Properties properties = config.streams();
            properties.putIfAbsent(StreamsConfig.APPLICATION_ID_CONFIG, applicationId(bundle));
            if (advertised.isPresent()) {
                properties.putIfAbsent(
                        StreamsConfig.APPLICATION_SERVER_CONFIG,
                        advertised.get().toString());
            }
            properties = topology.configure(properties);
            // Reads every value: a wrong one is said before a cluster is looked for.
            LocalStates states = new LocalStates(new StreamsConfig(properties));
            states.requireWritable();
            states.requireUnused();
            formats.requirePatienceWithin(properties);
            lifecycle.starting("waiting for the broker");
            ClusterCheck check = new ClusterCheck(new Cluster(config.streams(), BROKER_PATIENCE));
            check.requireTopics(config.inputTopic(), outputs(config, properties), create);
            check.requireStatesOf(properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG), config.inputTopic());
            StreamsBuilder builder = new StreamsBuilder();
            addTo(builder, topology);
            ScoringApplication application = new ScoringApplication(
                    bundle,
                    streams(builder.build(properties), properties, states),
                    states,
                    history,
                    properties.stringPropertyNames().stream()
                            .anyMatch(name -> name.endsWith(CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG)),
                    lifecycle);
            application.start();
            LOG.info(
                    "Scoring {} with bundle {} ({}) on {} as {}",
                    config.inputTopic(),
                    config.bundle(),
                    bundle.fingerprint(),
                    bundle.model().step().device(),
                    properties.get(StreamsConfig.APPLICATION_ID_CONFIG));
            return application;
        } catch (RuntimeException e) {
            bundle.close();
            throw e;
        }
    }

    /** Where none is given. */
    static String applicationId(ModelBundle bundle) {
        return "sequitur-" + bundle.spec().name();
    }

    /** Writes into the state directory. */
    private static KafkaStreams streams(Topology topology, Properties properties, LocalStates states) {
        try {
            return new KafkaStreams(topology, properties);
        } catch (StreamsException e) {
            throw StopReason.fullDisk(e, states.directory())
                    .<RuntimeException>map(words -> new UserException("Can't start: " + words, e))
                    .orElse(e);
        }
    }

    private static ModelBundle bundle(ApplicationConfig config) {
        try {
            return ModelBundle.load(config.bundle(), config.device());
        } catch (IllegalArgumentException e) {
            throw new UserException(ApplicationConfig.DEVICE + ": " + e.getMessage(), e);
        }
    }

    private static void addTo(StreamsBuilder builder, SequiturTopology topology) {
        try {
            topology.addTo(builder);
        } catch (SchemaRegistryException e) {
            throw new UserException(e.getMessage(), e);
        }
    }

    private static SequiturTopology topology(
            ApplicationConfig config, ModelBundle bundle, Formats formats, Optional<History> history) {
        try {
            SequiturTopologyBuilder topology = SequiturTopology.of(bundle.model())
                    .input(config.inputTopic())
                    .scores(config.scoresTopic())
                    .deadLetters(config.deadLettersTopic())
                    .keyed(config.keyed())
                    .late(config.late())
                    .maxBatchEvents(config.maxBatchEvents())
                    .collecting(config.collecting())
                    .caching(config.caching())
                    .hotStateBytes(config.hotStateBytes())
                    .onModelChange(config.onModelChange())
                    .statePrecision(config.statePrecision())
                    .maxRecordBytes(config.maxRecordBytes());
            config.predictionsTopic().ifPresent(topology::predictions);
            config.stateTimeToLive().ifPresent(topology::stateTimeToLive);
            history.ifPresent(topology::history);
            topology.eventFormat(formats.events()).resultFormat(formats.results());
            return topology.build();
        } catch (IllegalArgumentException e) {
            throw new UserException("The configuration doesn't fit: " + e.getMessage(), e);
        }
    }

    private static List<String> outputs(ApplicationConfig config, Properties properties) {
        List<String> outputs = new ArrayList<>(List.of(
                config.scoresTopic(),
                properties.getProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG)));
        config.predictionsTopic().ifPresent(outputs::add);
        config.late().topic().ifPresent(outputs::add);
        return outputs;
    }

    private void start() {
        streams.setUncaughtExceptionHandler(e -> {
            StreamThreadExceptionResponse response = response(e);
            if (response == StreamThreadExceptionResponse.REPLACE_THREAD) {
                LOG.warn("{}; a new thread goes on from the last commit", reason(e));
            } else {
                failure.compareAndSet(null, e);
            }
            return response;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            } else if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                running.countDown();
                stopped.countDown();
            }
        });
        streams.setGlobalStateRestoreListener(lifecycle.restoration());
        lifecycle.started(streams, this::failure);
        streams.start();
    }

    /**
     * Most failures come again, so the application stops. A commit that comes after the broker has aborted the
     * transaction doesn't: Kafka Streams takes it for fatal (KAFKA-19690 mended that for writes alone), but what was
     * written is void and a new thread starts from the last commit. Neither does a schema registry that was away when an
     * event named a schema of it, nor states that were restored from a broker that was behind.
     */
    static StreamThreadExceptionResponse response(Throwable failure) {
        return find(InvalidTxnStateException.class, failure).isPresent()
                        || find(SchemaRegistryException.class, failure).isPresent()
                        || find(OldStatesException.class, failure).isPresent()
                ? StreamThreadExceptionResponse.REPLACE_THREAD
                : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private static String reason(Throwable failure) {
        return find(SchemaRegistryException.class, failure)
                .map(Throwable::getMessage)
                .or(() -> find(OldStatesException.class, failure).map(Throwable::getMessage))
                .orElse("The broker has aborted an open transaction, as it does with one that is older than"
                        + " transaction.timeout.ms when the broker was away for so long");
    }

    private static <T extends Throwable> Optional<T> find(Class<T> kind, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return Optional.of(kind.cast(cause));
            }
        }
        return Optional.empty();
    }

    /** Waits until events are processed; whether that came in time. */
    public boolean awaitRunning(Duration atMost) throws InterruptedException {
        return running.await(atMost.toNanos(), TimeUnit.NANOSECONDS)
                && streams.state().isRunningOrRebalancing();
    }

    /** Waits for the application to stop by itself, at most this long; whether it did. */
    public boolean awaitStopped(Duration atMost) throws InterruptedException {
        return stopped.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What stopped the application, if anything did: the innermost cause, or the one that says what to do. */
    public Optional<Throwable> failure() {
        Throwable cause = failure.get();
        Optional<String> full = StopReason.fullDisk(cause, states.directory());
        if (full.isPresent()) {
            return Optional.of(new UserException(full.get(), cause));
        }
        while (cause != null && cause.getCause() != null && !(cause instanceof StateException)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(cause);
    }

    public ModelBundle bundle() {
        return bundle;
    }

    /** The last events of its entities; empty where none are kept. */
    public Optional<History> history() {
        return history;
    }

    /** For metrics and queries. */
    public KafkaStreams streams() {
        return streams;
    }

    /**
     * Commits what was processed, and stops. The group is left, so that others or a restart take over at once; a static
     * member ({@code group.instance.id}) stays, so that its short restart moves nothing.
     *
     * @param patience how long that may take
     * @return whether all was committed and has stopped in time
     */
    public boolean stop(Duration patience) {
        stopping.set(true);
        lifecycle.stopping();
        if (streams.close(CloseOptions.timeout(patience)
                .withGroupMembershipOperation(
                        staticMember
                                ? CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP
                                : CloseOptions.GroupMembershipOperation.LEAVE_GROUP))) {
            bundle.close();
            return failure.get() == null;
        }
        // A stream thread may still be in TensorFlow, so the bundle stays open; the process ends with both.
        LOG.warn("Kafka Streams didn't stop within {} s", patience.toSeconds());
        return false;
    }

    /** {@link #stop} with a patience of 30 s; does nothing when stopped already. */
    @Override
    public void close() {
        if (stopping.compareAndSet(false, true)) {
            stop(CLOSE_PATIENCE);
        }
    }
}
