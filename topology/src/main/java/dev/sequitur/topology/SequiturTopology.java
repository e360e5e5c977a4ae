package dev.sequitur.topology;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.batch.NaturalBatchSerde;
import dev.sequitur.topology.input.ArrivalTime;
import dev.sequitur.topology.input.Keying;
import dev.sequitur.topology.output.DeadLetter;
import dev.sequitur.topology.output.FramedSerializer;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.output.ScoreSerializer;
import dev.sequitur.topology.scoring.Scoring;
import dev.sequitur.topology.scoring.ScoringSettings;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.HeldEvents;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * Scores the events of a topic, as a part of any Kafka Streams topology:
 *
 * <pre>{@code
 * SequiturTopology sequitur = SequiturTopology.of(model).input("events").scores("scores").build();
 * sequitur.addTo(builder);
 * new KafkaStreams(builder.build(), sequitur.configure(properties)).start();
 * }</pre>
 *
 * <p>Or those of any stream: without {@code input}, by {@link #applyTo}.
 *
 * <p>Threading: immutable. The model's step function must stay open as long as the streams run; closing it is up to
 * its owner.
 */
public final class SequiturTopology {
    /** Prefix of every node's name. */
    private static final String PREFIX = "sequitur-";

    private static final String BY_ENTITY = PREFIX + "by-entity";

    private final SequenceModel model;
    private final SequiturOptions options;

    SequiturTopology(SequenceModel model, SequiturOptions options) {
        this.model = model;
        this.options = options;
    }

    public static SequiturTopologyBuilder of(SequenceModel model) {
        return new SequiturTopologyBuilder(model);
    }

    /**
     * What the topology writes, for whoever goes on from there. Keys are entities; timestamps are event times, or
     * the time of scoring where an event is ahead of it.
     *
     * @param predictions without a record where no prediction topic was named
     */
    public record Results(KStream<String, Score> scores, KStream<String, Prediction> predictions) {}

    /**
     * Reads the input topic, in natural batches: what one poll brought for a partition.
     *
     * @throws IllegalStateException when there is no input
     * @throws dev.sequitur.topology.registry.SchemaRegistryException when the result format needs a registry that can't be
     *     asked, or refuses the schema
     */
    public Results addTo(StreamsBuilder builder) {
        String input = options.input()
                .orElseThrow(() -> new IllegalStateException("input is not set, expected the name of the topic to read;"
                        + " call input(topic) before build(), or applyTo(stream) for the events of a stream"));
        KStream<byte[], NaturalBatch> batches = builder.stream(
                input,
                Consumed.with(Serdes.ByteArray(), new NaturalBatchSerde())
                        .withName(PREFIX + "events")
                        .withTimestampExtractor(new ArrivalTime()));
        return score(options.keyed() ? batches : byEntity(batches), false);
    }

    /**
     * Scores the events of a stream, wherever it comes from: event by event, or as {@link
     * SequiturTopologyBuilder#collecting} says.
     *
     * <p>The stream has to be partitioned by its key, and the key has to be the entity in UTF-8; {@code process} doesn't
     * repartition a stream whose key was changed. With {@code keyed(false)} the events go through a repartition topic,
     * and come in natural batches from there.
     *
     * <p>Scores carry the partition and offset of the record of a topic that the event was made of, which several may
     * share; -1 where there is none, as for what a punctuator forwards. So at least once, which tells an event that is
     * delivered again by its offset, is refused.
     *
     * @param events values in the format of {@link SequiturTopologyBuilder#eventFormat}, null for an END; timestamps are arrival times
     * @throws IllegalStateException when there is an input: its records would arrive packed
     */
    public Results applyTo(KStream<byte[], byte[]> events) {
        options.input().ifPresent(topic -> {
            throw new IllegalStateException("input is '" + topic
                    + "', expected none where a stream is scored; leave input(topic) out, or call addTo(builder)");
        });
        KStream<byte[], NaturalBatch> batches = events.mapValues(NaturalBatch.Single::new, Named.as(PREFIX + "events"));
        return options.keyed() ? score(batches, true) : score(byEntity(batches), false);
    }

    private Results score(KStream<byte[], NaturalBatch> batches, boolean derived) {
        KStream<String, Outcome> outcomes = batches.process(
                new Scoring(
                        model,
                        new ScoringSettings(
                                options.predictions().isPresent(),
                                options.states(),
                                options.maxBatchEvents(),
                                options.collecting(),
                                derived,
                                options.late(),
                                options.maxRecordBytes(),
                                options.events()),
                        options.history()),
                Named.as(PREFIX + "score"));
        sinkDeadLetters(outcomes, Outcome.Branch.NOT_SCORED);

        KStream<String, Score> scores =
                Outcome.branch(outcomes, Outcome.Branch.SCORED, Outcome.Scored.class, Outcome.Scored::score);
        scores.to(
                options.scores(),
                produced(
                        new ScoreSerializer(options.results().header(options.scores(), Score.getClassSchema())),
                        "scores-sink"));
        KStream<String, Prediction> predictions = Outcome.branch(
                outcomes, Outcome.Branch.PREDICTED, Outcome.Predicted.class, Outcome.Predicted::prediction);
        options.predictions()
                .ifPresent(topic -> predictions.to(
                        topic,
                        produced(
                                new FramedSerializer<>(
                                        Prediction.class, options.results().header(topic, Prediction.getClassSchema())),
                                "predictions-sink")));
        return new Results(scores, predictions);
    }

    private KStream<byte[], NaturalBatch> byEntity(KStream<byte[], NaturalBatch> events) {
        KStream<byte[], Outcome> keyed = events.process(
                new Keying(model.spec(), options.events(), options.maxRecordBytes()), Named.as(PREFIX + "key"));
        sinkDeadLetters(keyed, Outcome.Branch.NOT_KEYED);
        return Outcome.<byte[], Outcome.Keyed, NaturalBatch>branch(
                        keyed,
                        Outcome.Branch.KEYED,
                        Outcome.Keyed.class,
                        event -> new NaturalBatch.Single(event.value()))
                .repartition(Repartitioned.with(Serdes.ByteArray(), new NaturalBatchSerde())
                        .withName(BY_ENTITY));
    }

    private static <K> void sinkDeadLetters(KStream<K, Outcome> outcomes, String branch) {
        Serde<DeadLetter> serde = Serdes.serdeFrom(DeadLetter.serializer(), DeadLetter.noDeserializer());
        Outcome.branch(outcomes, branch, Outcome.Rejected.class, Outcome.Rejected::letter)
                .selectKey((key, letter) -> letter.key(), Named.as(branch + "-key"))
                .to(
                        (key, letter, context) -> letter.topic(),
                        Produced.with(Serdes.ByteArray(), serde).withName(branch + "-sink"));
    }

    private static <T> Produced<String, T> produced(Serializer<T> serializer, String name) {
        Serde<T> written = Serdes.serdeFrom(serializer, (topic, value) -> {
            throw new UnsupportedOperationException("'" + topic + "' is written here, and read by others");
        });
        return Produced.with(Serdes.String(), written).withName(PREFIX + name);
    }

    /**
     * The user's Streams properties with what the topology needs added: the interceptor that makes natural batches,
     * exactly once, the dead letter topic, larger producer batches, a shorter buffer (it counts batches), larger polls,
     * explicit names. What the user set stays.
     *
     * @throws ConfigException when what he set would lose events or step them twice, or the application id is missing
     */
    public Properties configure(Properties streamsProperties) {
        if (!options.keyed()) {
            Keying.requireExactlyOnce(streamsProperties.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
        }
        return new StreamsSettings(streamsProperties)
                .complete(packedTopics(streamsProperties), options.maxBatchEvents(), options.deadLetters());
    }

    /** The topic that the scoring reads, if it reads one. */
    private Set<String> packedTopics(Properties streamsProperties) {
        if (options.keyed()) {
            return options.input().map(Set::of).orElse(Set.of());
        }
        Object application = streamsProperties.get(StreamsConfig.APPLICATION_ID_CONFIG);
        if (application == null) {
            throw new ConfigException(StreamsConfig.APPLICATION_ID_CONFIG + " is not set, expected the name of the"
                    + " application; set it before SequiturTopology.configure");
        }
        return Set.of(repartitionTopic(application.toString()));
    }

    private static String repartitionTopic(String applicationId) {
        return applicationId + "-" + BY_ENTITY + "-repartition";
    }

    /**
     * The topics that Kafka Streams keeps for an application of this topology, whatever its options are: the changelogs
     * of its stores, and the repartition topic of an input that isn't keyed by entity. They hold the application's states;
     * each has as many partitions as the input.
     */
    public static Set<String> internalTopics(String applicationId) {
        return Set.of(
                applicationId + "-" + EntityStates.STORE + "-changelog",
                applicationId + "-" + HeldEvents.STORE + "-changelog",
                repartitionTopic(applicationId));
    }
}
