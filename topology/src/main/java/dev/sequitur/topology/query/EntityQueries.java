package dev.sequitur.topology.query;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.generate.Continuation;
import dev.sequitur.model.generate.EntityPoint;
import dev.sequitur.model.generate.Forecast;
import dev.sequitur.model.generate.Rollout;
import dev.sequitur.model.generate.RolloutException;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.topology.history.EntityHistory;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.query.QueryException.Reason;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.Snapshot;
import dev.sequitur.topology.state.StateReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * What can be asked of the entities whose states are on this instance. Nothing that is asked changes a state, and no
 * answer waits for the stream or makes it wait: states are read as the last batch left them, and stepped on copies.
 *
 * <p>Threading: safe for use by many threads. The model's step function has to stay open.
 */
public final class EntityQueries {
    /**
     * {@link EntityStates#STORE} of the partitions of this instance: {@code streams.store(fromNameAndType(STORE,
     * keyValueStore()).withPartition(p))}.
     *
     * <p>Threading: is called by many threads.
     */
    @FunctionalInterface
    public interface Stores {
        /**
         * One of each partition that is here at that moment.
         *
         * @throws InvalidStateStoreException while one of them is being restored or moved
         */
        List<? extends ReadOnlyKeyValueStore<Bytes, byte[]>> all();

        /**
         * The one that has the entity if its partition was chosen as Kafka chooses; it is asked before all are.
         *
         * @return empty where that isn't known, or it isn't here
         */
        default Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> likely(String entity) {
            return Optional.empty();
        }
    }

    private final SequenceModel model;
    private final Rollout rollout;
    private final Stores stores;
    private final Optional<History> history;
    private final StateReader reader;
    private final Hypothesis hypothesis;

    /**
     * @param learned of the model's fields: a bundle's {@code learned()}
     * @param stores that are here
     * @param history that the topology keeps; without one there are predictions only of models without given fields
     */
    public EntityQueries(
            SequenceModel model, Map<String, LearnedField> learned, Stores stores, Optional<History> history) {
        this.model = model;
        this.rollout = new Rollout(model, learned);
        this.stores = stores;
        this.history = history;
        this.reader = new StateReader(model);
        this.hypothesis = new Hypothesis(model.spec());
    }

    /**
     * The entity's state after its last event.
     *
     * @return empty where this instance has none of that name
     * @throws InvalidStateStoreException while states are being restored or moved
     * @throws dev.sequitur.topology.state.StateException when another model wrote it
     */
    public Optional<Snapshot> state(String entity) {
        Bytes key = Bytes.wrap(entity.getBytes(StandardCharsets.UTF_8));
        return likely(entity, key)
                // Whoever wrote the topic chose the partition: each is asked.
                .or(() -> stores.all().stream()
                        .map(store -> store.get(key))
                        .filter(Objects::nonNull)
                        .findFirst())
                .map(bytes -> reader.read(entity, bytes))
                .filter(state -> state.clock().steps() > 0);
    }

    private Optional<byte[]> likely(String entity, Bytes key) {
        try {
            return stores.likely(entity).map(store -> store.get(key));
        } catch (InvalidStateStoreException e) {
            // It has moved meanwhile, and the entity may be in another one; if none can be asked, asking all says so.
            return Optional.empty();
        }
    }

