package dev.sequitur.deploy.integration;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.batch.NaturalBatchSerde;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.output.DeadLetter;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.output.SingleObjectSerde;
import dev.sequitur.topology.scoring.LateEvents;
import dev.sequitur.topology.scoring.Scoring;
import dev.sequitur.topology.scoring.ScoringSettings;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * How not to do it: Sequitur's own processor, with the same settings, behind a buffer that a timer empties. Kafka Streams
 * commits the offsets of what waits in the buffer. As long as nothing fails and no task moves,
 * every result is right.
 */
final class BufferAndTimer implements Processor<byte[], NaturalBatch, String, Outcome> {
    /**
     * Many commits long: a timer as short as a turn of a busy stream thread empties the buffer before each commit, and
     * nothing shows.
     */
    private static final Duration TIMER = Duration.ofMillis(997);

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private record Waiting(Record<byte[], NaturalBatch> event, Optional<RecordMetadata> place) {}

    private final Processor<byte[], NaturalBatch, String, Outcome> scoring;
    private final List<Waiting> buffer = new ArrayList<>();
    private ProcessorContext<String, Outcome> context;
    private Optional<RecordMetadata> place = Optional.empty();

    private BufferAndTimer(Processor<byte[], NaturalBatch, String, Outcome> scoring) {
        this.scoring = scoring;
    }

    @Override
    public void init(ProcessorContext<String, Outcome> processorContext) {
        context = processorContext;
        scoring.init(rememberingPlaces());
        context.schedule(TIMER, PunctuationType.WALL_CLOCK_TIME, now -> flush());
    }

    @Override
    public void process(Record<byte[], NaturalBatch> event) {
        buffer.add(new Waiting(event, context.recordMetadata()));
    }

    private void flush() {
        for (Waiting waiting : buffer) {
            place = waiting.place;
            scoring.process(waiting.event);
        }
        buffer.clear();
    }

    @Override
    public void close() {
        scoring.close();
    }

    /** The context, with the place of the buffered event: a timer's own has none. */
    @SuppressWarnings("unchecked")
    private ProcessorContext<String, Outcome> rememberingPlaces() {
        return (ProcessorContext<String, Outcome>) Proxy.newProxyInstance(
                BufferAndTimer.class.getClassLoader(),
                new Class<?>[] {ProcessorContext.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("recordMetadata")) {
                        return place;
                    }
                    try {
                        return method.invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private record Supplier(Scoring scoring) implements ProcessorSupplier<byte[], NaturalBatch, String, Outcome> {
        @Override
        public Processor<byte[], NaturalBatch, String, Outcome> get() {
            return new BufferAndTimer(scoring.get());
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return scoring.stores();
        }
    }

    /** The child: a properties file as {@code sequitur run} takes it. Ends at SIGTERM. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Properties config = new Properties();
        try (var file = Files.newBufferedReader(Path.of(args[0]))) {
            config.load(file);
        }
        config.setProperty("ensure.explicit.internal.resource.naming", "true");
        config.setProperty("producer.batch.size", "262144");
        ModelBundle bundle = ModelBundle.load(Path.of(config.getProperty("sequitur.bundle")));
        KafkaStreams streams = new KafkaStreams(topology(bundle, config).build(config), config);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> streams.close(CloseOptions.timeout(STOP_PATIENCE)
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP))));
        streams.start();
        new CountDownLatch(1).await();
    }

    private static StreamsBuilder topology(ModelBundle bundle, Properties config) {
        StreamsBuilder builder = new StreamsBuilder();
        ScoringSettings settings = new ScoringSettings(
                true,
                new StateSettings(true, OnModelChange.FAIL, StatePrecision.FLOAT32),
                NaturalBatchInterceptor.DEFAULT_MAX_EVENTS,
                false,
                // Or the states would be refused after a failure, for what they lack is committed.
                true,
                LateEvents.processed(),
                900_000,
                EventFormat.singleObject());
        KStream<String, Outcome> outcomes = builder.stream(
                        config.getProperty("sequitur.input.topic"),
                        Consumed.with(Serdes.ByteArray(), new NaturalBatchSerde())
                                .withName("events"))
                .process(new Supplier(new Scoring(bundle.model(), settings)), Named.as("score"));
        Outcome.branch(outcomes, Outcome.Branch.SCORED, Outcome.Scored.class, Outcome.Scored::score)
                .to(
                        config.getProperty("sequitur.scores.topic"),
                        Produced.with(Serdes.String(), new SingleObjectSerde<>(Score.class)));
        Outcome.branch(outcomes, Outcome.Branch.PREDICTED, Outcome.Predicted.class, Outcome.Predicted::prediction)
                .to(
                        config.getProperty("sequitur.predictions.topic"),
                        Produced.with(Serdes.String(), new SingleObjectSerde<>(Prediction.class)));
        Outcome.branch(outcomes, Outcome.Branch.NOT_SCORED, Outcome.Rejected.class, Outcome.Rejected::letter)
                .map((key, letter) -> KeyValue.pair(letter.key(), letter))
                .to(
                        config.getProperty("errors.dead.letter.queue.topic.name"),
                        Produced.with(
                                Serdes.ByteArray(),
                                Serdes.serdeFrom(DeadLetter.serializer(), DeadLetter.noDeserializer())));
        return builder;
    }
}
