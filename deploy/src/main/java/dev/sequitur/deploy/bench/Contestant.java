package dev.sequitur.deploy.bench;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.topology.SequiturTopology;
import dev.sequitur.topology.SequiturTopologyBuilder;
import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.state.EntityStates;
import java.util.Arrays;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A way to process the benchmark's events. All get the same Streams settings where they have a choice. */
public enum Contestant {
    /** Reads a state of Sequitur's size, changes it, writes it. No model, no result: what Kafka Streams itself costs. */
    STATE_ONLY("state only", "reads, changes and writes a state of the same bytes; no model, no result") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            HandScorer.Scored sample = HandScorer.sample(bundle.model());
            return plain(topology(input, output, () -> new StateOnly(sample, false)), bundle, settings);
        }
    },
    STATE_AND_RESULT("state and result", "the same, and writes a result of the same bytes as a score") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            HandScorer.Scored sample = HandScorer.sample(bundle.model());
            return plain(topology(input, output, () -> new StateOnly(sample, true)), bundle, settings);
        }
    },
    SEQUITUR("sequitur", "the topology as it comes") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            return watched(bundle, input, output, settings, results -> {});
        }
    },
    ONE_BY_ONE("sequitur, one by one", "the topology with one event a call") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            // Its carriers are events, so what counts carriers is as for those who have none.
            return sequitur(
                    SequiturTopology.of(bundle.model())
                            .input(input)
                            .scores(output)
                            .maxBatchEvents(1),
                    plain(bundle, settings),
                    results -> {});
        }
    },
    BY_HAND("by hand", "a processor that calls Session.run for each event, as one would write it") {
        @Override
        Plan plan(ModelBundle bundle, String input, String output, Properties settings) {
            return plain(topology(input, output, () -> new ByHand(bundle.model())), bundle, settings);
        }
    };

    /**
     * A topology and its settings.
     *
     * @param store name of its state store
     */
    record Plan(Topology topology, Properties properties, String store) {}

    private static final String STORE = "state";
    private static final String KAFKAS_BUFFERED_RECORDS = "1000";

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

    /** Whether it makes a call for each event. */
    boolean slow() {
        return this == ONE_BY_ONE || this == BY_HAND;
    }

    abstract Plan plan(ModelBundle bundle, String input, String output, Properties settings);

    /** {@link #SEQUITUR}, with something more done with its scores. */
    static Plan watched(
            ModelBundle bundle,
            String input,
            String output,
            Properties settings,
            Consumer<SequiturTopology.Results> watch) {
        return sequitur(SequiturTopology.of(bundle.model()).input(input).scores(output), settings, watch);
    }

    private static Plan sequitur(
            SequiturTopologyBuilder builder, Properties settings, Consumer<SequiturTopology.Results> watch) {
        SequiturTopology sequitur = builder.build();
        StreamsBuilder streams = new StreamsBuilder();
        watch.accept(sequitur.addTo(streams));
        Properties properties = sequitur.configure(settings);
        return new Plan(streams.build(properties), properties, EntityStates.STORE);
    }

    private static Plan plain(Topology topology, ModelBundle bundle, Properties settings) {
        return new Plan(topology, plain(bundle, settings), STORE);
    }

    /** What Sequitur sets, but for what has to do with carriers: exactly once, large producer batches, large polls. */
    private static Properties plain(ModelBundle bundle, Properties settings) {
        Properties all = SequiturTopology.of(bundle.model())
                .input("unused")
                .scores("unused")
                .build()
                .configure(settings);
        restore(all, settings, StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG));
        restore(all, settings, StreamsConfig.mainConsumerPrefix(NaturalBatchInterceptor.TOPICS));
        restore(all, settings, StreamsConfig.mainConsumerPrefix(NaturalBatchInterceptor.MAX_EVENTS));
        restore(all, settings, StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG);
        all.putIfAbsent(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, KAFKAS_BUFFERED_RECORDS);
        return all;
    }

    /** Takes back what {@code configure} set. */
    private static void restore(Properties all, Properties settings, String key) {
        all.remove(key);
        if (settings.containsKey(key)) {
            all.put(key, settings.get(key));
        }
    }

    private interface Step extends Processor<String, byte[], String, byte[]> {}

    private static Topology topology(
            String input, String output, ProcessorSupplier<String, byte[], String, byte[]> step) {
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

    private static final class StateOnly implements Step {
        private final int stateBytes;
        private final int resultBytes;
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> store;

        /** @param sample has the sizes */
        StateOnly(HandScorer.Scored sample, boolean results) {
            this.stateBytes = sample.state().length;
            this.resultBytes = results ? sample.score().length : 0;
        }

        @Override
        public void init(ProcessorContext<String, byte[]> processorContext) {
            context = processorContext;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> event) {
            byte[] found = store.get(event.key());
            byte[] state = found == null ? new byte[stateBytes] : found.clone();
            byte seen = event.value()[event.value().length - 1];
            // As cheap as a change of every byte can be: what is measured is Kafka Streams.
            for (int i = 0; i < state.length; i++) {
                state[i] += seen;
            }
            store.put(event.key(), state);
            if (resultBytes > 0) {
                context.forward(event.withValue(Arrays.copyOf(state, resultBytes)));
            }
        }
    }

    private static final class ByHand implements Step {
        private final HandScorer scorer;
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> store;

        ByHand(SequenceModel model) {
            this.scorer = new HandScorer(model);
        }

        @Override
        public void init(ProcessorContext<String, byte[]> processorContext) {
            context = processorContext;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            HandScorer.Scored scored = scorer.score(record.key(), record.value(), store.get(record.key()));
            store.put(record.key(), scored.state());
            context.forward(record.withValue(scored.score()));
        }
    }
}
