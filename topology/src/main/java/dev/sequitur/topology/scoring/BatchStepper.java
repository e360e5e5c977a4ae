package dev.sequitur.topology.scoring;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.batch.Waves;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.LiveEntity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps the events of a batch, each entity's in their order: one call of the step function per wave. The only class
 * that knows how a batch is packed.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class BatchStepper {
    private final SequenceModel model;
    private final StepShape shape;
    private final Duration sessionGap;
    private final boolean predicting;
    private final EntityStates states;
    private final StepBatch batch;
    private long waves;

    /** @param predicting whether arrivals get a prediction of what follows */
    BatchStepper(SequenceModel model, boolean predicting, EntityStates states) {
        this.model = model;
        this.shape = model.step().shape();
        this.sessionGap = model.spec().sessionGap().orElse(null);
        this.predicting = predicting;
        this.states = states;
        this.batch = new StepBatch(shape);
    }

    /**
     * Scores or rejects every arrival. Nothing is written: the entities' new states are returned.
     *
     * @param arrivals none of them rejected yet
     */
    Collection<LiveEntity> step(List<Arrival> arrivals) {
        Map<String, LiveEntity> entities = new HashMap<>();
        for (List<Arrival> wave : Waves.of(arrivals, Arrival::entity)) {
            stepWave(wave, entities);
        }
        return entities.values();
    }

    private void stepWave(List<Arrival> wave, Map<String, LiveEntity> entities) {
        batch.resize(wave.size());
        List<Row> rows = new ArrayList<>(wave.size());
        for (Arrival arrival : wave) {
            LiveEntity entity = entities.computeIfAbsent(arrival.entity(), states::load);
            if (arrival.event() == null && !entity.open()) {
                arrival.reject(new MalformedEventException(
                        Reason.NULL_VALUE,
                        "END of entity '" + entity.name() + "', which has no sequence under way; an entity's END comes"
                                + " once, after its events"));
            } else {
                rows.add(fill(rows.size(), arrival, entity));
            }
        }
        if (rows.isEmpty()) {
            return;
        }
        batch.resize(rows.size());
        model.step().step(batch);
        waves++;
        for (Row row : rows) {
            take(row);
        }
    }

    /** One row of the step's batch; {@code clock} as the event finds it. */
    private record Row(int index, Arrival arrival, LiveEntity entity, EntityClock clock) {}

    private Row fill(int index, Arrival arrival, LiveEntity entity) {
        EntityClock clock = entity.clock();
        if (arrival.event() == null) {
            model.encoder().encodeEnd(batch.features, index * shape.features());
        } else {
            clock = clock.at(arrival.event().timeMs(), sessionGap);
            model.encoder().encode(arrival.event(), clock, batch.features, index * shape.features());
        }
        int at = index * shape.state();
        if (clock.steps() == 0) {
            // The reset inside the step is a product, which a NaN that an earlier batch left here would survive.
            Arrays.fill(batch.state, at, at + shape.state(), 0f);
        } else {
            entity.copyRow(batch.state, at);
        }
        return new Row(index, arrival, entity, clock);
    }

    private void take(Row row) {
        if (!finite(batch.state, row.index, shape.state()) || !finite(batch.surprise, row.index, shape.surprises())) {
            row.arrival.reject(new NotFiniteResultException("model " + model.fingerprint() + " gave entity '"
                    + row.entity.name() + "' a state or a surprise that is not finite at step "
                    + (row.clock.steps() + 1)
                    + "; the state stays as it was. Check the event's values against the range that the model was"
                    + " trained on."));
            return;
        }
        boolean tombstone = row.arrival.event() == null;
        boolean last = tombstone || row.arrival.event().last();
        // END has no event time of its own: it follows the last event at once.
        long timeMs = tombstone ? row.clock.lastEventMs() : row.arrival.event().timeMs();
        boolean late = row.clock.steps() > 0 && timeMs < row.clock.lastEventMs();
        row.arrival.scored(
                score(row, timeMs, tombstone), predicting && !last ? predict(row, timeMs) : null, late, last);
        if (last) {
            row.entity.end();
        } else {
            long offset = row.arrival.record().offset();
            row.entity.advance(row.clock.after(timeMs), offset, batch.state, row.index * shape.state());
        }
    }

    private Score score(Row row, long timeMs, boolean end) {
        Verdict verdict = model.judge(row.arrival.event(), row.clock, batch, row.index, row.entity.memory());
        return new Score(
                row.entity.name(),
                Instant.ofEpochMilli(timeMs),
                row.arrival.record().partition(),
                row.arrival.record().offset(),
                row.clock.steps() + 1,
                end,
                verdict.surprise(),
                verdict.score(),
                verdict.alarm(),
                verdict.alarming(),
                model.fingerprint(),
                model.explainer().explain(row.arrival.event(), row.clock, batch, row.index));
    }

    private Prediction predict(Row row, long timeMs) {
        return new Prediction(
                row.entity.name(),
                Instant.ofEpochMilli(timeMs),
                row.arrival.record().partition(),
                row.arrival.record().offset(),
                row.clock.steps() + 1,
                model.fingerprint(),
                model.explainer().predict(batch.prediction, row.index));
    }

    private static boolean finite(float[] values, int row, int width) {
        for (int i = row * width; i < (row + 1) * width; i++) {
            if (!Float.isFinite(values[i])) {
                return false;
            }
        }
        return true;
    }

    /** Calls of the step function since the last call of this method. */
    long takeWaves() {
        long taken = waves;
        waves = 0;
        return taken;
    }
}
