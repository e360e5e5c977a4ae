package dev.sequitur.deploy.application;

import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.registry.RegistryConfig;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.spec.Durations;
import dev.sequitur.model.spec.Suggestion;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.scoring.LateEvents;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The configuration of a scoring application: {@code sequitur.*} keys, and Kafka Streams properties that pass through
 * untouched. Environment variables override a file: {@code SEQUITUR_INPUT_TOPIC} is {@code sequitur.input.topic}, {@code
 * KAFKA_BOOTSTRAP_SERVERS} is {@code bootstrap.servers}; a dash of a key is an underscore too.
 */
public final class ApplicationConfig {
    static final String PREFIX = "sequitur.";
    static final String BUNDLE = PREFIX + "bundle";
    static final String INPUT = PREFIX + "input.topic";
    static final String KEYED = PREFIX + "input.keyed";
    static final String SCHEMAS = PREFIX + "input.schemas";
    static final String INPUT_FORMAT = PREFIX + "input.format";
    static final String OUTPUT_FORMAT = PREFIX + "output.format";
    static final String SCORES = PREFIX + "scores.topic";
    static final String PREDICTIONS = PREFIX + "predictions.topic";
    static final String LATE = PREFIX + "late";
    static final String LATE_TOPIC = PREFIX + "late.topic";
    static final String LATE_GRACE = PREFIX + "late.grace";
    static final String LATE_REORDER = PREFIX + "late.reorder";
    static final String MAX_BATCH = PREFIX + "batch.max-events";
    static final String COLLECTING = PREFIX + "batch.collecting";
    static final String CACHING = PREFIX + "state.caching";
    static final String HOT_STATES = PREFIX + "state.hot-bytes";
    static final String ON_MODEL_CHANGE = PREFIX + "state.on-model-change";
    static final String STATE_PRECISION = PREFIX + "state.precision";
    static final String DEVICE = PREFIX + "tensorflow.device";
    static final String STATE_TIME_TO_LIVE = PREFIX + "state.time-to-live";
    static final String MAX_RECORD = PREFIX + "record.max-bytes";

    static final String HTTP_LISTEN = PREFIX + "http.listen";
    static final String HTTP_ADVERTISED = PREFIX + "http.advertised";
    static final String HTTP_TOKEN = PREFIX + "http.token";
    static final String HTTP_INSECURE = PREFIX + "http.insecure";
    static final String HTTP_KEYSTORE = PREFIX + "http.tls.keystore";
    static final String HTTP_KEYSTORE_PASSWORD = PREFIX + "http.tls.password";
    static final String HTTP_STALE_READS = PREFIX + "http.stale-reads";
    static final String HISTORY_ENTITIES = PREFIX + "history.entities";
    static final String HISTORY_EVENTS = PREFIX + "history.events";
    static final String STOP_TIMEOUT = PREFIX + "stop.timeout";

    /** The time to live of a state that has no limit. */
    private static final String FOR_EVER = "none";

