package dev.sequitur.topology.scoring;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.history.TaskHistory;
import dev.sequitur.topology.input.RecordKey;
import dev.sequitur.topology.input.RecordReader;
import dev.sequitur.topology.metrics.Count;
import dev.sequitur.topology.metrics.DeviceMetric;
import dev.sequitur.topology.metrics.Level;
import dev.sequitur.topology.metrics.Measure;
import dev.sequitur.topology.metrics.StageMetrics;
import dev.sequitur.topology.output.DeadLetters;
import dev.sequitur.topology.output.EventHeaders;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.HeldEvents;
import dev.sequitur.topology.state.LiveEntity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the events of a natural batch: each one is forwarded as scored or as rejected, in the order of arrival. When a
 * call throws, it wrote and forwarded nothing before the step function had returned for the whole batch.
 *
 * <p>Nothing is pending between two calls; or, where the settings say so, events are collected over several calls, and
 * nothing is pending when the task commits. Events that wait to be put in order are in a store.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class ScoringProcessor implements Processor<byte[], NaturalBatch, String, Outcome> {
    private static final Logger LOG = LoggerFactory.getLogger(ScoringProcessor.class);

    /** How often it is looked whether event time stands still. */
    private static final long LEAST_TICK_MS = 10;

    private static final long MOST_TICK_MS = 1000;

    /**
     * A turn takes some milliseconds, so that no batch waits for long; a million entities take about ten minutes. Not more
     * often: each turn has the record cache sort its keys.
     */
    private static final Duration SWEEP_INTERVAL = Duration.ofMillis(500);

    private static final int SWEPT_AT_ONCE = 1000;

    private final SequenceModel model;
    private final ScoringSettings settings;
    private final Optional<History> history;
    private final Function<Map<String, Object>, RestoredStates.Input> input;
    private final RecordReader reader;

    private ProcessorContext<String, Outcome> context;
    private DeadLetters deadLetters;
    private DeadLetters lateLetters;
    private StageMetrics metrics;
    private DeviceMetric device;
    private EntityStates states;
    private BatchStepper stepper;
    /** Null where events are stepped in the order of arrival. */
    private Reordering reordering;
    /** Both null where each call is a batch. */
    private Collected collected;

    private BeforeCommit beforeCommit;
    private boolean atLeastOnce;
    private boolean skippedBefore;
    private RestoredStates restored;
    /** Whether the states are known to have all events before the next one. */
    private boolean complete;

    private Cancellable sweeping;
    /** Null where none is kept. */
    private TaskHistory past;

    ScoringProcessor(
            SequenceModel model,
            ScoringSettings settings,
            Optional<History> history,
            Function<Map<String, Object>, RestoredStates.Input> input) {
        this.model = model;
        this.settings = settings;
        this.history = history;
        this.input = input;
        this.reader = new RecordReader(model.spec(), settings.format());
    }

    @Override
    public void init(ProcessorContext<String, Outcome> processorContext) {
        context = processorContext;
        requireSettings();
        atLeastOnce = RequiredSettings.isAtLeastOnce(context.appConfigs());
        deadLetters = DeadLetters.configured(context.appConfigs(), settings.maxDeadLetterBytes());
        lateLetters = settings.late()
                .topic()
                .map(topic -> DeadLetters.to(topic, settings.maxDeadLetterBytes()))
                .orElse(null);
        KeyValueStore<Bytes, byte[]> store = context.getStateStore(EntityStates.STORE);
        states = new EntityStates(store, model, settings.states());
        if (settings.collecting()) {
            collected = new Collected(settings.maxBatchEvents(), this::score);
            beforeCommit = context.getStateStore(BeforeCommit.STORE);
            beforeCommit.run(context, collected::flush, List.of(store));
        }
        if (atLeastOnce) {
            states.expectRedelivery();
        }
        restored = new RestoredStates(input.apply(context.appConfigs()));
        complete = false;
        sweeping = context.schedule(SWEEP_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> sweep());
        past = history.map(h -> h.open(model.step().shape())).orElse(null);
        stepper = new BatchStepper(model, settings.predicting(), settings.late().toleranceMs(), states, past);
        device = new DeviceMetric(context, "score", model.step().device().toString());
        metrics = new StageMetrics(context, "score", EnumSet.complementOf(EnumSet.of(Count.KEYED)))
                .measuring(Measure.values())
                .showing(Level.values());
        if (settings.late().reordered()) {
            putInOrder();
        }
    }

    private void putInOrder() {
        long graceMs = settings.late().grace().toMillis();
        reordering = new Reordering(
                new HeldEvents(context.getStateStore(HeldEvents.STORE)),
                graceMs,
                model.spec().end() instanceof EndSpec.Last,
                settings.maxBatchEvents(),
                settings.maxDeadLetterBytes(),
                this::read,
                this::step);
        metrics.show(Level.HELD, reordering.held());
        context.schedule(
                Duration.ofMillis(Math.min(Math.max(graceMs / 4, LEAST_TICK_MS), MOST_TICK_MS)),
                PunctuationType.WALL_CLOCK_TIME,
                this::tick);
    }

    private void tick(long nowMs) {
        if (collected != null) {
            // They have come, and event time may not have stood still.
            collected.flush();
        }
        reordering.tick(nowMs);
        metrics.show(Level.HELD, reordering.held());
    }

    private void requireSettings() {
        if (settings.derived()) {
            RequiredSettings.requireExactlyOnce(
                    context.appConfigs(), "a stream is scored that other processors made (applyTo)");
        }
        if (settings.late().reordered()) {
            RequiredSettings.requireExactlyOnce(
                    context.appConfigs(),
                    "events are stepped in another order than that of their offsets (reordering)");
        }
        if (settings.collecting()) {
            RequiredSettings.requireExactlyOnce(
                    context.appConfigs(), "events are collected over several calls (collecting)");
        }
        RequiredSettings.check(context.appConfigs());
    }

    @Override
    public void process(Record<byte[], NaturalBatch> carrier) {
        RecordMetadata place = context.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a natural batch comes from a topic, got a record without"
                        + " one; connect the processor to a source"));
        List<ConsumerRecord<byte[], byte[]>> events = carrier.value().events(carrier, place);
        if (!settings.derived() && !complete) {
            ConsumerRecord<byte[], byte[]> first = events.get(0);
            OptionalLong consumed = states.consumed();
            restored.require(
                    new TopicPartition(first.topic(), first.partition()),
                    consumed,
                    consumed.isEmpty() && states.none(),
                    first.offset());
            complete = true;
        }
        if (atLeastOnce) {
            states.begin(events.get(0).offset(), committed(carrier.value()));
        }
        if (collected != null) {
            collected.add(events);
        } else {
            long startNanos = System.nanoTime();
            score(events);
            if (carrier.value() instanceof NaturalBatch.Polled polled) {
                polled.feed().processed(events.size(), System.nanoTime() - startNanos);
                long next = events.get(events.size() - 1).offset() + 1;
                metrics.show(Level.BACKLOG, polled.feed().polledTo() - next);
            }
        }
    }

    private void score(List<ConsumerRecord<byte[], byte[]>> events) {
        List<Arrival> arrivals = new ArrayList<>(events.size());
        for (ConsumerRecord<byte[], byte[]> event : events) {
            arrivals.add(read(event));
        }
        metrics.add(Count.CONSUMED, arrivals.size());
        if (reordering == null) {
            step(arrivals);
        } else {
            reordering.take(arrivals, context.currentSystemTimeMs());
            metrics.show(Level.HELD, reordering.held());
        }
        if (!settings.derived()) {
            ConsumerRecord<byte[], byte[]> last = events.get(events.size() - 1);
            if (beforeCommit == null) {
                states.consumed(last.offset());
            } else {
                beforeCommit.inPlaceOf(last, () -> states.consumed(last.offset()));
            }
        }
    }

    private void step(List<Arrival> arrivals) {
        if (states.evicting()) {
            takeTimes(arrivals);
        }
        Collection<LiveEntity> touched =
                stepper.step(arrivals.stream().filter(a -> !a.rejected()).toList());
        if (beforeCommit == null) {
            save(touched);
            arrivals.forEach(this::forward);
        } else {
            // The record under way is another one, or none.
            ConsumerRecord<byte[], byte[]> last =
                    arrivals.get(arrivals.size() - 1).record();
            beforeCommit.inPlaceOf(last, () -> save(touched));
            arrivals.forEach(arrival -> beforeCommit.inPlaceOf(arrival.record(), () -> forward(arrival)));
        }
        count(arrivals);
    }

    private void save(Collection<LiveEntity> touched) {
        long startNanos = System.nanoTime();
        touched.forEach(states::save);
        if (states.evicting()) {
            states.saveEventTime();
        }
        metrics.record(Measure.STATE_WRITE_TIME, (System.nanoTime() - startNanos) / 1e3);
    }

    private void takeTimes(List<Arrival> arrivals) {
        states.loadEventTime();
        for (Arrival arrival : arrivals) {
            if (!arrival.rejected()) {
                ConsumerRecord<byte[], byte[]> record = arrival.record();
                arrival.idleBefore(
                        arrival.event() == null
                                ? states.idleBefore(record.offset())
                                : states.idleBefore(
                                        record.offset(), arrival.event().timeMs(), record.timestamp()));
            }
        }
    }

    private void sweep() {
        if (!states.sweep(SWEPT_AT_ONCE)) {
            sweeping.cancel();
        }
        metrics.add(Count.EVICTED, states.takeEvicted());
        showStates();
    }

    private void showStates() {
        metrics.show(Level.ENTITIES, states.entities());
        metrics.show(Level.STATE_BYTES, states.bytes());
    }

    private static long committed(NaturalBatch batch) {
        if (batch instanceof NaturalBatch.Polled polled) {
            return polled.feed().committed();
        }
        throw new IllegalStateException("At-least-once needs to know what the consumer has committed, got an event that"
                + " its interceptor didn't see. Give KafkaStreams the properties of SequiturTopology.configure; in a"
                + " TopologyTestDriver, set processing.guarantee to " + StreamsConfig.EXACTLY_ONCE_V2
                + ": the results are the same.");
    }

    private Arrival read(ConsumerRecord<byte[], byte[]> record) {
        try {
            String entity = RecordKey.entity(record.key());
            return reader.event(record.value(), entity)
                    .map(event -> Arrival.of(record, event))
                    .orElseGet(() -> Arrival.end(record, entity));
        } catch (MalformedEventException e) {
            return Arrival.malformed(record, e);
        }
    }

    private void forward(Arrival arrival) {
        if (arrival.rejected()) {
            DeadLetters letters = arrival.dropped() ? lateLetters : deadLetters;
            context.forward(
                    letters.letter(arrival.record(), arrival.reason(), arrival.why()), Outcome.Branch.NOT_SCORED);
            return;
        }
        if (arrival.skipped()) {
            warnOfSkipped(arrival);
            return;
        }
        long timestamp = timestamp(arrival);
        Headers headers = EventHeaders.kept(arrival.record().headers(), settings.maxDeadLetterBytes() / 2);
        context.forward(
                new Record<>(arrival.entity(), new Outcome.Scored(arrival.score()), timestamp, headers),
                Outcome.Branch.SCORED);
        if (arrival.prediction() != null) {
            context.forward(
                    new Record<>(arrival.entity(), new Outcome.Predicted(arrival.prediction()), timestamp, headers),
                    Outcome.Branch.PREDICTED);
        }
    }

    private void warnOfSkipped(Arrival arrival) {
        if (!skippedBefore) {
            skippedBefore = true;
            LOG.warn(
                    "Event {}-{}@{} of entity '{}' was stepped before, and what it was stepped from is no longer known: it"
                            + " is skipped, without a result, and so is what follows of this kind. Offsets that were set"
                            + " back by hand, a topic that was created anew, or a commit whose answer was lost do this;"
                            + " the metric {}-total counts them.",
                    arrival.record().topic(),
                    arrival.record().partition(),
                    arrival.record().offset(),
                    arrival.entity(),
                    Count.SKIPPED.code());
        }
    }

    /**
     * The event time, as far as Kafka takes it: it knows none before 1970, and a broker refuses a record that is an hour
     * ahead of its clock, for ever. The score itself tells the right one.
     */
    private long timestamp(Arrival arrival) {
        long latest = Math.max(arrival.record().timestamp(), context.currentSystemTimeMs());
        return Math.max(0, Math.min(latest, arrival.score().getEventTime().toEpochMilli()));
    }

    private void count(List<Arrival> arrivals) {
        int scored = 0;
        int ended = 0;
        int late = 0;
        int dropped = 0;
        int alarms = 0;
        int duplicates = 0;
        int skipped = 0;
        for (Arrival arrival : arrivals) {
            duplicates += arrival.again() ? 1 : 0;
            if (arrival.skipped()) {
                skipped++;
                continue;
            }
            if (arrival.dropped()) {
                dropped++;
                continue;
            }
            if (arrival.rejected()) {
                metrics.deadLettered(arrival.reason());
                continue;
            }
            scored++;
            ended += arrival.last() ? 1 : 0;
            late += arrival.late() ? 1 : 0;
            alarms += arrival.score().getAlarm() ? 1 : 0;
        }
        metrics.add(Count.SCORED, scored);
        metrics.add(Count.DUPLICATES, duplicates);
        metrics.add(Count.SKIPPED, skipped);
        metrics.add(Count.ENDED, ended);
        metrics.add(Count.LATE, late);
        metrics.add(Count.LATE_DROPPED, dropped);
        metrics.add(Count.ALARMS, alarms);
        metrics.add(Count.RESETS, states.takeResets());
        metrics.add(Count.SATURATED, states.takeSaturated());
        metrics.add(Count.BATCHES, 1);
        metrics.record(Measure.BATCH_SIZE, arrivals.size());
        stepper.report(metrics);
        showStates();
    }

    @Override
    public void close() {
        // Streams closes a task that failed to initialise too.
        if (device != null) {
            device.close();
        }
        if (metrics != null) {
            metrics.close();
        }
        if (beforeCommit != null) {
            beforeCommit.forget();
        }
        if (past != null) {
            past.close();
        }
    }
}
