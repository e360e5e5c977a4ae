package dev.sequitur.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.score.TailCalibration;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Flags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RolloutTest {
    private static final String FIELDS =
            """
            kind: {kind: categorical}
            size: {kind: numeric}
            lamps: {kind: flags, flags: [oil, brake]}
            gap: {kind: since-previous, role: [input, target]}
            """;
    private static final Map<String, LearnedField> LEARNED = Map.of(
            "kind", new Vocabulary(List.of("a", "b", "c"), 1),
            "size", new Scale(0, 10, 2),
            "gap", new Scale(0, 0, 1000),
            "other", new Scale(0, 0, 1),
            "age", new Scale(1, 0, 1));

    /**
     * A ring: after a comes b, after b c, after c a, with the probability {@code sure}; the size is twice the steps taken
     * above 10, the gap as many seconds. The state counts steps. The feature row is start, (END,) kind, size [2],
     * lamps [2], gap [2].
     */
    private static final class Ring implements StepFunction {
        private final boolean ends;
        private final float sure;
        private final float end;
        private final List<float[]> rows = new ArrayList<>();

        Ring(float sure, boolean ends, float end) {
            this.sure = sure;
            this.ends = ends;
            this.end = end;
        }

        @Override
        public StepShape shape() {
            return new StepShape(ends ? 9 : 8, 1, ends ? 5 : 4, ends ? 13 : 12);
        }

        @Override
        public void step(StepBatch batch) {
            int width = shape().features();
            int p = shape().parameters();
            for (int row = 0; row < batch.rows(); row++) {
                rows.add(Arrays.copyOfRange(batch.features, row * width, (row + 1) * width));
                boolean start = batch.features[row * width] == 1;
                float steps = (start ? 0 : batch.state[row]) + 1;
                batch.state[row] = steps;
                int slot = (int) batch.features[row * width + (ends ? 2 : 1)];
                int at = row * p;
                Arrays.fill(batch.prediction, at, at + 5, (1 - sure) / 2);
                batch.prediction[at] = 0;
                batch.prediction[at + 1] = 0;
                batch.prediction[at + 2 + (slot - 2 + 1) % 3] = sure;
                batch.prediction[at + 5] = steps;
                batch.prediction[at + 6] = 1e-6f;
                batch.prediction[at + 7] = 1;
                batch.prediction[at + 8] = 0;
                batch.prediction[at + 9] = 1;
                batch.prediction[at + 10] = steps;
                batch.prediction[at + 11] = 1e-6f;
                if (ends) {
                    batch.prediction[at + 12] = end;
                }
            }
        }

        @Override
        public void close() {}
    }

    private static SequenceModel model(PipelineSpec spec, StepFunction step) {
        return new SequenceModel(
                "fake",
                spec,
                new FeatureEncoder(spec, LEARNED),
                step,
                new Explainer(spec, LEARNED),
                Alarms.of(spec.task().alarm(), TailCalibration.of(new double[] {1, 2, 3}), Optional.empty()));
    }

    private static Event event(long timeMs, String kind) {
        return Specs.event("e", timeMs, kind, 12.0, new boolean[] {false, false}, null);
    }

    private static Rollout.Options options(int steps, int samples, double temperature, long seed) {
        return new Rollout.Options(steps, samples, temperature, 0, seed, false);
    }

    private static List<Continuation> run(PipelineSpec spec, StepFunction step, Rollout.Options options) {
        SequenceModel model = model(spec, step);
        EntityPoint point = EntityPoint.after(model, List.of(event(1000, "b"), event(5000, "a")));
        return new Rollout(model, LEARNED).run(point, options);
    }

    private static List<Object> kinds(Continuation sample) {
        return sample.events().stream().map(e -> e.values()[0]).toList();
    }

    @Test
    void shouldFeedEachDrawnEventBackInItsOwnUnits() {
        Ring ring = new Ring(1, false, 0);
        List<Continuation> samples = run(Specs.of(FIELDS), ring, options(4, 3, 1, 1));

        assertThat(samples).hasSize(3).allMatch(s -> !s.ended());
        for (Continuation sample : samples) {
            assertThat(kinds(sample)).containsExactly("b", "c", "a", "b");
            // Two steps were taken before the first draw: 10 + 2·2, a gap of 2 s after 5 s, then 3 s, 4 s, 5 s.
            assertThat(sample.events()).extracting(Event::timeMs).containsExactly(7000L, 10_000L, 14_000L, 19_000L);
            assertThat((Double) sample.events().get(3).values()[1]).isCloseTo(20, within(1e-3));
            assertThat((boolean[]) sample.events().get(0).values()[2]).containsExactly(true, false);
            assertThat(sample.events()).extracting(Event::entity).containsOnly("e");
        }
        // Two known events, then three steps of three samples; the fourth event is drawn, not stepped.
        assertThat(ring.rows).hasSize(2 + 9);
        assertThat(ring.rows.get(2)[0]).as("no start").isZero();
        assertThat(ring.rows.get(2)).usingComparatorWithPrecision(1e-3f).containsExactly(0, 3, 2, 1, 1, 0, 2, 1);
        assertThat(ring.rows.get(10)).usingComparatorWithPrecision(1e-3f).containsExactly(0, 2, 4, 1, 1, 0, 4, 1);
    }

    @Test
    void shouldGiveTheSameSamplesForTheSameSeed() {
        PipelineSpec spec = Specs.of(FIELDS);
        List<List<Object>> first = run(spec, new Ring(0.5f, false, 0), options(6, 20, 1, 5)).stream()
                .map(RolloutTest::kinds)
                .toList();
        List<List<Object>> again = run(spec, new Ring(0.5f, false, 0), options(6, 20, 1, 5)).stream()
                .map(RolloutTest::kinds)
                .toList();
        List<List<Object>> fewer = run(spec, new Ring(0.5f, false, 0), options(6, 7, 1, 5)).stream()
                .map(RolloutTest::kinds)
                .toList();
        List<List<Object>> other = run(spec, new Ring(0.5f, false, 0), options(6, 20, 1, 6)).stream()
                .map(RolloutTest::kinds)
                .toList();

        assertThat(again).isEqualTo(first);
        assertThat(fewer).as("a sample doesn't depend on how many there are").isEqualTo(first.subList(0, 7));
        assertThat(other).isNotEqualTo(first);
        assertThat(Set.copyOf(first)).hasSizeGreaterThan(10);
    }

    @Test
    void shouldFollowTheLikeliestAtTemperatureZeroAndByTopOne() {
        PipelineSpec spec = Specs.of(FIELDS);
        for (Rollout.Options greedy : List.of(options(5, 30, 0, 1), new Rollout.Options(5, 30, 1, 1, 1, false))) {
            assertThat(run(spec, new Ring(0.4f, false, 0), greedy))
                    .allSatisfy(s -> assertThat(kinds(s)).containsExactly("b", "c", "a", "b", "c"));
        }
    }

    @Test
    void shouldStopASampleAtItsEnd() {
        int n = 4000;
        List<Continuation> samples = run(Specs.of(FIELDS, "end: last"), new Ring(1, true, 0.25f), options(3, n, 1, 3));

        // A share of 0.25 ends at each of three draws. Five standard deviations of a share of 4000 are 0.035.
        Map<Integer, Long> ended = samples.stream()
                .filter(Continuation::ended)
                .collect(Collectors.groupingBy(s -> s.events().size(), Collectors.counting()));
        assertThat((double) ended.get(0) / n).isCloseTo(0.25, within(0.035));
        assertThat((double) ended.get(1) / n).isCloseTo(0.1875, within(0.035));
        assertThat((double) ended.get(2) / n).isCloseTo(0.140625, within(0.035));
        assertThat(samples).filteredOn(s -> !s.ended()).allMatch(s -> s.events().size() == 3);
        assertThat(run(Specs.of(FIELDS, "end: last"), new Ring(1, true, 0.75f), options(3, 5, 0, 3)))
                .allMatch(s -> s.ended() && s.events().isEmpty());
    }

    @Test
    void shouldStopAtAnEventThatClosesItsSequence() {
        PipelineSpec spec = Specs.of(FIELDS, "end: {field: kind, values: [c]}");
        List<Continuation> samples = run(spec, new Ring(1, false, 0), options(9, 2, 1, 1));

        assertThat(samples).allSatisfy(s -> {
            assertThat(kinds(s)).containsExactly("b", "c");
            assertThat(s.ended()).isTrue();
            assertThat(s.events().get(1).last()).isTrue();
        });
        Event closed = new Event("e", 1, event(1, "c").values(), true);
        assertThatThrownBy(() -> EntityPoint.after(model(spec, new Ring(1, false, 0)), List.of(closed)))
                .isInstanceOf(RolloutException.class)
                .hasMessageContaining("closes its sequence");
    }

    @Test
    void shouldStartASessionAnewWhereTheDrawnTimeLeavesTheGap() {
        Ring ring = new Ring(1, false, 0);
        List<Continuation> samples = run(Specs.of(FIELDS, "session: {gap: 4500ms}"), ring, options(6, 1, 1, 1));

        // Gaps of 2, 3, 4, 5 s: the fourth starts a session, whose first step makes the next gap 1 s.
        assertThat(ring.rows.stream().map(row -> row[0])).containsExactly(1f, 0f, 0f, 0f, 0f, 1f, 0f);
        assertThat(samples.get(0).events())
                .extracting(Event::timeMs)
                .containsExactly(7000L, 10_000L, 14_000L, 19_000L, 20_000L, 22_000L);
    }

    @Test
    void shouldRefuseToDrawAnInputThatIsNotPredictedUnlessItIsHeld() {
        PipelineSpec spec = Specs.of(
                """
                kind: {kind: categorical}
                size: {kind: numeric, role: input}
                lamps: {kind: flags, flags: [oil, brake], role: input}
                gap: {kind: since-previous}
                """);
        StepFunction constant = new StepFunction() {
            @Override
            public StepShape shape() {
                return new StepShape(8, 1, 1, 5);
            }

            @Override
            public void step(StepBatch batch) {
                for (int row = 0; row < batch.rows(); row++) {
                    assertThat(Arrays.copyOfRange(batch.features, 8 * row + 2, 8 * row + 6))
                            .containsExactly(1, 1, 0, 1);
                    Arrays.fill(batch.prediction, 5 * row, 5 * row + 5, 0.2f);
                }
            }

            @Override
            public void close() {}
        };
        SequenceModel model = model(spec, constant);
        boolean[] lamps = {false, true};
        EntityPoint point = EntityPoint.after(
                model,
                List.of(
                        Specs.event("e", 1000, "a", 12.0, lamps, null),
                        Specs.event("e", 4000, "a", 12.0, lamps, null)));

        assertThatThrownBy(() -> new Rollout(model, LEARNED).run(point, options(3, 2, 1, 1)))
                .isInstanceOf(RolloutException.class)
                .hasMessageContaining("reads size, lamps, gap, but doesn't predict it, or the time")
                .hasMessageContaining("--hold");
        Continuation held = new Rollout(model, LEARNED)
                .run(point, new Rollout.Options(3, 1, 1, 0, 1, true))
                .get(0);
        assertThat(held.events()).extracting(Event::timeMs).containsExactly(7000L, 10_000L, 13_000L);
        assertThat(held.events()).allMatch(e -> e.values()[1].equals(12.0));
    }

    @Test
    void shouldRefuseOptionsThatMeanNothing() {
        assertThatThrownBy(() -> options(0, 1, 1, 1)).hasMessage("steps must be >= 1, got 0");
        assertThatThrownBy(() -> options(1, 0, 1, 1)).hasMessage("samples must be >= 1, got 0");
        assertThatThrownBy(() -> options(1, 1, -1, 1)).hasMessageContaining("temperature must be >= 0");
        assertThatThrownBy(() -> options(1, 1, Double.NaN, 1)).hasMessageContaining("temperature must be >= 0");
        assertThatThrownBy(() -> new Rollout.Options(1, 1, 1, -1, 1, false)).hasMessageContaining("top k");
        assertThatThrownBy(() -> EntityPoint.after(model(Specs.of(FIELDS), new Ring(1, false, 0)), List.of()))
                .isInstanceOf(RolloutException.class);
    }

    @Test
    void shouldSayWhatSamplesHaveInCommon() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        SequenceModel model = model(spec, new Ring(1, true, 0));
        EntityPoint point = EntityPoint.after(model, List.of(event(5000, "a")));
        List<Continuation> samples = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            boolean[] lamps = {true, i == 0};
            Event first = Specs.event("e", 6000 + 1000L * i, i < 3 ? "b" : "c", 10.0 * i, lamps, null);
            Event second = Specs.event("e", 10_000 + 1000L * i, null, 1.0, lamps, null);
            samples.add(new Continuation(i == 4 ? List.of(first) : List.of(first, second), true));
        }
        samples.add(new Continuation(List.of(), true));

        List<Forecast> forecasts = Forecast.of(spec, point, samples, 1);

        assertThat(forecasts).extracting(Forecast::samples).containsExactly(5, 4, 0);
        var first = forecasts.get(0).fields();
        assertThat(first).extracting("field").containsExactly("kind", "size", "lamps", "gap", "END");
        Categorical kind = (Categorical) first.get(0).getDistribution();
        assertThat(kind.getTop()).hasSize(1);
        assertThat(kind.getTop().get(0).getValue()).isEqualTo("b");
        assertThat(kind.getTop().get(0).getProbability()).isEqualTo(0.6);
        Continuous size = (Continuous) first.get(1).getDistribution();
        assertThat(size).isEqualTo(new Continuous(20.0, 2.0, 38.0));
        Flags flags = (Flags) first.get(2).getDistribution();
        assertThat(flags.getExpectedCount()).isEqualTo(1.2);
        assertThat(flags.getTop().get(0).getValue()).isEqualTo("oil");
        assertThat(((Continuous) first.get(3).getDistribution()).getMedian()).isEqualTo(3000);
        assertThat(((Binary) first.get(4).getDistribution()).getProbability()).isCloseTo(1.0 / 6, within(1e-12));
        var second = forecasts.get(1).fields();
        assertThat(((Categorical) second.get(0).getDistribution())
                        .getTop()
                        .get(0)
                        .getValue())
                .isEqualTo("<missing>");
        assertThat(((Continuous) second.get(3).getDistribution()).getMedian()).isEqualTo(4000);
        assertThat(forecasts.get(2).fields()).extracting("field").containsExactly("END");
    }
}
