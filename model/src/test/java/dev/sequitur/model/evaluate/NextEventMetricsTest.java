package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NextEventMetricsTest {
    private static final long DAY = 86_400_000;
    private static final String FIELDS =
            """
            kind: {kind: categorical, optional: true}
            size: {kind: numeric, optional: true}
            gap: {kind: since-previous, role: [input, target]}
            """;

    private final List<Event> events = new ArrayList<>();

    private void add(String entity, double days, String kind, Double size) {
        events.add(Specs.event(entity, Math.round(days * DAY), kind, size, null));
    }

    /** What was predicted after a step. */
    private static List<Expectation> prediction(String kind, double p, double end, double size, double days) {
        return List.of(
                new Expectation(
                        "kind",
                        new Categorical(List.of(new Probability(kind, p), new Probability("other", (1 - p) / 2)))),
                new Expectation("size", new Continuous(size, size - 1, size + 1)),
                new Expectation("gap", new Continuous(days * DAY, 0.0, 9.0 * DAY)),
                new Expectation("END", new Binary(end)));
    }

    private static StepOutcome outcome(double surprise, boolean alarm, List<Expectation> prediction) {
        return new StepOutcome(new Verdict(surprise, 0.5, alarm, alarm), List.of(), prediction);
    }

    private static StepOutcome outcome(List<Expectation> prediction) {
        return outcome(0, false, prediction);
    }

    private NextEventMetrics measure(PipelineSpec spec, List<StepOutcome> outcomes) {
        return measure(spec, Timeline.Part.ALL, outcomes);
    }

    private NextEventMetrics measure(PipelineSpec spec, Timeline.Part part, List<StepOutcome> outcomes) {
        Timeline timeline = Timeline.of(spec, events, part);
        assertThat(outcomes).hasSameSizeAs(timeline.steps());
        NextEventMetrics metrics = new NextEventMetrics(spec, timeline);
        for (int i = 0; i < outcomes.size(); i++) {
            metrics.add(i, outcomes.get(i));
        }
        return metrics;
    }

    private static void assertMetric(
            NextEventMetrics metrics, String field, String name, double value, String unit, long count) {
        Metric metric = metrics.metrics().stream()
                .filter(m -> m.field().equals(field) && m.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " of " + field + " in " + metrics.metrics()));
        assertThat(metric.value()).as(name).isCloseTo(value, within(1e-12));
        assertThat(metric.unit()).isEqualTo(unit);
        assertThat(metric.count()).as("count of %s", name).isEqualTo(count);
    }

    private static List<String> names(NextEventMetrics metrics) {
        return metrics.metrics().stream().map(m -> m.field() + " " + m.name()).toList();
    }

    @Test
    void shouldCompareEachPredictionWithTheNextEventOfItsEntity() {
        // Steps: a x, b x, a y, b z, b ends, a z, a ends.
        add("a", 0, "x", 1.0);
        add("b", 0, "x", 10.0);
        add("a", 1, "y", 2.0);
        add("b", 4, "z", 20.0);
        add("a", 3, "z", null);
        List<StepOutcome> outcomes = List.of(
                outcome(prediction("y", 0.9, 0.1, 4, 0.5)), // right; 2 off, half a day off
                outcome(prediction("y", 0.9, 0.1, 17, 1)), // wrong; 3 off, three days off
                outcome(prediction("z", 0.6, 0.3, 9, 2)), // right; no number came; exact
                outcome(prediction("z", 0.5, 0.4, 9, 2)), // END is likelier than 0.6·0.5: right
                outcome(List.of()),
                outcome(prediction("q", 0.9, 0.2, 9, 2)), // END isn't likelier: wrong
                outcome(List.of()));

        NextEventMetrics metrics = measure(Specs.of(FIELDS, "end: last"), outcomes);

        assertMetric(metrics, "kind", "accuracy", 2.0 / 3, "", 3);
        assertMetric(metrics, "kind", "accuracy with END", 3.0 / 5, "", 5);
        assertMetric(metrics, "size", "mean absolute error", 2.5, "", 2);
        assertMetric(metrics, "size", "root mean squared error", Math.sqrt((4 + 9) / 2.0), "", 2);
        assertMetric(metrics, "gap", "mean absolute error", (0.5 + 3 + 0) / 3, "days", 3);
        assertMetric(metrics, "gap", "root mean squared error", Math.sqrt((0.25 + 9) / 3), "days", 3);
    }

    @Test
    void shouldCountAnAnsweredEndAsWrongWhereAnEventCame() {
        add("a", 0, "x", 1.0);
        add("a", 1, "y", 1.0);
        // 0.5 against 0.5·0.9: the answer is END, though y is the likeliest of the events.
        List<StepOutcome> outcomes = List.of(
                outcome(prediction("y", 0.9, 0.5, 1, 1)), outcome(prediction("y", 0.9, 0.4, 1, 1)), outcome(List.of()));

        NextEventMetrics metrics = measure(Specs.of(FIELDS, "end: last"), outcomes);

        assertMetric(metrics, "kind", "accuracy", 0, "", 1);
        assertMetric(metrics, "kind", "accuracy with END", 0, "", 2);
    }

    @Test
    void shouldKnowNoAccuracyWithEndWhereThereIsNone() {
        add("a", 0, "x", 1.0);
        add("a", 1, "y", 1.0);
        NextEventMetrics metrics = measure(
                Specs.of(FIELDS),
                List.of(outcome(prediction("y", 0.9, 0, 1, 1)), outcome(prediction("y", 0.9, 0, 1, 1))));

        assertThat(names(metrics)).contains("kind accuracy").doesNotContain("kind accuracy with END");
        assertMetric(metrics, "kind", "accuracy", 1, "", 1);
    }

    @Test
    void shouldTakeMissingForAnAnswer() {
        add("a", 0, "x", 1.0);
        add("a", 1, null, 1.0);
        add("a", 2, "new", 1.0);
        NextEventMetrics metrics = measure(
                Specs.of(FIELDS),
                List.of(
                        outcome(prediction("<missing>", 0.9, 0, 1, 1)),
                        outcome(prediction("<unknown>", 0.9, 0, 1, 1)),
                        outcome(prediction("y", 0.9, 0, 1, 1))));

        // That something new comes names nothing.
        assertMetric(metrics, "kind", "accuracy", 0.5, "", 2);
    }

    @Test
    void shouldNotCountPredictionsAfterTooFewEvents() {
        add("a", 0, "x", 1.0);
        add("a", 1, "y", 1.0);
        add("a", 2, "y", 1.0);
        List<StepOutcome> outcomes = List.of(
                outcome(prediction("wrong", 0.9, 0, 1, 1)),
                outcome(prediction("y", 0.9, 0, 1, 1)),
                outcome(prediction("y", 0.9, 0.9, 1, 1)),
                outcome(List.of()));

        NextEventMetrics metrics = measure(Specs.of(FIELDS, "end: last", "task: {min-prefix: 2}"), outcomes);

        assertMetric(metrics, "kind", "accuracy", 1, "", 1);
        assertMetric(metrics, "kind", "accuracy with END", 1, "", 2);
        assertThat(metrics.events()).as("all are scored").isEqualTo(4);
    }

    @Test
    void shouldNotCompareAcrossASessionGap() {
        add("a", 0, "x", 1.0);
        add("a", 5, "y", 1.0);
        add("a", 6, "y", 1.0);
        StepOutcome right = outcome(prediction("y", 0.9, 0, 1, 1));

        NextEventMetrics metrics = measure(Specs.of(FIELDS, "session: {gap: 2d}"), List.of(right, right, right));

        assertMetric(metrics, "kind", "accuracy", 1, "", 1);
        assertMetric(metrics, "gap", "mean absolute error", 0, "days", 1);
    }

    @Test
    void shouldTakeNoTimeForALateEvent() {
        add("a", 3, "x", 1.0);
        add("a", 1, "x", 1.0);
        NextEventMetrics metrics = measure(
                Specs.of(FIELDS),
                List.of(outcome(prediction("x", 1, 0, 1, 0.25)), outcome(prediction("x", 1, 0, 1, 1))));

        assertMetric(metrics, "gap", "mean absolute error", 0.25, "days", 1);
    }

    @Test
    void shouldUseWhatWasPredictedBeforeThePartButCountItsOwnAlone() {
        for (int t = 0; t < 8; t++) {
            add("a", t, "k" + t, 1.0);
        }
        // Times 6 and 7 are the test part.
        PipelineSpec spec = Specs.of(FIELDS, "training: {split: {by: time, test: 1/4, validation: 1/3}}");
        List<StepOutcome> outcomes = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            outcomes.add(outcome(100 + t, t != 6, prediction(t == 5 ? "k6" : "wrong", 0.9, 0, 1, 1)));
        }

        NextEventMetrics metrics = measure(spec, Timeline.Part.TEST, outcomes);

        assertMetric(metrics, "kind", "accuracy", 0.5, "", 2);
        assertMetric(metrics, "", "surprise", 106.5, "nats", 2);
        assertMetric(metrics, "", "alarm rate", 0.5, "", 2);
        assertThat(metrics.events()).isEqualTo(2);
        assertThat(metrics.alarms()).isEqualTo(1);
    }

    @Test
    void shouldMeanTheSurpriseOfEachFieldOverTheEventsThatHaveIt() {
        add("a", 0, "x", 1.0);
        List<StepOutcome> outcomes = List.of(
                new StepOutcome(
                        new Verdict(3, 0, false, false), List.of(surprise("kind", 2), surprise("END", 0.5)), List.of()),
                new StepOutcome(new Verdict(5, 0, true, true), List.of(surprise("END", 1.5)), List.of()));

        NextEventMetrics metrics = measure(Specs.of(FIELDS, "end: last"), outcomes);

        assertMetric(metrics, "kind", "surprise", 2, "nats", 1);
        assertMetric(metrics, "END", "surprise", 1, "nats", 2);
        assertMetric(metrics, "", "surprise", 4, "nats", 2);
        assertMetric(metrics, "", "alarm rate", 0.5, "", 2);
    }

    private static FieldSurprise surprise(String field, double nats) {
        return new FieldSurprise(nats, null, new Expectation(field, new Binary(0.5)));
    }

    @Test
    void shouldMeasureOnlyWhatIsPredicted() {
        add("a", 0, "x", 1.0);
        add("a", 1, "x", 1.0);
        StepOutcome kindAlone = outcome(prediction("x", 1, 0, 1, 1).subList(0, 1));

        assertThat(names(measure(Specs.of(FIELDS), List.of(kindAlone, kindAlone))))
                .containsExactly("kind accuracy", " surprise", " alarm rate");
    }

    @Test
    void shouldHaveNoFiguresOfNothing() {
        add("a", 0, "x", 1.0);
        PipelineSpec spec = Specs.of(FIELDS);

        assertThat(new NextEventMetrics(spec, Timeline.of(spec, events, Timeline.Part.ALL)).metrics())
                .isEmpty();
    }
}
