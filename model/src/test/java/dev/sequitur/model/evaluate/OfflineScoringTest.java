package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.score.Observation;
import dev.sequitur.model.score.Scorer;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Continuous;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OfflineScoringTest {
    private static final Map<String, LearnedField> LEARNED = Map.of("x", new Scale(0, 0, 1));
    private static final PipelineSpec SPEC = Specs.of("x: {kind: numeric}", "end: last");

    /**
     * A mean that runs along with x: the state is {@code m' = m/2 + x}, and 0 where a session starts. Surprise is the
     * distance of x from m; an end surprises by m.
     */
    private static final class RunningMean implements StepFunction {
        private final List<Integer> batches = new ArrayList<>();

        @Override
        public StepShape shape() {
            // start, END, x, x is present; load 2 parameters and END 1.
            return new StepShape(4, 1, 2, 3);
        }

        @Override
        public void step(StepBatch batch) {
            batches.add(batch.rows());
            for (int row = 0; row < batch.rows(); row++) {
                float mean = batch.features[4 * row] == 1 ? 0 : batch.state[row];
                boolean end = batch.features[4 * row + 1] == 1;
                float x = batch.features[4 * row + 2];
                batch.surprise[2 * row] = end ? 0 : Math.abs(x - mean);
                batch.surprise[2 * row + 1] = end ? mean : 0;
                batch.state[row] = mean / 2 + x;
                parameters(batch.expected, row, mean);
                parameters(batch.prediction, row, batch.state[row]);
            }
        }

        private static void parameters(float[] parameters, int row, float mean) {
            parameters[3 * row] = mean;
            parameters[3 * row + 1] = 1;
            parameters[3 * row + 2] = 0.25f;
        }

        @Override
        public void close() {}
    }

    private final RunningMean step = new RunningMean();

    private SequenceModel model(PipelineSpec spec) {
        Scorer scorer = new Scorer() {
            @Override
            public int memoryBytes() {
                return 0;
            }

            @Override
            public double level(Observation event, ByteBuffer memory) {
                return event.surprise();
            }

            @Override
            public double score(double surprise) {
                return 1 - 1 / (1 + surprise);
            }

            @Override
            public double threshold() {
                return 5;
            }
        };
        Alarms alarms = new Alarms(scorer, scorer.threshold(), spec.task().alarm());
        return new SequenceModel(
                "fake", spec, new FeatureEncoder(spec, LEARNED), step, new Explainer(spec, LEARNED), alarms);
    }

    private Map<Integer, StepOutcome> run(PipelineSpec spec, Timeline timeline, List<Integer> order) {
        Map<Integer, StepOutcome> outcomes = new HashMap<>();
        new OfflineScoring(model(spec)).run(timeline, (i, outcome) -> {
            assertThat(outcomes.put(i, outcome)).as("step %s came twice", i).isNull();
            order.add(i);
        });
        return outcomes;
    }

    private static List<Event> events(Random random, int entities, int count) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(Specs.event("e" + random.nextInt(entities), i, (double) random.nextInt(16)));
        }
        return events;
    }

    @Test
    void shouldScoreEveryStepAsIfOneByOne() {
        Timeline timeline = Timeline.of(SPEC, events(new Random(1), 600, 3000), Timeline.Part.ALL);

        Map<Integer, StepOutcome> outcomes = run(SPEC, timeline, new ArrayList<>());

        assertThat(outcomes).hasSize(timeline.steps().size());
        float[] means = new float[timeline.sequences()];
        boolean[] alarming = new boolean[timeline.sequences()];
        for (int i = 0; i < timeline.steps().size(); i++) {
            Timeline.Step at = timeline.steps().get(i);
            float mean = means[at.sequence()];
            StepOutcome outcome = outcomes.get(i);
            double x = at.end() ? 0 : (Double) at.event().values()[0];
            double surprise = at.end() ? mean : Math.abs(x - mean);

            assertThat(outcome.surprise()).isEqualTo(surprise);
            assertThat(outcome.score()).isEqualTo(1 - 1 / (1 + surprise));
            assertThat(outcome.verdict().alarming()).isEqualTo(surprise > 5);
            assertThat(outcome.alarm()).isEqualTo(surprise > 5 && !alarming[at.sequence()]);
            alarming[at.sequence()] = surprise > 5;
            Object expected = outcome.fields().get(0).getExpected().getDistribution();
            if (at.end()) {
                assertThat(expected).isEqualTo(new Binary(0.25));
                assertThat(outcome.prediction()).as("nothing follows the end").isEmpty();
            } else {
                assertThat(((Continuous) expected).getMedian()).isCloseTo(mean, within(1e-6));
                means[at.sequence()] = (float) (mean / 2 + x);
                assertThat(((Continuous) outcome.prediction().get(0).getDistribution()).getMedian())
                        .isCloseTo(means[at.sequence()], within(1e-6));
            }
        }
    }

    @Test
    void shouldKeepEachEntitysOrder() {
        Timeline timeline = Timeline.of(SPEC, events(new Random(2), 300, 2000), Timeline.Part.ALL);
        List<Integer> order = new ArrayList<>();

        run(SPEC, timeline, order);

        int[] last = new int[timeline.sequences()];
        Arrays.fill(last, -1);
        for (int i : order) {
            int sequence = timeline.steps().get(i).sequence();
            assertThat(i).isGreaterThan(last[sequence]);
            last[sequence] = i;
        }
    }

    @Test
    void shouldStepManyEntitiesSideBySide() {
        List<Event> events = new ArrayList<>();
        for (int e = 0; e < 300; e++) {
            events.add(Specs.event("e" + e, 0, 1.0));
        }
        events.add(Specs.event("e7", 1, 1.0));

        PipelineSpec spec = Specs.of("x: {kind: numeric}");
        step.batches.clear();
        new OfflineScoring(model(Specs.of("x: {kind: numeric}", "end: last")))
                .run(Timeline.of(spec, events, Timeline.Part.ALL), (i, outcome) -> {});

        assertThat(step.batches).containsExactly(256, 1, 44);
    }

    @Test
    void shouldPredictNothingAfterAnEventThatClosesItsSequence() {
        Timeline timeline = Timeline.of(
                SPEC,
                List.of(new Event("a", 0, new Object[] {3.0}, true), new Event("a", 1, new Object[] {4.0}, false)),
                Timeline.Part.ALL);

        Map<Integer, StepOutcome> outcomes = run(SPEC, timeline, new ArrayList<>());

        assertThat(outcomes.get(0).prediction()).isEmpty();
        assertThat(outcomes.get(1).prediction()).isNotEmpty();
        assertThat(outcomes.get(1).surprise()).as("from a fresh state").isEqualTo(4);
    }

    @Test
    void shouldNotAlarmWhileASessionWarmsUp() {
        PipelineSpec patient = Specs.of("x: {kind: numeric}", "end: last", "task: {alarm: {warm-up: 2}}");
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            events.add(Specs.event("a", i, i % 2 == 0 ? 100.0 : -100.0));
        }

        Map<Integer, StepOutcome> outcomes =
                run(patient, Timeline.of(patient, events, Timeline.Part.ALL), new ArrayList<>());

        assertThat(outcomes.values()).extracting(StepOutcome::surprise).allMatch(s -> Math.abs(s) > 5);
        assertThat(List.of(0, 1, 2, 3))
                .extracting(i -> outcomes.get(i).alarm())
                .containsExactly(false, false, true, false);
    }

    @Test
    void shouldScoreNothingOfNothing() {
        assertThat(run(SPEC, Timeline.of(SPEC, List.of(), Timeline.Part.ALL), new ArrayList<>()))
                .isEmpty();
        assertThat(step.batches).isEmpty();
    }
}
