package dev.sequitur.topology;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.output.ResultFormat;
import dev.sequitur.topology.scoring.LateEvents;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Options of a {@link SequiturTopology}; only the input and the scores have no default, and a topology that is applied to
 * a stream has no input.
 *
 * <p>Threading: belongs to one thread.
 */
public final class SequiturTopologyBuilder {
    private final SequenceModel model;
    private String input;
    private String scores;
    private String predictions;
    private String deadLetters = "dead-letters";
    private boolean keyed = true;
    private LateEvents late = LateEvents.processed();
    private int maxBatchEvents = NaturalBatchInterceptor.DEFAULT_MAX_EVENTS;
    private boolean collecting;
    private boolean caching = true;
    private long hotStateBytes = StateSettings.DEFAULT_HOT_BYTES;
    private OnModelChange onModelChange = OnModelChange.FAIL;
    private StatePrecision statePrecision = StatePrecision.FLOAT32;
    private Optional<Duration> timeToLive = Optional.empty();
    private int maxRecordBytes = 900_000;
    private EventFormat events = EventFormat.singleObject();
    private ResultFormat results = ResultFormat.singleObject();
    private Optional<History> history = Optional.empty();

    SequiturTopologyBuilder(SequenceModel model) {
        this.model = Objects.requireNonNull(model, "model");
    }

    /**
     * The topic of the events, for {@link SequiturTopology#addTo}, encoded as {@link #eventFormat} says. No other stream of the
     * same application may read it, since its records arrive packed.
     */
    public SequiturTopologyBuilder input(String topic) {
        input = topic;
        return this;
    }

    public SequiturTopologyBuilder scores(String topic) {
        scores = topic;
        return this;
    }

    /** The topic of the predictions. Without it none are made. */
    public SequiturTopologyBuilder predictions(String topic) {
        predictions = topic;
        return this;
    }

    /**
     * The topic for events that can't be used, where the Streams properties name none as {@code
     * errors.dead.letter.queue.topic.name}. Default {@code dead-letters}.
     */
    public SequiturTopologyBuilder deadLetters(String topic) {
        deadLetters = topic;
        return this;
    }

    /**
     * Whether each record's key is its entity (default). If not, the entity is read from the value, and the events go
     * through a repartition topic.
     */
    public SequiturTopologyBuilder keyed(boolean byEntity) {
        keyed = byEntity;
        return this;
    }

    /**
     * What becomes of events that don't come in the order of their event time. Default {@link LateEvents#processed}: they
     * are stepped in the order of arrival, and counted.
     */
    public SequiturTopologyBuilder late(LateEvents policy) {
        late = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /** Most events that one batch holds, natural or collected. Default 4000. */
    public SequiturTopologyBuilder maxBatchEvents(int events) {
        maxBatchEvents = events;
        return this;
    }

    /**
     * Whether events are collected until they are {@link #maxBatchEvents} or the task commits, and stepped together then;
     * default false: what comes in one call of the processor is stepped at once. It pays where each call brings one event,
     * as behind {@link SequiturTopology#applyTo}, or few. Results wait up to {@code commit.interval.ms}; the guarantees
     * are the same. It needs exactly once, and a version of Kafka Streams that this was tested with
     * (docs/adr/0008-before-every-commit.md).
     */
    public SequiturTopologyBuilder collecting(boolean beforeCommits) {
        collecting = beforeCommits;
        return this;
    }

    /**
     * Whether the state store has a record cache (default). It pays where an entity has several events in a commit
     * interval, and costs where the entities don't fit into {@code statestore.cache.max.bytes}.
     */
    public SequiturTopologyBuilder caching(boolean cached) {
        caching = cached;
        return this;
    }

    /**
     * Heap that each partition may take to keep states as they are stepped, beside the store, which gets every change all
     * the same; 0 for none. Default {@value StateSettings#DEFAULT_HOT_BYTES}. Who is kept is neither looked up nor decoded
     * for the next batch. It pays where many of a partition's events are of entities that fit. States are kept under
     * exactly once and in {@link StatePrecision#FLOAT32} only.
     */
    public SequiturTopologyBuilder hotStateBytes(long bytes) {
        hotStateBytes = bytes;
        return this;
    }

    /** What happens to a state that another model wrote. Default {@link OnModelChange#FAIL}. */
    public SequiturTopologyBuilder onModelChange(OnModelChange policy) {
        onModelChange = policy;
        return this;
    }

    /**
     * What the numbers of state rows are stored in. Default {@link StatePrecision#FLOAT32}. With two bytes a number the
     * store, its changelog and its restore are about half as large. A row is rounded once for each batch that its entity
     * has an event in, so scores depend, within that error, on how events fell into batches. A number beyond the range is
     * stored as the largest, and counted; the event's own results are made of the full row. States that were written in
     * another precision are read as they are, and written anew with their entity's next event.
     */
    public SequiturTopologyBuilder statePrecision(StatePrecision precision) {
        statePrecision = precision;
        return this;
    }

    /**
     * How long an entity's state is kept without an event of it. Its partition's event time decides: the latest of the
     * events that came, none taken for later than its record's timestamp. An entity that was idle for longer starts anew
     * with its next event, whether or not a sweep had deleted its state by then. Without this option states are kept until
     * their END.
     */
    public SequiturTopologyBuilder stateTimeToLive(Duration limit) {
        timeToLive = Optional.of(limit);
        return this;
    }

    /**
     * Most bytes of key, value and headers that a dead letter keeps of its event, and that an event may have where the
     * topology writes it under its entity's key. Default 900,000: below the producer's {@code max.request.size}.
     */
    public SequiturTopologyBuilder maxRecordBytes(int bytes) {
        maxRecordBytes = bytes;
        return this;
    }

    /** How the values of events are encoded. Default {@link EventFormat#singleObject()}. */
    public SequiturTopologyBuilder eventFormat(EventFormat format) {
        events = format;
        return this;
    }

    /**
     * How scores and predictions are encoded. Default {@link ResultFormat#singleObject()}. Dead letters are the bytes that
     * came; what the topology stores is in single-object encoding always.
     */
    public SequiturTopologyBuilder resultFormat(ResultFormat format) {
        results = format;
        return this;
    }

    /**
     * Where the last events of entities are kept, in memory, so that they can be asked for while the stream goes on. Without
     * this option none are. One history belongs to one application.
     */
    public SequiturTopologyBuilder history(History kept) {
        history = Optional.of(kept);
        return this;
    }

    /** @throws IllegalArgumentException when an option is missing or wrong */
    public SequiturTopology build() {
        return new SequiturTopology(
                model,
                new SequiturOptions(
                        Optional.ofNullable(input),
                        scores,
                        Optional.ofNullable(predictions),
                        deadLetters,
                        keyed,
                        late,
                        maxBatchEvents,
                        collecting,
                        new StateSettings(caching, onModelChange, statePrecision, timeToLive, hotStateBytes),
                        maxRecordBytes,
                        events,
                        results,
                        history));
    }
}
