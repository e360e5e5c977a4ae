package dev.sequitur.deploy.application;

import dev.sequitur.deploy.registry.RegistryClient;
import dev.sequitur.deploy.registry.RegistryConfig;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.EventWriter;
import dev.sequitur.topology.output.FramedDeserializer;
import dev.sequitur.topology.output.ResultFormat;
import dev.sequitur.topology.output.SingleObjectSerde;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The formats of events and results that a configuration names, with the registry where one of them needs it.
 *
 * <p>Threading: belongs to one thread; the formats are immutable.
 */
public final class Formats {
    private static final String CONFLUENT = "confluent";

    private final String input;
    private final String output;
    private final Supplier<List<Schema>> schemas;
    private final RegistryConfig registry;
    private RegistryClient client;

    Formats(String input, String output, Supplier<List<Schema>> schemas, RegistryConfig registry) {
        this.input = input;
        this.output = output;
        this.schemas = schemas;
        this.registry = registry;
    }

    /** @throws UserException when its keys don't fit together, or the registry that it needs doesn't answer */
    public EventFormat events() {
        List<Schema> given = schemas.get();
        return switch (input) {
            case CONFLUENT -> {
                if (!given.isEmpty()) {
                    throw new UserException(ApplicationConfig.SCHEMAS + " is set, and events of the format confluent"
                            + " have theirs in the registry; remove it, or choose avro");
                }
                yield EventFormat.confluent(client());
            }
            case "json" -> {
                if (given.size() > 1) {
                    throw new UserException(ApplicationConfig.SCHEMAS + " names " + given.size()
                            + " schemas, expected one at most: JSON doesn't say which it has");
                }
                yield given.isEmpty() ? EventFormat.json() : json(given.get(0));
            }
            default -> EventFormat.singleObject(given);
        };
    }

    private static EventFormat json(Schema declared) {
        try {
            return EventFormat.json(declared);
        } catch (IllegalArgumentException e) {
            throw new UserException(ApplicationConfig.SCHEMAS + ": " + e.getMessage(), e);
        }
    }

    /** @throws UserException when the registry that it needs doesn't answer */
    ResultFormat results() {
        return output.equals(CONFLUENT)
                ? ResultFormat.confluent(client(), registry.naming())
                : ResultFormat.singleObject();
    }

    /**
     * For events of the spec on a topic, in the format of {@link #events}; the registry knows their schema then.
     *
     * @throws UserException when a schema is declared that isn't the spec's own, or the registry that it needs doesn't
     *     answer or refuses the schema
     */
    public EventWriter writer(PipelineSpec spec, String topic) {
        if (!schemas.get().isEmpty()) {
            throw new UserException(ApplicationConfig.SCHEMAS + " is set, and events are written with the schema of the"
                    + " spec " + spec.name() + "; remove it");
        }
        return switch (input) {
            case CONFLUENT -> {
                try {
                    yield EventWriter.confluent(spec, topic, client(), registry.naming());
                } catch (SchemaRegistryException e) {
                    throw new UserException(e.getMessage(), e);
                }
            }
            case "json" -> EventWriter.json(spec);
            default -> EventWriter.singleObject(spec);
        };
    }

    /**
     * For scores as the application writes them. Belongs to one thread.
     *
     * @throws UserException when the registry that it needs doesn't answer
     */
    public Deserializer<Score> scores() {
        return output.equals(CONFLUENT)
                ? new FramedDeserializer<>(Score.class, client())
                : new SingleObjectSerde<>(Score.class).deserializer();
    }

    private RegistryClient client() {
        if (client == null) {
            RegistryClient created = new RegistryClient(registry);
            try {
                created.requireReachable();
            } catch (SchemaRegistryException e) {
                throw new UserException(e.getMessage(), e);
            }
            client = created;
        }
        return client;
    }

    /**
     * Whoever waits for a registry waits on a stream thread: away from its consumer and, exactly once, in a transaction.
     *
     * @param properties of Kafka Streams, complete
     * @throws UserException when a broker would give the thread up before it has waited
     */
    void requirePatienceWithin(Properties properties) {
        if (!input.equals(CONFLUENT)) {
            return;
        }
        StreamsConfig config = new StreamsConfig(properties);
        requireBelow(
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                config.getMainConsumerConfigs("group", "client", 0),
                "The group would take its partitions away meanwhile");
        if (StreamsConfig.EXACTLY_ONCE_V2.equals(config.getString(StreamsConfig.PROCESSING_GUARANTEE_CONFIG))) {
            requireBelow(
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    config.getProducerConfigs("client"),
                    "The broker would abort its transaction meanwhile");
        }
    }

    private void requireBelow(String key, Map<String, Object> clientConfig, String otherwise) {
        Duration limit = Duration.ofMillis(
                Long.parseLong(clientConfig.getOrDefault(key, Integer.MAX_VALUE).toString()));
        if (registry.patience().compareTo(limit) >= 0) {
            throw new UserException(
                    RegistryConfig.PATIENCE + " is " + registry.patience().toMillis()
                            + " ms, expected less than " + key + ", which is " + limit.toMillis() + " ms. " + otherwise
                            + "; lower the one or raise the other");
        }
    }
}
