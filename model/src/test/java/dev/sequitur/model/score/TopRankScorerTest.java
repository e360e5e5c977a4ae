package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopRankScorerTest {
    private static final Map<String, LearnedField> LEARNED = Map.of(
            "n", new LearnedField.Scale(0, 0, 1),
            "a", new LearnedField.Vocabulary(List.of("x", "y", "z"), 1),
            "b", new LearnedField.Vocabulary(List.of("u", "v"), 1));

    private static PipelineSpec spec(String alarm) {
        return Specs.of(
                "n: {kind: numeric}\na: {kind: categorical, optional: true}\nb: {kind: categorical}",
                "end: last",
                "task: {alarm: " + alarm + "}");
    }

    /** A batch of two rows, the event in the second; parameters: n [2], a [5], b [4], END [1]. */
    private static int rank(PipelineSpec spec, Event event, float... ab) {
        FeatureEncoder encoder = new FeatureEncoder(spec, LEARNED);
        StepBatch batch = new StepBatch(new StepShape(encoder.width(), 1, 4, 12));
        batch.resize(2);
        System.arraycopy(ab, 0, batch.expected, 12 + 2, 9);
        if (event == null) {
            encoder.encodeEnd(batch.features, encoder.width());
        } else {
            encoder.encode(event, EntityClock.START, batch.features, encoder.width());
        }
        return new Explainer(spec, LEARNED).observe(event, batch, 1).rank();
    }

    private static Event event(String a, String b) {
        return new Event("e", 0, new Object[] {1.0, a, b}, false);
    }

    // Of a: unknown 0.05, missing 0.1, x 0.2, y 0.6, z 0.05. Of b: unknown 0, missing 0, u 0.9, v 0.1.
    private static final float[] EXPECTED = {0.05f, 0.1f, 0.2f, 0.6f, 0.05f, 0, 0, 0.9f, 0.1f};

    @Test
    void shouldRankWhatCameAmongWhatWasExpected() {
        PipelineSpec onA = spec("{scorer: top-g, on: a}");
        assertThat(rank(onA, event("y", "v"), EXPECTED)).isEqualTo(1);
        assertThat(rank(onA, event("x", "u"), EXPECTED)).isEqualTo(2);
        assertThat(rank(onA, event(null, "u"), EXPECTED)).isEqualTo(3);
        assertThat(rank(onA, event("never seen", "u"), EXPECTED)).isEqualTo(4);
        assertThat(rank(onA, event("z", "u"), EXPECTED)).as("ties by index").isEqualTo(5);
    }

    @Test
    void shouldTakeTheWorstOfSeveralFields() {
        PipelineSpec both = spec("{scorer: top-g}");
        assertThat(rank(both, event("y", "v"), EXPECTED)).isEqualTo(2);
        assertThat(rank(both, event("x", "never seen"), EXPECTED)).isEqualTo(3);
        assertThat(rank(both, event("y", "u"), EXPECTED)).isEqualTo(1);
    }

    @Test
    void shouldFindNoFaultWithAnEnd() {
        assertThat(rank(spec("{scorer: top-g}"), null, EXPECTED)).isEqualTo(1);
    }

    @Test
    void shouldNotRankWhatNoScorerAsksFor() {
        assertThat(rank(spec("{scorer: tail}"), event("z", "v"), EXPECTED)).isEqualTo(1);
    }

    @Test
    void shouldRankAsASortDoes() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int n = 1 + random.nextInt(12);
            float[] values = new float[n + 3];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(5);
            }
            List<Integer> sorted = IntStream.range(0, n)
                    .boxed()
                    .sorted(Comparator.comparing(i -> -values[3 + i]))
                    .toList();
            for (int i = 0; i < n; i++) {
                assertThat(Explainer.rank(values, 3, n, i)).isEqualTo(1 + sorted.indexOf(i));
            }
            assertThat(Arrays.stream(Explainer.top(values, 3, n, n)).boxed().toList())
                    .isEqualTo(sorted);
        }
    }

    @Test
    void shouldAlarmBeyondTheGLikeliest() {
        Scorer scorer = new TopRankScorer(new AlarmSpec.TopG(9));
        ByteBuffer none = ByteBuffer.allocate(0);

        assertThat(scorer.level(new Observation(123, 9), none)).isEqualTo(scorer.threshold());
        assertThat(scorer.level(new Observation(0, 10), none)).isGreaterThan(scorer.threshold());
        assertThat(scorer.score(1)).isZero();
        assertThat(scorer.score(4)).isEqualTo(0.75);
        assertThat(scorer.clear(scorer.threshold())).isEqualTo(scorer.score(9));
        assertThat(scorer.memoryBytes()).isZero();
    }
}