    /** Every key, with its type, default and meaning. */
    static final ConfigDef KEYS = RegistryConfig.define(new ConfigDef()
            .define(BUNDLE, Type.STRING, Importance.HIGH, "Directory or zip of the model bundle.")
            .define(INPUT, Type.STRING, Importance.HIGH, "Topic of the events.")
            .define(
                    KEYED,
                    Type.BOOLEAN,
                    true,
                    Importance.HIGH,
                    "Whether each record's key is its entity. If not, events go through a repartition topic.")
            .define(
                    INPUT_FORMAT,
                    Type.STRING,
                    "avro",
                    ConfigDef.CaseInsensitiveValidString.in("avro", "confluent", "json"),
                    Importance.HIGH,
                    "How events are encoded: avro is Avro single-object encoding, confluent the wire format of a schema"
                            + " registry, json plain JSON.")
            .define(
                    SCHEMAS,
                    Type.LIST,
                    List.of(),
                    Importance.MEDIUM,
                    "Files (.avsc): with avro further schemas that events may be written with, with json the one schema"
                            + " that events have, in place of the spec's own.")
            .define(
                    OUTPUT_FORMAT,
                    Type.STRING,
                    "avro",
                    ConfigDef.CaseInsensitiveValidString.in("avro", "confluent"),
                    Importance.HIGH,
                    "How scores and predictions are encoded: avro is Avro single-object encoding, confluent the wire"
                            + " format of a schema registry.")
            .define(SCORES, Type.STRING, "scores", Importance.HIGH, "Topic of the scores.")
            .define(
                    PREDICTIONS,
                    Type.STRING,
                    "predictions",
                    Importance.HIGH,
                    "Topic of the predictions; empty for none.")
            .define(
                    LATE,
                    Type.STRING,
                    "process",
                    ConfigDef.CaseInsensitiveValidString.in("process", "drop"),
                    Importance.MEDIUM,
                    "What happens to an event that is older than its entity's latest by more than the grace: process"
                            + " steps it in the order of arrival, drop sends it to the late topic.")
            .define(LATE_TOPIC, Type.STRING, "late", Importance.MEDIUM, "Topic of the events that are dropped as late.")
            .define(
                    LATE_GRACE,
                    Type.STRING,
                    "0s",
                    Importance.MEDIUM,
                    "By how much an event may be late: 500ms, 30s, 15m, 2h, or ISO-8601.")
            .define(
                    LATE_REORDER,
                    Type.BOOLEAN,
                    false,
                    Importance.MEDIUM,
                    "Whether events wait for the grace, by event time, and are stepped in the order of event time.")
            .define(
                    MAX_BATCH,
                    Type.INT,
                    4000,
                    ConfigDef.Range.atLeast(1),
                    Importance.LOW,
                    "Most events that are stepped in one batch.")
            .define(
                    COLLECTING,
                    Type.BOOLEAN,
                    false,
                    Importance.LOW,
                    "Whether events are collected over polls, until they are a full batch or the commit comes. It pays"
                            + " where polls bring few events of a partition; results wait up to commit.interval.ms.")
            .define(
                    CACHING,
                    Type.BOOLEAN,
                    true,
                    Importance.MEDIUM,
                    "Whether the state store has a record cache. It pays where entities have several events in a"
                            + " commit interval and fit into statestore.cache.max.bytes.")
            .define(
                    HOT_STATES,
                    Type.LONG,
                    StateSettings.DEFAULT_HOT_BYTES,
                    ConfigDef.Range.atLeast(0),
                    Importance.LOW,
                    "Heap that each partition may take to keep the states of entities decoded, beside the store, which"
                            + " gets every change all the same; 0 for none. It pays where many events are of entities"
                            + " that fit: an LSTM's state of 64 units takes about 0.9 kB. Under exactly once, and where"
                            + " states are stored as float32.")
            .define(
                    ON_MODEL_CHANGE,
                    Type.STRING,
                    "fail",
                    ConfigDef.CaseInsensitiveValidString.in("fail", "reset"),
                    Importance.MEDIUM,
                    "What happens to a state that another model wrote: fail stops, reset starts the entity anew.")
            .define(
                    STATE_PRECISION,
                    Type.STRING,
                    "float32",
                    ConfigDef.CaseInsensitiveValidString.in("float32", "bfloat16", "float16"),
                    Importance.LOW,
                    "What the numbers of a state are stored in: float32, or 2 bytes a number as bfloat16 or float16.")
            .define(
                    STATE_TIME_TO_LIVE,
                    Type.STRING,
                    FOR_EVER,
                    Importance.MEDIUM,
                    "How long, in event time, the state of an entity without events is kept: 15m, 36h, 90d, or ISO-8601;"
                            + " or none, for ever.")
            .define(
                    MAX_RECORD,
                    Type.INT,
                    900_000,
                    ConfigDef.Range.atLeast(1024),
                    Importance.LOW,
                    "Most bytes that a dead letter keeps of its event.")
            .define(
                    DEVICE,
                    Type.STRING,
                    "auto",
                    ConfigDef.LambdaValidator.with(
                            (key, value) -> device(key, value.toString()), () -> "auto, cpu or gpu:N"),
                    Importance.MEDIUM,
                    "Where the network computes: cpu, gpu:N (gpu:0 is the first), or auto, the first GPU if there is one."
                            + " GPUs take a build with -Pgpu.")
            .define(
                    HTTP_LISTEN,
                    Type.STRING,
                    "127.0.0.1:8080",
                    ConfigDef.LambdaValidator.with(
                            (key, value) -> listenAddress(key, value.toString()), () -> "host:port, or empty"),
                    Importance.MEDIUM,
                    "Where health (/health/live, /health/ready), metrics (/metrics) and the API (/api/v1) are served:"
                            + " host:port, 0.0.0.0:8080 for all addresses of the machine, port 0 for any free one;"
                            + " empty for no server.")
            .define(
                    HTTP_ADVERTISED,
                    Type.STRING,
                    "",
                    ConfigDef.LambdaValidator.with(
                            (key, value) -> listenAddress(key, value.toString()), () -> "host:port, or empty"),
                    Importance.MEDIUM,
                    "Where other instances of the application reach this server, to ask for its entities: host:port."
                            + " Empty for application.server, and without that for where it listens.")
            .define(
                    HTTP_TOKEN,
                    Type.PASSWORD,
                    "",
                    Importance.MEDIUM,
                    "What whoever asks the API has to send, as Authorization: Bearer; the same for all instances. Empty"
                            + " for no login.")
            .define(
                    HTTP_INSECURE,
                    Type.BOOLEAN,
                    false,
                    Importance.MEDIUM,
                    "Whether the API is served to all who reach it, without a token. If not, a server that other"
                            + " machines reach serves health and metrics only, as long as it has no token.")
            .define(
                    HTTP_KEYSTORE,
                    Type.STRING,
                    "",
                    Importance.MEDIUM,
                    "PKCS12 or JKS file with the server's key and its chain, for TLS; instances trust each other by"
                            + " what is in it. Empty for no encryption.")
            .define(HTTP_KEYSTORE_PASSWORD, Type.PASSWORD, "", Importance.MEDIUM, "Of the keystore and its key.")
            .define(
                    HTTP_STALE_READS,
                    Type.BOOLEAN,
                    false,
                    Importance.LOW,
                    "Whether a standby's copy of a state answers, marked as stale, where the instance that has the state"
                            + " doesn't.")
            .define(
                    HISTORY_ENTITIES,
                    Type.INT,
                    1000,
                    ConfigDef.Range.atLeast(0),
                    Importance.LOW,
                    "Entities whose last events are kept in memory for the API and the dashboard, those that were seen"
                            + " last; 0 for none. An event takes 1 to 2 KB.")
            .define(
                    HISTORY_EVENTS,
                    Type.INT,
                    64,
                    ConfigDef.Range.between(1, 10_000),
                    Importance.LOW,
                    "Events that are kept of each of them; half as many more may be.")
            .define(
                    STOP_TIMEOUT,
                    Type.STRING,
                    "30s",
                    ConfigDef.LambdaValidator.with(
                            (key, value) -> stopTimeout(key, value.toString()),
                            () -> "a duration of more than nothing"),
                    Importance.LOW,
                    "How long a stop may take, with the last commit: 30s, 2m, or ISO-8601. Give what kills the process"
                            + " after a while (terminationGracePeriodSeconds) 15 seconds more."));

