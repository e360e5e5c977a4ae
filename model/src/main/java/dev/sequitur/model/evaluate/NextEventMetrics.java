package dev.sequitur.model.evaluate;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How good predictions and scores are: what was predicted after an event against the event that came next. The same code
 * measures an offline evaluation and one through Kafka.
 *
 * <p>Threading: belongs to one thread.
 */
public final class NextEventMetrics {
    private static final double DAY_MS = 86_400_000;

    private final PipelineSpec spec;
    private final Timeline timeline;
    private final List<List<Expectation>> pending;
    private final Map<String, FieldMetrics> fields = new LinkedHashMap<>();
    private final Map<String, double[]> surprises = new LinkedHashMap<>();
    private double surprise;
    private long events;
    private long alarms;

    public NextEventMetrics(PipelineSpec spec, Timeline timeline) {
        this.spec = spec;
        this.timeline = timeline;
        this.pending = new ArrayList<>(java.util.Collections.nCopies(timeline.sequences(), List.of()));
        spec.fields(Role.TARGET).forEach(f -> fields.put(f.name(), new FieldMetrics()));
    }

    /** The outcome of a step of the timeline; an entity's come in its order. */
    public void add(int index, StepOutcome outcome) {
        Timeline.Step step = timeline.steps().get(index);
        List<Expectation> prediction = pending.get(step.sequence());
        // After a session gap the state is fresh: what was predicted before is not about this event.
        if (step.counted() && step.clock().steps() >= spec.task().minPrefix()) {
            compare(prediction, step);
        }
        pending.set(step.sequence(), outcome.prediction());
        if (step.counted()) {
            events++;
            surprise += outcome.surprise();
            alarms += outcome.alarm() ? 1 : 0;
            for (FieldSurprise field : outcome.fields()) {
                double[] sum = surprises.computeIfAbsent(field.getExpected().getField(), f -> new double[2]);
                sum[0] += field.getSurprise();
                sum[1]++;
            }
        }
    }

    private void compare(List<Expectation> prediction, Timeline.Step next) {
        double end = prediction.stream()
                .filter(e -> e.getDistribution() instanceof Binary)
                .mapToDouble(e -> ((Binary) e.getDistribution()).getProbability())
                .findFirst()
                .orElse(0);
        for (Expectation expectation : prediction) {
            FieldMetrics metrics = fields.get(expectation.getField());
            if (expectation.getDistribution() instanceof Categorical categorical) {
                Probability top = categorical.getTop().get(0);
                boolean answersEnd = end > (1 - end) * top.getProbability();
                if (next.end()) {
                    metrics.ending(answersEnd);
                } else {
                    Object came = value(expectation.getField(), next.event());
                    String asked = came == null ? LearnedField.Vocabulary.MISSING_TEXT : came.toString();
                    metrics.answer(!answersEnd && top.getValue().equals(asked));
                }
            } else if (expectation.getDistribution() instanceof Continuous continuous && !next.end()) {
                Double came = number(expectation.getField(), next);
                if (came != null) {
                    metrics.error(continuous.getMedian() - came);
                }
            }
        }
    }

    private Double number(String field, Timeline.Step next) {
        if (spec.field(field) instanceof FieldSpec.SincePrevious) {
            return (double) Math.max(0, next.event().timeMs() - next.clock().lastEventMs());
        }
        return (Double) value(field, next.event());
    }

    private Object value(String field, Event event) {
        return event.values()[spec.fields().indexOf(spec.field(field))];
    }

    /** Events and ends that were counted. */
    public long events() {
        return events;
    }

    public long alarms() {
        return alarms;
    }

    /** The figures, field by field, then those of the whole event. */
    public List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>();
        fields.forEach((name, field) -> {
            if (field.predictions + field.endings == 0) {
                return;
            }
            if (spec.field(name) instanceof FieldSpec.Categorical) {
                if (field.predictions > 0) {
                    metrics.add(new Metric(name, "accuracy", field.accuracy(), "", field.predictions));
                }
                if (field.endings > 0) {
                    metrics.add(new Metric(
                            name, "accuracy with END", field.accuracyWithEnd(), "", field.predictions + field.endings));
                }
            } else if (field.predictions > 0) {
                boolean time = spec.field(name) instanceof FieldSpec.SincePrevious;
                double unit = time ? DAY_MS : 1;
                String unitName = time ? "days" : "";
                metrics.add(new Metric(
                        name, "mean absolute error", field.meanAbsoluteError() / unit, unitName, field.predictions));
                metrics.add(new Metric(
                        name,
                        "root mean squared error",
                        field.rootMeanSquaredError() / unit,
                        unitName,
                        field.predictions));
            }
        });
        surprises.forEach(
                (name, sum) -> metrics.add(new Metric(name, "surprise", sum[0] / sum[1], "nats", (long) sum[1])));
        if (events > 0) {
            metrics.add(new Metric("", "surprise", surprise / events, "nats", events));
            metrics.add(new Metric("", "alarm rate", (double) alarms / events, "", events));
        }
        return metrics;
    }
}