    /**
     * Names of entities in the order of their bytes in UTF-8, which is that of their code points.
     *
     * @param prefix that they begin with
     * @param after from behind this one on; null for the first ones
     */
    public List<String> keys(String prefix, String after, int most) {
        byte[] first =
                (after == null || after.compareTo(prefix) < 0 ? prefix : after + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
        List<Bytes> keys = new ArrayList<>();
        for (ReadOnlyKeyValueStore<Bytes, byte[]> store : stores.all()) {
            try (KeyValueIterator<Bytes, byte[]> entries = store.range(Bytes.wrap(first), null)) {
                for (int found = 0; found < most && entries.hasNext(); found++) {
                    byte[] key = entries.next().key.get();
                    boolean entity = EntityStates.isEntity(key);
                    if (!entity || !Arrays.equals(key, 0, Math.min(key.length, start.length), start, 0, start.length)) {
                        break;
                    }
                    keys.add(Bytes.wrap(key));
                }
            }
        }
        return keys.stream()
                .sorted()
                .limit(most)
                .map(key -> new String(key.get(), StandardCharsets.UTF_8))
                .toList();
    }

    /**
     * What is expected of the entity's next event: the fields that the spec predicts. It is computed from the state alone.
     *
     * @return none where the prediction reads the given fields of the last event, which a state doesn't hold, and no
     *     history knows that event
     */
    public List<Expectation> prediction(String entity, Snapshot state) {
        return parameters(entity, state)
                .map(p -> model.explainer().predict(p, 0))
                .orElse(List.of());
    }

    /** Parameters [P] of the next event's distribution. */
    private Optional<float[]> parameters(String entity, Snapshot state) {
        StepShape shape = model.step().shape();
        if (model.spec().fields(Role.GIVEN).isEmpty()) {
            // What was expected of an event doesn't depend on it.
            StepBatch batch = batch(state.row());
            Arrays.fill(batch.features, 0, shape.features(), 0f);
            model.step().step(batch);
            return Optional.of(Arrays.copyOf(batch.expected, shape.parameters()));
        }
        return history.flatMap(h -> h.entity(entity))
                .flatMap(past -> past.replay(1))
                .map(replay -> {
                    StepBatch batch = batch(replay.base());
                    for (int i = 0; i < replay.scores().size(); i++) {
                        System.arraycopy(replay.inputs(), i * shape.features(), batch.features, 0, shape.features());
                        model.step().step(batch);
                    }
                    return Arrays.copyOf(batch.prediction, shape.parameters());
                });
    }

    private StepBatch batch(float[] row) {
        StepBatch batch = new StepBatch(model.step().shape());
        batch.resize(1);
        System.arraycopy(row, 0, batch.state, 0, row.length);
        return batch;
    }

    /**
     * What an event would mean that didn't come.
     *
     * @param timeMs event time that was taken
     * @param fields with what was expected of each before the event
     * @param predictionAfter what would follow it; none after the end of the sequence
     */
    public record Imagined(
            long timeMs, Verdict verdict, List<FieldSurprise> fields, List<Expectation> predictionAfter) {}

    /**
     * Scores an event that is made up. The entity's state and its alarms' memory stay as they are.
     *
     * @param entity one without a state starts a sequence
     * @param time empty: when the next event is expected, by the median; or the last event's where the model predicts no
     *     time; or now, where there is no last event
     * @param fields by the fields' names; none for an END
     * @param end whether it is the end of the sequence
     * @throws QueryException when it is no event of the spec
     */
    public Imagined whatIf(String entity, Optional<Instant> time, Map<String, Object> fields, boolean end) {
        StepShape shape = model.step().shape();
        Snapshot state = state(entity)
                .orElseGet(() -> Snapshot.none(shape.state(), model.alarms().memoryBytes()));
        StepBatch batch = batch(state.row());
        EntityClock clock = state.clock();
        Event event = null;
        if (end) {
            requireEnd(entity, clock, fields);
            model.encoder().encodeEnd(batch.features, 0);
        } else {
            event = hypothesis.event(entity, time.orElseGet(() -> nextTime(entity, state)), fields);
            clock = clock.at(event.timeMs(), model.spec().sessionGap().orElse(null));
            model.encoder().encode(event, clock, batch.features, 0);
        }
        model.step().step(batch);
        Verdict verdict = model.judge(event, clock, batch, 0, state.memory());
        if (!Double.isFinite(verdict.surprise())) {
            throw new QueryException(
                    Reason.WRONG,
                    "fields: the model's surprise at this event isn't finite",
                    "values within the range that the model was trained on",
                    String.valueOf(fields),
                    "Choose less extreme values; such an event would go to the dead letters.");
        }
        return new Imagined(
                event == null ? clock.lastEventMs() : event.timeMs(),
                verdict,
                model.explainer().explain(event, clock, batch, 0),
                event == null || event.last() ? List.of() : model.explainer().predict(batch.prediction, 0));
    }

    private void requireEnd(String entity, EntityClock clock, Map<String, Object> fields) {
        if (!(model.spec().end() instanceof PipelineSpec.EndSpec.Last)) {
            throw new QueryException(
                    Reason.WRONG,
                    "end: the spec '" + model.spec().name() + "' knows no END",
                    "end: false",
                    "true",
                    "Leave 'end' out.");
        }
        if (!fields.isEmpty()) {
            throw new QueryException(
                    Reason.WRONG,
                    "fields: an END brings none",
                    "no fields beside end: true",
                    String.valueOf(fields.keySet()),
                    "Leave 'fields' out, or 'end'.");
        }
        if (clock.steps() == 0) {
            throw new QueryException(
                    Reason.UNKNOWN,
                    "Entity '" + entity + "' has no sequence under way that could end",
                    "an entity with a state",
                    entity,
                    "Choose one of /api/v1/entities.");
        }
    }

    private Instant nextTime(String entity, Snapshot state) {
        if (state.clock().steps() == 0) {
            return Instant.now();
        }
        double gapMs = prediction(entity, state).stream()
                .filter(e -> e.getDistribution() instanceof Continuous && timed(e.getField()))
                .mapToDouble(e -> ((Continuous) e.getDistribution()).getMedian())
                .findFirst()
                .orElse(0);
        return Instant.ofEpochMilli(state.clock().lastEventMs() + Math.round(gapMs));
    }

    private boolean timed(String field) {
        return model.spec().fields().stream()
                .anyMatch(f -> f.name().equals(field) && f instanceof FieldSpec.SincePrevious);
    }

    /**
     * What may follow an entity's last event.
     *
     * @param steps what the samples have in common, step by step
     */
    public record Ahead(Snapshot state, List<Continuation> samples, List<Forecast> steps) {}

    /**
     * Draws what may follow, many times.
     *
     * @throws QueryException when the entity is unknown, or what its model reads can't be drawn
     */
    public Ahead rollout(String entity, Rollout.Options options) {
        Snapshot state = state(entity)
                .orElseThrow(() -> new QueryException(
                        Reason.UNKNOWN,
                        "There is no entity '" + entity + "'",
                        "an entity with a state",
                        entity,
                        "Choose one of /api/v1/entities."));
        float[] parameters = parameters(entity, state)
                .orElseThrow(() -> notPossible("The last event of '" + entity + "' isn't known any more"));
        Optional<EntityHistory.LastEvent> last = history.flatMap(h -> h.entity(entity))
                .flatMap(EntityHistory::lastEvent)
                .filter(known -> known.event().timeMs() <= state.clock().lastEventMs());
        EntityPoint point = new EntityPoint(
                state.row(),
                parameters,
                state.clock(),
                last.map(EntityHistory.LastEvent::event).orElseGet(() -> blank(entity, state.clock())),
                last.map(EntityHistory.LastEvent::gapMs).orElse(0L));
        try {
            List<Continuation> samples = rollout.run(point, last.isPresent() ? options : notHolding(options));
            return new Ahead(
                    state,
                    samples,
                    Forecast.of(
                            model.spec(), point, samples, model.spec().task().top()));
        } catch (RolloutException e) {
            if (options.hold()) {
                throw notPossible(
                        "The last event of '" + entity + "', whose values are to be held, isn't known any more");
            }
            throw new QueryException(
                    Reason.NOT_POSSIBLE,
                    e.getMessage(),
                    "a model that predicts all that it reads, or hold: true",
                    "hold: " + options.hold(),
                    "Set hold to true.");
        }
    }

    private static Rollout.Options notHolding(Rollout.Options options) {
        return new Rollout.Options(
                options.steps(), options.samples(), options.temperature(), options.topK(), options.seed(), false);
    }

    private static QueryException notPossible(String what) {
        return new QueryException(
                Reason.NOT_POSSIBLE,
                what,
                "an entity whose last event came since this instance took its partition over",
                "none in the history",
                "Ask again after its next event, or keep the history of more entities (sequitur.history.entities).");
    }

    private Event blank(String entity, EntityClock clock) {
        Object[] values = model.spec().fields().stream()
                .map(f -> f instanceof FieldSpec.Flags flags
                        ? new boolean[flags.flags().size()]
                        : null)
                .toArray();
        return new Event(entity, clock.lastEventMs(), values, false);
    }
}