    private final Map<String, Object> values;
    private final Properties streams;

    private ApplicationConfig(Map<String, Object> values, Properties streams) {
        this.values = values;
        this.streams = streams;
    }

    /** From the environment alone.
     *
     * @throws UserException when a value is wrong or missing */
    public static ApplicationConfig read(Map<String, String> environment) {
        return of(new Properties(), environment);
    }

    /** @throws UserException when the file can't be read or a value is wrong */
    public static ApplicationConfig read(Path file, Map<String, String> environment) {
        return of(load(file), environment);
    }

    /**
     * The formats alone that the configuration of an application names, for whoever reads or writes its topics otherwise.
     *
     * @param file empty for the environment alone
     * @throws UserException when the file can't be read or a value is wrong
     */
    public static Formats formats(Optional<Path> file, Map<String, String> environment) {
        Properties properties = file.map(ApplicationConfig::load).orElseGet(Properties::new);
        // What an application can't do without, and this can.
        for (String key : List.of(BUNDLE, INPUT, StreamsConfig.BOOTSTRAP_SERVERS_CONFIG)) {
            properties.putIfAbsent(key, "none");
        }
        return of(properties, environment).formats();
    }

    private static Properties load(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new UserException(
                    "No configuration file at " + file.toAbsolutePath() + "; give the path of a"
                            + " properties file with " + BUNDLE + ", " + INPUT + " and bootstrap.servers",
                    e);
        } catch (IOException | IllegalArgumentException e) {
            throw new UserException("The configuration file " + file + " can't be read: " + e.getMessage(), e);
        }
        return properties;
    }

    /** @throws UserException when a value is wrong */
    public static ApplicationConfig of(Properties properties, Map<String, String> environment) {
        Map<String, String> given = new HashMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX)) {
                requireKnown(name);
            }
            given.put(name, properties.getProperty(name).strip());
        }
        KEYS.names().forEach(key -> override(key, variable(key), environment, given));
        kafkaKeys().forEach(key -> override(key, kafkaVariable(key), environment, given));
        Map<String, String> own = new HashMap<>();
        Properties streams = new Properties();
        ProvidedValues.resolve(given)
                .forEach((name, value) -> target(name, own, streams).put(name, value));
        requireSet(streams, StreamsConfig.BOOTSTRAP_SERVERS_CONFIG);
        try {
            return new ApplicationConfig(KEYS.parse(own), streams);
        } catch (ConfigException e) {
            throw new UserException(
                    e.getMessage() + ". Set it in the configuration file, or as an environment"
                            + " variable (SEQUITUR_… for sequitur.…)",
                    e);
        }
    }

    private static Map<? super String, ? super String> target(
            String name, Map<String, String> own, Properties streams) {
        return name.startsWith(PREFIX) ? own : streams;
    }

    private static void override(
            String key, String variable, Map<String, String> environment, Map<String, String> into) {
        String value = environment.get(variable);
        if (value != null) {
            into.put(key, value);
        }
    }

    private static String kafkaVariable(String key) {
        return "KAFKA_" + variable(key);
    }

    /** The environment variable of a key of ours. */
    static String variable(String key) {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static Set<String> kafkaKeys() {
        Set<String> keys = new TreeSet<>(StreamsConfig.configDef().names());
        keys.addAll(ConsumerConfig.configNames());
        keys.addAll(ProducerConfig.configNames());
        keys.add(AbstractConfig.CONFIG_PROVIDERS_CONFIG);
        return keys;
    }

    private static void requireKnown(String key) {
        if (!KEYS.names().contains(key)) {
            throw new UserException("Unknown key '" + key + "'." + Suggestion.of(key, KEYS.names()) + " There are "
                    + String.join(", ", new TreeSet<>(KEYS.names())));
        }
    }

    private static void requireSet(Properties streams, String key) {
        if (streams.getProperty(key, "").isBlank()) {
            throw new UserException(key + " is not set; expected host:port of a broker. Set it in the configuration"
                    + " file, or as " + kafkaVariable(key));
        }
    }

    public Path bundle() {
        return Path.of((String) values.get(BUNDLE));
    }

    public String inputTopic() {
        return (String) values.get(INPUT);
    }

    public boolean keyed() {
        return (Boolean) values.get(KEYED);
    }

    /** @throws UserException when a file is no Avro schema */
    public List<Schema> schemas() {
        List<Schema> schemas = new ArrayList<>();
        for (Object name : (List<?>) values.get(SCHEMAS)) {
            Path file = Path.of(name.toString());
            try {
                schemas.add(new Schema.Parser().parse(file.toFile()));
            } catch (IOException | AvroRuntimeException e) {
                throw new UserException(
                        SCHEMAS + ": " + file + " is no Avro schema that can be read: " + e.getMessage(), e);
            }
        }
        return schemas;
    }

    /** How events and results are encoded. */
    public Formats formats() {
        return new Formats(
                ((String) values.get(INPUT_FORMAT)).toLowerCase(Locale.ROOT),
                ((String) values.get(OUTPUT_FORMAT)).toLowerCase(Locale.ROOT),
                this::schemas,
                new RegistryConfig(values));
    }

    public String scoresTopic() {
        return (String) values.get(SCORES);
    }

    public Optional<String> predictionsTopic() {
        return Optional.of((String) values.get(PREDICTIONS)).filter(t -> !t.isBlank());
    }

    public String deadLettersTopic() {
        return streams.getProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "dead-letters");
    }

    /** @throws UserException when its keys don't fit together */
    public LateEvents late() {
        try {
            boolean drop = ((String) values.get(LATE)).equalsIgnoreCase("drop");
            return new LateEvents(
                    drop ? Optional.of((String) values.get(LATE_TOPIC)) : Optional.empty(),
                    Durations.parse((String) values.get(LATE_GRACE)),
                    (Boolean) values.get(LATE_REORDER));
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    LATE + ", " + LATE_GRACE + " and " + LATE_REORDER + " don't fit: " + e.getMessage(), e);
        }
    }

    public int maxBatchEvents() {
        return (Integer) values.get(MAX_BATCH);
    }

    public boolean collecting() {
        return (Boolean) values.get(COLLECTING);
    }

    public boolean caching() {
        return (Boolean) values.get(CACHING);
    }

    public long hotStateBytes() {
        return (Long) values.get(HOT_STATES);
    }

    public OnModelChange onModelChange() {
        return OnModelChange.valueOf(((String) values.get(ON_MODEL_CHANGE)).toUpperCase(Locale.ROOT));
    }

    public StatePrecision statePrecision() {
        return StatePrecision.valueOf(((String) values.get(STATE_PRECISION)).toUpperCase(Locale.ROOT));
    }

    public Device device() {
        return device(DEVICE, (String) values.get(DEVICE));
    }

    private static Device device(String key, String value) {
        try {
            return Device.parse(value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, e.getMessage());
        }
    }

    /** How long a stop may take. */
    public Duration stopTimeout() {
        return stopTimeout(STOP_TIMEOUT, (String) values.get(STOP_TIMEOUT));
    }

    private static Duration stopTimeout(String key, String value) {
        Duration timeout;
        try {
            timeout = Durations.parse(value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, e.getMessage());
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new ConfigException(key, value, "expected more than nothing");
        }
        return timeout;
    }

    /** How much of the past is kept in memory; empty for nothing. */
    public Optional<History.Limits> history() {
        int entities = (Integer) values.get(HISTORY_ENTITIES);
        return entities == 0
                ? Optional.empty()
                : Optional.of(new History.Limits(entities, (Integer) values.get(HISTORY_EVENTS)));
    }

    /** Where health and metrics are served; empty for nowhere. */
    public Optional<ListenAddress> httpListen() {
        return listenAddress(HTTP_LISTEN, (String) values.get(HTTP_LISTEN));
    }

    /** How it is served and to whom; empty for no server. */
    public Optional<HttpSettings> http() {
        return httpListen()
                .map(listen -> new HttpSettings(
                        listen,
                        listenAddress(HTTP_ADVERTISED, (String) values.get(HTTP_ADVERTISED))
                                .or(() -> listenAddress(
                                        StreamsConfig.APPLICATION_SERVER_CONFIG,
                                        streams.getProperty(StreamsConfig.APPLICATION_SERVER_CONFIG, ""))),
                        password(HTTP_TOKEN),
                        (Boolean) values.get(HTTP_INSECURE),
                        Optional.of((String) values.get(HTTP_KEYSTORE))
                                .filter(file -> !file.isBlank())
                                .map(file -> new HttpSettings.Tls(
                                        Path.of(file),
                                        password(HTTP_KEYSTORE_PASSWORD).orElse(""))),
                        (Boolean) values.get(HTTP_STALE_READS)));
    }

    private Optional<String> password(String key) {
        return Optional.of(((Password) values.get(key)).value()).filter(value -> !value.isEmpty());
    }

    private static Optional<ListenAddress> listenAddress(String key, String value) {
        try {
            return value.isBlank() ? Optional.empty() : Optional.of(ListenAddress.parse(value));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, e.getMessage());
        }
    }

    /** @throws UserException when it is no duration */
    public Optional<Duration> stateTimeToLive() {
        String text = (String) values.get(STATE_TIME_TO_LIVE);
        try {
            return text.equalsIgnoreCase(FOR_EVER) ? Optional.empty() : Optional.of(Durations.parse(text));
        } catch (IllegalArgumentException e) {
            throw new UserException(STATE_TIME_TO_LIVE + ": " + e.getMessage(), e);
        }
    }

    public int maxRecordBytes() {
        return (Integer) values.get(MAX_RECORD);
    }

    /** Kafka Streams properties as the user gave them. */
    public Properties streams() {
        Properties copy = new Properties();
        copy.putAll(streams);
        return copy;
    }
}
