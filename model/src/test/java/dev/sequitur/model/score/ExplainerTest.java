package dev.sequitur.model.score;

import static dev.sequitur.model.Specs.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplainerTest {
    private static final String FIELDS =
            """
            load: {kind: numeric, optional: true}
            age: {kind: since-start}
            mode: {kind: categorical, optional: true}
            lamps: {kind: flags, flags: [oil, water, brake]}
            gap: {kind: since-previous, role: [input, target]}
            skill: {kind: categorical, role: given}
            """;
    private static final Map<String, LearnedField> LEARNED = Map.of(
            "load", new Scale(0, 100, 10),
            "age", new Scale(1000, 0, 1),
            "mode", new Vocabulary(List.of("run", "idle", "off"), 2),
            "gap", new Scale(1000, 2, 0.5),
            "skill", new Vocabulary(List.of("s"), 1));
    private static final Explainer EXPLAINER = explainer("task: {top: 2}");

    /** Of load: 2; of mode: 5; of lamps: 3; of gap: 3; of END: 1. */
    private static final float[] PARAMETERS = {
        0.5f, 2, 0.05f, 0.05f, 0.2f, 0.6f, 0.1f, 0.25f, 0.5f, 0.125f, 1, 2, 0.25f, 0.75f
    };

    private static final EntityClock CLOCK = new EntityClock(4, 1000, 7000);

    private static Explainer explainer(String task) {
        return new Explainer(Specs.of(FIELDS, "end: last", task), LEARNED);
    }

    private static Event came(long timeMs, Double load, String mode, boolean... lamps) {
        return event("a", timeMs, load, null, mode, lamps, null, "s");
    }

    /** Two rows; the second is the one asked for. */
    private static StepBatch batch(float... surprise) {
        StepBatch batch = new StepBatch(new StepShape(9, 1, 5, PARAMETERS.length));
        batch.resize(2);
        System.arraycopy(surprise, 0, batch.surprise, 5, 5);
        System.arraycopy(PARAMETERS, 0, batch.expected, PARAMETERS.length, PARAMETERS.length);
        return batch;
    }

    private static List<FieldSurprise> explain(Event event, EntityClock clock) {
        return EXPLAINER.explain(event, clock, batch(1, 2, 3, 4, 5), 1);
    }

    private static Object distribution(List<Expectation> fields, String name) {
        return fields.stream()
                .filter(f -> f.getField().equals(name))
                .findFirst()
                .orElseThrow()
                .getDistribution();
    }

    @Test
    void shouldSaySurpriseAndWhatCameOfEveryTargetInTheOrderOfTheSpec() {
        List<FieldSurprise> fields = explain(came(9500, 112.5, "idle", true, false, true), CLOCK);

        assertThat(fields)
                .extracting(f -> f.getExpected().getField())
                .containsExactly("load", "mode", "lamps", "gap", "END");
        assertThat(fields).extracting(FieldSurprise::getSurprise).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0);
        assertThat(fields)
                .extracting(FieldSurprise::getObserved)
                .containsExactly("112.5", "idle", "oil brake", "2500", "false");
    }

    @Test
    void shouldSayNothingOfWhatWasMissing() {
        List<FieldSurprise> fields = explain(came(9500, null, null, false, false, false), EntityClock.START);

        assertThat(fields)
                .extracting(FieldSurprise::getObserved)
                .as("no load, no mode, no lamp, nothing before")
                .containsExactly(null, null, "", null, "false");
    }

    @Test
    void shouldSayZeroForTheTimeOfALateEvent() {
        assertThat(explain(came(3000, 1.0, "run", true, true, true), CLOCK)
                        .get(3)
                        .getObserved())
                .isEqualTo("0");
    }

    @Test
    void shouldExplainTheEndByItselfAlone() {
        List<FieldSurprise> fields = explain(null, CLOCK);

        assertThat(fields).hasSize(1);
        assertThat(fields.get(0).getObserved()).isEqualTo("true");
        assertThat(fields.get(0).getSurprise()).isEqualTo(5);
        assertThat(fields.get(0).getExpected()).isEqualTo(new Expectation("END", new Binary(0.75)));
    }

    @Test
    void shouldSayANumberInItsOwnUnits() {
        Continuous load = (Continuous) distribution(EXPLAINER.predict(PARAMETERS, 0), "load");

        // Mean 100 + 10·0.5, deviation 10·2; Φ⁻¹(0.95) = 1.6449.
        assertThat(load.getMedian()).isCloseTo(105, within(1e-9));
        assertThat(load.getP05()).isCloseTo(105 - 20 * 1.6448536, within(1e-5));
        assertThat(load.getP95()).isCloseTo(105 + 20 * 1.6448536, within(1e-5));
    }

    @Test
    void shouldSayTheQuantilesOfANumberWithSeveralModes() {
        Explainer modes =
                new Explainer(Specs.of("load: {kind: numeric, components: 2}"), Map.of("load", new Scale(0, 100, 10)));
        // A quarter around 100 and the rest around 150, each 1 wide: 5 % of all is 20 % of the first, whose Φ⁻¹ is
        // -0.8416; the median is the third of the second, -0.4307; 95 % is its 14/15, 1.5011.
        float[] parameters = {0.25f, 0.75f, 0, 5, 0.1f, 0.1f};

        Continuous load = (Continuous) distribution(modes.predict(parameters, 0), "load");

        assertThat(load.getP05()).isCloseTo(100 - 0.8416, within(1e-3));
        assertThat(load.getMedian()).isCloseTo(150 - 0.4307, within(1e-3));
        assertThat(load.getP95()).isCloseTo(150 + 1.5011, within(1e-3));
    }

    @Test
    void shouldSayTheTimeToTheNextEventInMilliseconds() {
        Continuous gap = (Continuous) distribution(EXPLAINER.predict(PARAMETERS, 0), "gap");

        // log(1 + t/1 s) is normal around 2 + 0.5·2, with deviation 0.5·0.25; to the 1e-7 of the normal's cdf.
        assertThat(gap.getMedian()).isCloseTo(1000 * (Math.exp(3) - 1), within(0.01));
        assertThat(gap.getP05()).isCloseTo(1000 * (Math.exp(3 - 0.125 * 1.6448536) - 1), within(0.01));
        assertThat(gap.getP95()).isCloseTo(1000 * (Math.exp(3 + 0.125 * 1.6448536) - 1), within(0.01));
    }

    @Test
    void shouldNotExpectANegativeTime() {
        float[] parameters = PARAMETERS.clone();
        parameters[11] = -40;
        Continuous gap = (Continuous) distribution(EXPLAINER.predict(parameters, 0), "gap");

        assertThat(List.of(gap.getP05(), gap.getMedian(), gap.getP95())).containsExactly(0.0, 0.0, 0.0);
    }

    @Test
    void shouldStayFiniteHoweverWideTheExpectation() {
        float[] parameters = PARAMETERS.clone();
        parameters[11] = 1e4f;
        parameters[12] = 400;
        Continuous gap = (Continuous) distribution(EXPLAINER.predict(parameters, 0), "gap");

        assertThat(gap.getP95()).isFinite();
        assertThat(gap.getP05()).isPositive().isLessThanOrEqualTo(gap.getMedian());
    }

    @Test
    void shouldListTheLikeliestCategoriesFirst() {
        Categorical mode = (Categorical) distribution(EXPLAINER.predict(PARAMETERS, 0), "mode");

        assertThat(mode.getTop())
                .containsExactly(new Probability("idle", (double) 0.6f), new Probability("run", (double) 0.2f));
    }

    @Test
    void shouldListTheLikeliestFlagsAndHowManyAreExpected() {
        Flags lamps = (Flags) distribution(EXPLAINER.predict(PARAMETERS, 0), "lamps");

        assertThat(lamps.getTop()).containsExactly(new Probability("water", 0.5), new Probability("oil", 0.25));
        assertThat(lamps.getExpectedCount()).isEqualTo(0.875);
    }

    @Test
    void shouldListNoMoreThanThereAre() {
        Explainer all = explainer("task: {top: 100}");

        assertThat(((Categorical) distribution(all.predict(PARAMETERS, 0), "mode")).getTop())
                .extracting(Probability::getValue)
                .containsExactly("idle", "run", "off", "<unknown>", "<missing>");
    }

    @Test
    void shouldPredictWhatTheTaskNames() {
        Explainer some = explainer("task: {predict: [mode, END]}");

        assertThat(some.predict(PARAMETERS, 0))
                .extracting(Expectation::getField)
                .containsExactly("mode", "END");
        assertThat(explainer("task: {predict: [load]}").predict(PARAMETERS, 0))
                .extracting(Expectation::getField)
                .containsExactly("load");
    }

    @Test
    void shouldReadTheRowItWasAskedFor() {
        float[] rows = new float[3 * PARAMETERS.length];
        System.arraycopy(PARAMETERS, 0, rows, 2 * PARAMETERS.length, PARAMETERS.length);

        assertThat(EXPLAINER.predict(rows, 2)).isEqualTo(EXPLAINER.predict(PARAMETERS, 0));
        assertThat(explain(came(9500, 1.0, "run", true, true, true), CLOCK))
                .extracting(FieldSurprise::getExpected)
                .isEqualTo(EXPLAINER.predict(PARAMETERS, 0));
    }

    @Test
    void shouldSumTheSurpriseOfTheFieldsThatAlarm() {
        float[] surprises = {9, 9, 9, 9, 9, 1, 2, 4, 8, 16};

        assertThat(EXPLAINER.surprise(surprises, 1)).isEqualTo(31);
        assertThat(explainer("task: {alarm: {on: [mode, END]}}").surprise(surprises, 1))
                .isEqualTo(18);
    }

    @Test
    void shouldQuoteTheStartOfALongValue() {
        String exact = "x".repeat(256);
        String mode = exact + "y";

        assertThat(observedMode(exact)).isEqualTo(exact);
        assertThat(observedMode(mode)).isEqualTo(exact + "…");
    }

    @Test
    void shouldNotCutACharacterInHalf() {
        String quoted = observedMode("x".repeat(255) + "\uD83D\uDE00" + "tail");

        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(quoted)).isTrue();
        assertThat(quoted).isEqualTo("x".repeat(255) + "…");
    }

    private static String observedMode(String mode) {
        return explain(came(9500, 1.0, mode, true, true, true), CLOCK).get(1).getObserved();
    }

    @Test
    void shouldGiveNoveltyTheScaledValueOfANumericTargetAndOthersNone() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last", "task: {alarm: {scorer: novelty}}");
        Explainer explainer = new Explainer(spec, LEARNED);
        FeatureEncoder encoder = new FeatureEncoder(spec, LEARNED);
        float[] rows = new float[2 * encoder.width()];
        Event event = came(9500, 115.0, "idle", true, true, true);
        encoder.encode(event, CLOCK, rows, encoder.width());

        assertThat(explainer.values(event, rows, encoder.width())).containsExactly(1.5f);
        assertThat(EXPLAINER.values(event, rows, encoder.width())).as("tail").isEmpty();
        assertThat(explainer.values(null, rows, encoder.width())).as("END").containsExactly(Float.NaN);
        Event missing = came(9600, null, "idle", true, true, true);
        encoder.encode(missing, CLOCK, rows, encoder.width());
        assertThat(explainer.values(missing, rows, encoder.width())).containsExactly(Float.NaN);
    }

    @Test
    void shouldOrderTheLargestFirstAndTiesByTheirPlace() {
        float[] values = {99, 1, 3, 2, 3, 3, 99};

        assertThat(Explainer.top(values, 1, 5, 4)).containsExactly(1, 3, 4, 2);
        assertThat(Explainer.top(values, 1, 5, 2)).containsExactly(1, 3);
        assertThat(Explainer.top(values, 1, 5, 9)).containsExactly(1, 3, 4, 2, 0);
    }
}
