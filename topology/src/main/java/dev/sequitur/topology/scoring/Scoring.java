package dev.sequitur.topology.scoring;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.HeldEvents;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Supplies the processor that scores, with its state store. The model is shared by all tasks.
 *
 * <p>Threading: immutable.
 */
public final class Scoring implements ProcessorSupplier<byte[], NaturalBatch, String, Outcome> {
    private final SequenceModel model;
    private final ScoringSettings settings;
    private final Optional<History> history;
    private final Function<Map<String, Object>, RestoredStates.Input> input;

    public Scoring(SequenceModel model, ScoringSettings settings) {
        this(model, settings, Optional.empty());
    }

    /** @param history is told of what is scored */
    public Scoring(SequenceModel model, ScoringSettings settings, Optional<History> history) {
        this(model, settings, history, InputTopic::new);
    }

    /** @param input by the properties of Kafka Streams */
    Scoring(
            SequenceModel model,
            ScoringSettings settings,
            Optional<History> history,
            Function<Map<String, Object>, RestoredStates.Input> input) {
        this.model = model;
        this.settings = settings;
        this.history = history;
        this.input = input;
    }

    @Override
    public Processor<byte[], NaturalBatch, String, Outcome> get() {
        return new ScoringProcessor(model, settings, history, input);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        Set<StoreBuilder<?>> stores = new HashSet<>();
        stores.add(EntityStates.storeBuilder(settings.states()));
        if (settings.collecting()) {
            stores.add(BeforeCommit.builder());
        }
        if (settings.late().reordered()) {
            stores.add(HeldEvents.storeBuilder());
        }
        return stores;
    }
}
