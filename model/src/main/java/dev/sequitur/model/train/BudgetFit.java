package dev.sequitur.model.train;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.data.Split;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.score.AlarmBudget;
import dev.sequitur.model.score.AlarmThreshold;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.score.Observation;
import dev.sequitur.model.score.TailCalibration;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.AlarmSpec.BudgetSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepFunction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Translates a budget of alarms in time into the scorer's threshold, on the validation part, by the very code that
 * evaluates and serves. In memory are 20 bytes for each validation event, and the events of some entities at a time.
 *
 * <p>Threading: belongs to one thread.
 */
final class BudgetFit {
    private static final double DAY_MS = 86_400_000;
    /** More alarms than this per event are no budget: an alarm and its end take two events. */
    private static final double MOST_PER_EVENT = 0.5;

    private static final int ENTITIES_AT_ONCE = 256;
    private static final int EVENTS_AT_ONCE = 100_000;

    private final PipelineSpec spec;
    private final Split split;
    private final SequenceModel model;
    private final AlarmBudget alarms;

    /** Events of the entities that are scored next, and whether each counts. */
    private final List<Event> events = new ArrayList<>();

    private final List<Boolean> counted = new ArrayList<>();
    private int entities;
    private int validated;
    private int entityStart;

    private long allEvents;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = Long.MIN_VALUE;
    /** Of the entities' validation events: steps from one to the next, and the time that they took. */
    private long entitySteps;

    private long entityMs;

    private BudgetFit(TrainingData data, int members, TailCalibration calibration, StepFunction step) {
        this.spec = data.spec();
        this.split = data.split();
        AlarmSpec alarm = spec.task().alarm();
        this.alarms = new AlarmBudget(alarm, calibration);
        this.model = new SequenceModel(
                "untitled",
                spec,
                data.encoder(),
                step,
                new Explainer(spec, data.learned(), new HeadLayout(spec, data.learned(), members)),
                Alarms.of(alarm, calibration, Optional.empty()));
    }

    /**
     * Empty where the spec has no budget.
     *
     * @param members networks that the step function mixes
     * @param grouped all that was trained with
     * @throws TrainingException when the data can't tell how many events a day has, or the budget allows an alarm for
     *     every other event
     */
    static Optional<AlarmThreshold> threshold(
            TrainingData data, int members, TailCalibration calibration, GroupedEvents grouped, StepFunction step)
            throws IOException {
        Optional<BudgetSpec> budget = data.spec().task().alarm().budget();
        if (budget.isEmpty()) {
            return Optional.empty();
        }
        BudgetFit fit = new BudgetFit(data, members, calibration, step);
        grouped.forEach((entity, index, event) -> fit.add(entity, event, index == grouped.events(entity) - 1));
        fit.score();
        return Optional.of(fit.threshold(budget.get()));
    }

    private AlarmThreshold threshold(BudgetSpec budget) {
        boolean overall = budget.per() == BudgetSpec.Per.DAY;
        double perDay = overall ? perDay(allEvents - 1, lastMs - firstMs) : perDay(entitySteps, entityMs);
        double perEvent = budget.alarms() / perDay;
        if (!(perEvent <= MOST_PER_EVENT)) {
            throw new TrainingException("task.alarm.budget allows " + budget.alarms() + " alarms for " + (float) perDay
                    + " events, which is what the data has in " + (overall ? "a day" : "a day of an entity")
                    + "; expected at most one alarm for two events. Lower alarms");
        }
        return alarms.threshold(perEvent);
    }

    private static double perDay(long steps, long ms) {
        if (ms <= 0) {
            throw new TrainingException(
                    "task.alarm.budget counts alarms in days, but all events that could tell how many"
                            + " a day has are of one time. Check the column of time, or give task.alarm.rate instead");
        }
        return steps * DAY_MS / ms;
    }

    private void add(int entity, Event event, boolean lastOfEntity) {
        allEvents++;
        firstMs = Math.min(firstMs, event.timeMs());
        lastMs = Math.max(lastMs, event.timeMs());
        boolean counts = split.part(entity, event.timeMs()) == Split.Part.VALIDATION;
        validated += counts ? 1 : 0;
        events.add(event);
        counted.add(counts);
        if (!lastOfEntity) {
            return;
        }
        if (validated == 0) {
            events.subList(entityStart, events.size()).clear();
            counted.subList(entityStart, counted.size()).clear();
        } else if (++entities == ENTITIES_AT_ONCE || events.size() >= EVENTS_AT_ONCE) {
            score();
        }
        validated = 0;
        entityStart = events.size();
    }

    /** The values that the scorer counts, encoded once more; a rank has no budget. */
    private float[] values(Timeline.Step step) {
        float[] features = new float[model.encoder().width()];
        if (!step.end()) {
            model.encoder().encode(step.event(), step.clock(), features, 0);
        }
        return model.explainer().values(step.event(), features, 0);
    }

    private void score() {
        Timeline timeline = Timeline.of(spec, events, Timeline.Part.ALL);
        int steps = timeline.steps().size();
        boolean[] counts = new boolean[steps];
        for (int i = 0, event = 0; i < steps; i++) {
            // An end follows its entity's last event, and counts as that does.
            counts[i] = counted.get(timeline.steps().get(i).end() ? event - 1 : event++);
        }
        List<AlarmBudget.Entity> ofSequence = new ArrayList<>();
        for (int i = 0; i < timeline.sequences(); i++) {
            ofSequence.add(alarms.entity());
        }
        addTimes(timeline, counts);
        new OfflineScoring(model).run(timeline, (i, outcome) -> {
            Timeline.Step at = timeline.steps().get(i);
            AlarmBudget.Entity entity = ofSequence.get(at.sequence());
            entity.add(new Observation(outcome.surprise(), 1, values(at)), at.clock(), timeMs(at), counts[i]);
            if (at.end() || at.event().last()) {
                entity.end();
            }
        });
        events.clear();
        counted.clear();
        entities = 0;
    }

    private void addTimes(Timeline timeline, boolean[] counts) {
        long[] first = new long[timeline.sequences()];
        long[] last = new long[timeline.sequences()];
        int[] seen = new int[timeline.sequences()];
        for (int i = 0; i < counts.length; i++) {
            if (counts[i]) {
                Timeline.Step at = timeline.steps().get(i);
                int s = at.sequence();
                first[s] = seen[s] == 0 ? timeMs(at) : Math.min(first[s], timeMs(at));
                last[s] = seen[s]++ == 0 ? timeMs(at) : Math.max(last[s], timeMs(at));
            }
        }
        for (int s = 0; s < seen.length; s++) {
            entitySteps += Math.max(0, seen[s] - 1);
            entityMs += last[s] - first[s];
        }
    }

    /** END has no event time of its own: it follows the last event at once. */
    private static long timeMs(Timeline.Step step) {
        return step.end() ? step.clock().lastEventMs() : step.event().timeMs();
    }
}
