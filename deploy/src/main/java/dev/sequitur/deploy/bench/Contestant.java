package dev.sequitur.deploy.bench;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.SequiturTopology;
import dev.sequitur.topology.SequiturTopologyBuilder;
import dev.sequitur.topology.input.RecordReader;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A way to process the benchmark's events. All get the same Streams settings where they have a choice. */
public enum Contestant {
    /** Reads a state of Sequitur's size, changes it, writes it. No model, no result: what Kafka Streams itself costs. */
    STATE_ONLY("state only", "reads, changes and writes a state of the same bytes; no model, no result") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            int bytes = stateBytes(bundle.model());
            return Plan.of(topology(input, output, () -> new StateOnly(bytes, false)), plain(bundle, settings));
        }
    },
    STATE_AND_RESULT("state and result", "the same, and writes a result of the same bytes as a score") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            int bytes = stateBytes(bundle.model());
            return Plan.of(topology(input, output, () -> new StateOnly(bytes, true)), plain(bundle, settings));
        }
    },
    SEQUITUR("sequitur", "the topology as it comes") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            return sequitur(SequiturTopology.of(bundle.model()).input(input).scores(output), settings);
        }
    },
    ONE_BY_ONE("sequitur, one by one", "the topology with one event a call") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            return sequitur(
                    SequiturTopology.of(bundle.model())
                            .input(input)
                            .scores(output)
                            .maxBatchEvents(1),
                    settings);
        }
    },
    BY_HAND("by hand", "a processor that calls Session.run for each event, as one would write it") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            return Plan.of(topology(input, output, () -> new ByHand(bundle.model())), plain(bundle, settings));
        }
    };

    /** A topology and its settings. */
    public record Plan(Topology topology, Properties properties) {
        static Plan of(Topology topology, Properties properties) {
            return new Plan(topology, properties);
        }
    }

    private static final String STORE = "state";
    /** Of a score of the benchmark's model. */
    private static final int RESULT_BYTES = 220;

    private final String title;
    private final String description;

    Contestant(String title, String description) {
        this.title = title;
        this.description = description;
    }

    String title() {
        return title;
    }

    String description() {
        return description;
    }

    abstract Plan plan(ModelBundle bundle, String input, String output, Properties settings);

    private static Plan sequitur(SequiturTopologyBuilder builder, Properties settings) {
        SequiturTopology sequitur = builder.build();
        StreamsBuilder streams = new StreamsBuilder();
        sequitur.addTo(streams);
        Properties properties = sequitur.configure(settings);
        return new Plan(streams.build(properties), properties);
    }

    /** What Sequitur sets for everyone: exactly once, large producer batches, large polls. */
    private static Properties plain(ModelBundle bundle, Properties settings) {
        Properties all = SequiturTopology.of(bundle.model())
                .input("unused")
                .scores("unused")
                .build()
                .configure(settings);
        all.remove(StreamsConfig.mainConsumerPrefix("interceptor.classes"));
        all.remove(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG);
        return all;
    }

    private interface Step extends Processor<String, byte[], String, byte[]> {}

    private static Topology topology(
            String input,
            String output,
            org.apache.kafka.streams.processor.api.ProcessorSupplier<String, byte[], String, byte[]> step) {
        Topology topology = new Topology();
        topology.addSource(
                "events", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), input);
        topology.addProcessor("step", step, "events");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                        .withCachingEnabled(),
                "step");
        topology.addSink(
                "results",
                output,
                Serdes.String().serializer(),
                Serdes.ByteArray().serializer(),
                "step");
        return topology;
    }

    private static int stateBytes(SequenceModel model) {
        EntityState state = new EntityState(
                model.fingerprint(),
                100L,
                0L,
                0L,
                0L,
                ByteBuffer.allocate(Float.BYTES * model.step().shape().state()),
                // Nothing is remembered of an entity that isn't in an alarm.
                ByteBuffer.allocate(0),
                RowPrecision.FLOAT32,
                null);
        return new SingleObjectSerde<>(EntityState.class).serializer().serialize("state", state).length;
    }

    private static final class StateOnly implements Step {
        private final int bytes;
        private final boolean results;
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> store;

        StateOnly(int bytes, boolean results) {
            this.bytes = bytes;
            this.results = results;
        }

        @Override
        public void init(ProcessorContext<String, byte[]> processorContext) {
            context = processorContext;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> event) {
            byte[] state = store.get(event.key());
            state = state == null ? new byte[bytes] : state.clone();
            for (int i = 0; i < state.length; i++) {
                state[i] += event.value()[i % event.value().length];
            }
            store.put(event.key(), state);
            if (results) {
                context.forward(event.withValue(Arrays.copyOf(state, RESULT_BYTES)));
            }
        }
    }

    private static final class ByHand implements Step {
        private final SequenceModel model;
        private final RecordReader reader;
        private final StepBatch batch;
        private final SingleObjectSerde<EntityState> states = new SingleObjectSerde<>(EntityState.class);
        private final SingleObjectSerde<Score> scores = new SingleObjectSerde<>(Score.class);
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> store;

        ByHand(SequenceModel model) {
            this.model = model;
            this.reader = new RecordReader(model.spec(), List.of());
            this.batch = new StepBatch(model.step().shape());
            batch.resize(1);
        }

        @Override
        public void init(ProcessorContext<String, byte[]> processorContext) {
            context = processorContext;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            Event event = read(record);
            EntityClock clock = EntityClock.START;
            ByteBuffer memory = model.alarms().memory();
            byte[] bytes = store.get(record.key());
            if (bytes == null) {
                Arrays.fill(batch.state, 0f);
            } else {
                EntityState state = states.deserializer().deserialize(STORE, bytes);
                clock = new EntityClock(state.getSteps(), state.getSessionStart(), state.getLastEventTime());
                state.getRow().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(batch.state);
                memory.put(0, state.getMemory(), 0, state.getMemory().remaining());
            }
            EntityClock found = clock.at(event.timeMs(), null);
            model.encoder().encode(event, found, batch.features, 0);
            model.step().step(batch);
            Verdict verdict = model.judge(event, found, batch, 0, memory);
            EntityClock after = found.after(event.timeMs());
            ByteBuffer row =
                    ByteBuffer.allocate(batch.state.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            row.asFloatBuffer().put(batch.state);
            store.put(
                    record.key(),
                    states.serializer()
                            .serialize(
                                    STORE,
                                    new EntityState(
                                            model.fingerprint(),
                                            after.steps(),
                                            after.sessionStartMs(),
                                            after.lastEventMs(),
                                            0L,
                                            row,
                                            memory,
                                            RowPrecision.FLOAT32,
                                            null)));
            Score score = new Score(
                    record.key(),
                    Instant.ofEpochMilli(event.timeMs()),
                    0,
                    0L,
                    after.steps(),
                    false,
                    verdict.surprise(),
                    verdict.score(),
                    verdict.alarm(),
                    verdict.alarming(),
                    model.fingerprint(),
                    model.explainer().explain(event, found, batch, 0));
            context.forward(record.withValue(scores.serializer().serialize("results", score)));
        }

        private Event read(Record<String, byte[]> record) {
            try {
                return reader.event(record.value(), record.key()).orElseThrow();
            } catch (MalformedEventException e) {
                throw new IllegalStateException("the benchmark makes events of its own spec", e);
            }
        }
    }
}
