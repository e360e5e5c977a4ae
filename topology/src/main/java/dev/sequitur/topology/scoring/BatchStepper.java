package dev.sequitur.topology.scoring;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.batch.Packing;
import dev.sequitur.topology.history.TaskHistory;
import dev.sequitur.topology.metrics.Count;
import dev.sequitur.topology.metrics.Measure;
import dev.sequitur.topology.metrics.StageMetrics;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.LiveEntity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps the events of a batch, each entity's in their order, in the calls of the step function that {@link Packing} plans:
 * many entities side by side, some steps of each. An event whose result isn't finite is rejected; its entity's state stays
 * as it was, and the events after it are stepped as if it had never come.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class BatchStepper {
    /** Of a batch, as many entities have. */
    private static final int EVENTS_EACH = 4;

    private final SequenceModel model;
    private final StepShape shape;
    private final Duration sessionGap;
    private final long toleranceMs;
    private final boolean predicting;
    private final EntityStates states;
    private final StepBatch batch;
    private final Packing packing;
    /** Null where none is kept. */
    private final TaskHistory history;

    private long waves;
    private long blocks;
    private long slots;
    private long evicted;
    private long filled;
    private long readNanos;
    private long stepNanos;

    /**
     * @param predicting whether arrivals get a prediction of what follows
     * @param toleranceMs how far an event may lie before its entity's latest one
     * @param history is told of what was stepped; null for none
     */
    BatchStepper(SequenceModel model, boolean predicting, long toleranceMs, EntityStates states, TaskHistory history) {
        this.model = model;
        this.shape = model.step().shape();
        this.sessionGap = model.spec().sessionGap().orElse(null);
        this.toleranceMs = toleranceMs;
        this.predicting = predicting;
        this.states = states;
        this.history = history;
        this.batch = new StepBatch(shape);
        this.packing = new Packing(model.step().blocks());
    }

    /**
     * Scores, drops or rejects every arrival, or, under at-least-once, leaves it as it is where it can't be stepped again.
     * Nothing is written: the entities' new states are returned.
     *
     * @param arrivals none of them rejected yet
     */
    Collection<LiveEntity> step(List<Arrival> arrivals) {
        Map<String, List<Arrival>> byEntity = new LinkedHashMap<>();
        for (Arrival arrival : arrivals) {
            byEntity.computeIfAbsent(arrival.entity(), name -> new ArrayList<>(EVENTS_EACH))
                    .add(arrival);
        }
        List<Lane> lanes = load(byEntity);
        for (Packing.Call call : packing.plan(lanes.stream().map(Lane::plan).toList())) {
            step(call, lanes);
        }
        // Where a result was rejected, the plan was made for another clock.
        List<Lane> left = lanes;
        while (!(left = left.stream().filter(lane -> !lane.done()).toList()).isEmpty()) {
            int[] lengths = new int[left.size()];
            Arrays.fill(lengths, 1);
            step(1, left, lengths);
        }
        return lanes.stream().map(Lane::entity).toList();
    }

    private List<Lane> load(Map<String, List<Arrival>> byEntity) {
        long startNanos = System.nanoTime();
        List<Lane> lanes = new ArrayList<>(byEntity.size());
        byEntity.forEach((name, arrivals) -> lanes.add(lane(states.load(name), arrivals)));
        readNanos += System.nanoTime() - startNanos;
        return lanes;
    }

    private Lane lane(LiveEntity entity, List<Arrival> arrivals) {
        arrivals.removeIf(arrival -> {
            long offset = arrival.record().offset();
            arrival.again(entity.knows(offset));
            return !entity.accepts(offset);
        });
        return new Lane(entity, arrivals, sessionGap, toleranceMs);
    }

    private void step(Packing.Call call, List<Lane> lanes) {
        List<Lane> rows = new ArrayList<>(call.lanes().length);
        int[] lengths = new int[call.lanes().length];
        for (int i = 0; i < call.lanes().length; i++) {
            Lane lane = lanes.get(call.lanes()[i]);
            if (!lane.offPlan()) {
                lengths[rows.size()] = call.lengths()[i];
                rows.add(lane);
            }
        }
        if (!rows.isEmpty()) {
            step(call.steps(), rows, lengths);
        }
    }

    private void step(int steps, List<Lane> rows, int[] lengths) {
        batch.resize(steps, rows.size());
        for (int row = 0; row < rows.size(); row++) {
            fill(row, rows.get(row), lengths[row]);
        }
        long startNanos = System.nanoTime();
        model.step().step(batch);
        stepNanos += System.nanoTime() - startNanos;
        filled += Arrays.stream(lengths, 0, rows.size()).sum();
        if (steps == 1) {
            waves++;
        } else {
            blocks++;
        }
        slots += (long) steps * batch.width();
        for (int row = 0; row < rows.size(); row++) {
            take(row, rows.get(row), lengths[row]);
        }
    }

    private void fill(int row, Lane lane, int length) {
        batch.lengths[row] = length;
        for (int t = 0; t < length; t++) {
            int at = batch.slot(t, row) * shape.features();
            Arrival arrival = lane.arrival(t);
            if (arrival.event() == null) {
                model.encoder().encodeEnd(batch.features, at);
            } else {
                model.encoder().encode(arrival.event(), lane.clock(t), batch.features, at);
            }
        }
        for (int t = length; t < batch.steps(); t++) {
            // Ignored, but a NaN that an earlier batch left here would survive being masked by a product.
            int at = batch.slot(t, row) * shape.features();
            Arrays.fill(batch.features, at, at + shape.features(), 0f);
        }
        int at = row * shape.state();
        if (lane.clock(0).steps() == 0) {
            // The reset inside the step is a product too.
            Arrays.fill(batch.state, at, at + shape.state(), 0f);
        } else {
            lane.entity().copyRow(batch.state, at);
        }
    }

    private void take(int row, Lane lane, int length) {
        if (!finite(row, length)) {
            if (length == 1) {
                lane.arrival(0).reject(notFinite(lane));
                lane.leavePlan();
                lane.passed(1);
            } else {
                // Which of them it is shows when each is stepped alone.
                lane.leavePlan();
            }
            return;
        }
        LiveEntity entity = lane.entity();
        if (lane.arrival(0).evicts(entity.clock())) {
            entity.evict();
            evicted++;
        }
        if (history != null) {
            history.stepping(entity, lane.clock(0).steps() == 0, lane.arrival(0).again());
        }
        for (int t = 0; t < length; t++) {
            Arrival arrival = lane.arrival(t);
            EntityClock clock = lane.clock(t);
            int slot = batch.slot(t, row);
            long timeMs = arrival.timeMs(clock);
            arrival.scored(
                    score(arrival, clock, slot, entity),
                    predicting && !arrival.last() ? predict(arrival, clock, slot) : null,
                    clock.steps() > 0 && timeMs < clock.lastEventMs());
            if (history != null) {
                history.stepped(arrival.score(), arrival.event(), batch.features, slot * shape.features());
            }
        }
        Arrival last = lane.arrival(length - 1);
        long first = lane.arrival(0).record().offset();
        if (last.last()) {
            entity.end(first, last.record().offset());
        } else {
            EntityClock found = lane.clock(length - 1);
            entity.advance(
                    found.after(last.timeMs(found)), first, last.record().offset(), batch.state, row * shape.state());
        }
        lane.passed(length);
    }

    private NotFiniteResultException notFinite(Lane lane) {
        return new NotFiniteResultException("model " + model.fingerprint() + " gave entity '"
                + lane.entity().name() + "' a state or a surprise that is not finite at step "
                + (lane.clock(0).steps() + 1)
                + "; the state stays as it was. Check the event's values against the range that the model was"
                + " trained on.");
    }

    private boolean finite(int row, int length) {
        for (int t = 0; t < length; t++) {
            if (!finite(batch.surprise, batch.slot(t, row), shape.surprises())) {
                return false;
            }
        }
        return finite(batch.state, row, shape.state());
    }

    private Score score(Arrival arrival, EntityClock clock, int slot, LiveEntity entity) {
        Verdict verdict = model.judge(arrival.event(), clock, batch, slot, entity.memory());
        return new Score(
                entity.name(),
                Instant.ofEpochMilli(arrival.timeMs(clock)),
                arrival.record().partition(),
                arrival.record().offset(),
                clock.steps() + 1,
                arrival.event() == null,
                verdict.surprise(),
                verdict.score(),
                verdict.alarm(),
                verdict.alarming(),
                model.fingerprint(),
                model.explainer().explain(arrival.event(), clock, batch, slot));
    }

    private Prediction predict(Arrival arrival, EntityClock clock, int slot) {
        return new Prediction(
                arrival.entity(),
                Instant.ofEpochMilli(arrival.timeMs(clock)),
                arrival.record().partition(),
                arrival.record().offset(),
                clock.steps() + 1,
                model.fingerprint(),
                model.explainer().predict(batch.prediction, slot));
    }

    private static boolean finite(float[] values, int row, int width) {
        for (int i = row * width; i < (row + 1) * width; i++) {
            if (!Float.isFinite(values[i])) {
                return false;
            }
        }
        return true;
    }

    /** Counts the calls since the last report, and what they took. */
    void report(StageMetrics metrics) {
        metrics.add(Count.WAVES, waves);
        metrics.add(Count.BLOCKS, blocks);
        metrics.add(Count.SLOTS, slots);
        metrics.add(Count.EVICTED, evicted);
        evicted = 0;
        metrics.record(Measure.STATE_READ_TIME, readNanos / 1e3);
        if (slots > 0) {
            metrics.record(Measure.STEP_TIME, stepNanos / 1e3);
            metrics.record(Measure.PADDING_SHARE, 1 - (double) filled / slots);
        }
        waves = 0;
        blocks = 0;
        slots = 0;
        filled = 0;
        readNanos = 0;
        stepNanos = 0;
    }
}
