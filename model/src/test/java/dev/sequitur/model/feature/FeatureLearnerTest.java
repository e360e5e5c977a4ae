package dev.sequitur.model.feature;

import static dev.sequitur.model.Specs.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureLearnerTest {
    /** For numbers that don't stay in memory, which those of a test do unless it says otherwise. */
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private static final String NO_VALUE = "field 'x' has no value in the training data, so nothing of it can be"
            + " predicted; take its role target away";

    private static FeatureLearner learner(String field, Object... values) {
        FeatureLearner learner = new FeatureLearner(Specs.of(field), DIRECTORY);
        for (Object value : values) {
            learner.add(event("a", 0, value), EntityClock.START);
        }
        return learner;
    }

    private static Scale scale(String options, double... values) {
        return (Scale) learner("x: {kind: numeric" + options + "}", boxed(values))
                .learned()
                .get("x");
    }

    private static Object[] boxed(double... values) {
        return Arrays.stream(values).boxed().toArray();
    }

    private static void assertScale(Scale actual, double unit, double shift, double scale) {
        assertThat(actual.unit()).as("unit").isEqualTo(unit);
        assertThat(actual.shift()).as("shift").isCloseTo(shift, within(1e-12 * Math.abs(shift)));
        assertThat(actual.scale()).as("scale").isCloseTo(scale, within(1e-12 * scale));
    }

    @Test
    void shouldStandardizeByMeanAndDeviation() {
        // Mean 5, squares of the distances 9 1 1 1 0 0 4 16.
        assertScale(scale("", 2, 4, 4, 4, 5, 5, 7, 9), 0, 5, 2);
    }

    @Test
    void shouldStandardizeRandomNumbersToMeanZeroAndDeviationOne() {
        Random random = new Random(3);
        double[] values = random.doubles(1000).map(v -> 1e6 + 50 * v * v).toArray();
        Scale scale = scale("", values);

        double[] scaled = Arrays.stream(values).map(scale::forward).toArray();
        double mean = Arrays.stream(scaled).sum() / 1000;
        double squares = Arrays.stream(scaled).map(v -> v * v).sum() / 1000;
        assertThat(mean).isCloseTo(0, within(1e-8));
        assertThat(squares).isCloseTo(1, within(1e-8));
    }

    @Test
    void shouldBringMinAndMaxToZeroAndOne() {
        Scale scale = scale(", scaling: min-max", 3, -1, 7);

        assertScale(scale, 0, -1, 8);
        assertThat(scale.forward(-1)).isZero();
        assertThat(scale.forward(7)).isOne();
    }

    @Test
    void shouldLeaveNumbersAloneWithoutScaling() {
        assertScale(scale(", scaling: none", 3, -1, 7), 0, 0, 1);
    }

    @Test
    void shouldBendByTheMedianSize() {
        // Sizes 1 2 4 8 100: the middle one is 4.
        assertScale(scale(", scaling: none, transform: log", -8, 1, -2, 4, 100), 4, 0, 1);
    }

    @Test
    void shouldStandardizeWhatWasBent() {
        double low = Math.log(1 + 1 / 3.0);
        double middle = Math.log(1 + 3 / 3.0);
        double high = Math.log(1 + 9 / 3.0);
        double mean = (low + middle + high) / 3;
        double variance = (Math.pow(low - mean, 2) + Math.pow(middle - mean, 2) + Math.pow(high - mean, 2)) / 3;

        assertScale(scale(", transform: log", 1, 3, 9), 3, mean, Math.sqrt(variance));
    }

    @Test
    void shouldBendByOneWhereTheMedianIsZero() {
        assertThat(scale(", transform: log", 0, 0, 0, 5).unit()).isOne();
    }

    @Test
    void shouldChooseTheLogarithmForSkewedNumbersAlone() {
        Random random = new Random(4);
        double[] skewed = random.doubles(500).map(v -> Math.exp(6 * v)).toArray();
        double[] even = random.doubles(500).map(v -> 20 + v).toArray();
        double[] wide = {1, 10, 1e3, 1e150, 1e200, 1e250};

        assertThat(scale(", transform: auto", skewed).unit()).isPositive();
        assertThat(scale(", transform: auto", even).unit()).isZero();
        assertThat(scale(", transform: auto", wide).unit())
                .as("whose third power overflows")
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", transform: log", ", transform: auto", ", scaling: min-max"})
    void shouldNotDivideByTheNoiseOfAConstant(String options) {
        FeatureLearner learner = learner("x: {kind: numeric" + options + "}", boxed(0.1, 0.1, 0.1));

        Scale scale = (Scale) learner.learned().get("x");
        assertThat(scale.scale()).isEqualTo(1);
        assertThat(scale.forward(0.1)).isCloseTo(0, within(1e-12));
        assertThat(learner.warnings()).containsExactly("field 'x' is always 0.1 in the training data");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-15, 1e-300, 1, 1e300})
    void shouldScaleWhateverTheUnit(double unit) {
        // Farads are small and seconds since the epoch are large: neither makes a column constant.
        Scale scale = scale("", 2 * unit, 4 * unit, 4 * unit, 4 * unit, 5 * unit, 5 * unit, 7 * unit, 9 * unit);

        assertThat(scale.shift() / unit).isCloseTo(5, within(1e-12));
        assertThat(scale.scale() / unit).isCloseTo(2, within(1e-12));
    }

    @Test
    void shouldScaleSmallChangesOfALargeNumber() {
        assertScale(scale("", 1.7e12 - 3, 1.7e12 + 3), 0, 1.7e12, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", transform: log", ", transform: auto", ", scaling: min-max", ", scaling: none"})
    void shouldLearnFromTheLargestNumbers(String options) {
        Scale scale = scale(options, -Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE, 1e-300);

        assertThat(scale.scale()).isPositive().isFinite();
        assertThat(scale.forward(1e-300)).isFinite();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", transform: log", ", transform: auto", ", scaling: min-max", ", scaling: none"})
    void shouldWarnOfAColumnWithoutAValue(String options) {
        FeatureLearner learner = learner("x: {kind: numeric, optional: true" + options + "}", null, null);

        assertThat(((Scale) learner.learned().get("x")).forward(3)).isFinite();
        assertThat(learner.warnings()).containsExactly(NO_VALUE);
    }

    @Test
    void shouldIgnoreMissingNumbers() {
        Object[] values = {2.0, null, 4.0, null};

        assertScale(
                (Scale) learner("x: {kind: numeric, optional: true}", values)
                        .learned()
                        .get("x"),
                0,
                3,
                1);
    }

    @Test
    void shouldNotWarnOfTheSameTwice() {
        FeatureLearner learner = learner("x: {kind: numeric}", 1.0);
        learner.learned();
        learner.learned();

        assertThat(learner.warnings()).hasSize(1);
    }

    private static Object[] letters(String letters) {
        return letters.chars().mapToObj(Character::toString).toArray();
    }

    @Test
    void shouldListTheMostFrequentValuesFirstAndTiesByName() {
        FeatureLearner learner = learner("x: {kind: categorical}", letters("zbabzac"));

        assertThat(((Vocabulary) learner.learned().get("x")).values()).containsExactly("a", "b", "z", "c");
        assertThat(learner.warnings()).isEmpty();
    }

    @Test
    void shouldLeaveRareValuesUnknown() {
        FeatureLearner learner = learner("x: {kind: categorical, min-count: 2}", letters("aabbc"));

        assertThat(((Vocabulary) learner.learned().get("x")).values()).containsExactly("a", "b");
        assertThat(learner.warnings())
                .containsExactly("field 'x' has 3 values in the training data; 2 are learned, the rest are unknown."
                        + " Raise max-size or lower min-count to learn more of them");
    }

    @Test
    void shouldLearnAtMostTheMostFrequentValues() {
        FeatureLearner learner = learner("x: {kind: categorical, max-size: 2}", letters("cabbccd"));

        assertThat(((Vocabulary) learner.learned().get("x")).values()).containsExactly("c", "b");
    }

    @Test
    void shouldWarnOfACategoryThatIsNeverThereOrAlwaysTheSame() {
        FeatureLearner never = learner("x: {kind: categorical, optional: true}", null, null);
        FeatureLearner always = learner("x: {kind: categorical}", "on", "on");

        assertThat(((Vocabulary) never.learned().get("x")).values()).isEmpty();
        assertThat(never.warnings()).containsExactly(NO_VALUE);
        assertThat(((Vocabulary) always.learned().get("x")).values()).containsExactly("on");
        assertThat(always.warnings()).containsExactly("field 'x' is always 'on' in the training data");
    }

    @Test
    void shouldChooseTheEmbeddingByTheVocabularyUnlessItIsGiven() {
        Object[] many =
                Stream.iterate(0, i -> i + 1).limit(98).map(i -> "v" + i).toArray();
        Object[] more =
                Stream.iterate(0, i -> i + 1).limit(2000).map(i -> "v" + i).toArray();

        // 1.6 · 100^0.56 = 21.09; of three slots 2.96.
        assertThat(embedding("x: {kind: categorical}", many)).isEqualTo(21);
        assertThat(embedding("x: {kind: categorical}", "a")).isEqualTo(3);
        assertThat(embedding("x: {kind: categorical}", more)).isEqualTo(64);
        assertThat(embedding("x: {kind: categorical, embedding: 5}", more)).isEqualTo(5);
    }

    private static int embedding(String field, Object... values) {
        return ((Vocabulary) learner(field, values).learned().get("x")).embedding();
    }

    @Test
    void shouldLearnTheTimesOfAnEntity() {
        PipelineSpec spec = Specs.of(
                """
                gap: {kind: since-previous, role: [input, target]}
                age: {kind: since-start}
                place: {kind: position}
                """);
        FeatureLearner learner = new FeatureLearner(spec, DIRECTORY);
        EntityClock clock = EntityClock.START;
        // The last event comes late: no time passes.
        for (long time : new long[] {10_000, 11_000, 14_000, 12_000}) {
            learner.add(event("a", time, Collections.nCopies(3, null).toArray()), clock);
            clock = clock.after(time);
        }

        var learned = learner.learned();
        double[] gaps = {Math.log(2), Math.log(4), 0};
        double[] ages = {0, Math.log(2), Math.log(5), Math.log(3)};
        double[] places = {0, Math.log(2), Math.log(3), Math.log(4)};
        assertScale((Scale) learned.get("gap"), 1000, mean(gaps), deviation(gaps));
        assertScale((Scale) learned.get("age"), 1000, mean(ages), deviation(ages));
        assertScale((Scale) learned.get("place"), 1, mean(places), deviation(places));
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double v : values) {
            sum += (v - mean) * (v - mean);
        }
        return Math.sqrt(sum / values.length);
    }

    @Test
    void shouldLearnNothingOfFlagsAndTheCalendar() {
        PipelineSpec spec = Specs.of(
                """
                lamps: {kind: flags, flags: [a, b]}
                when: {kind: calendar, parts: [hour-of-day]}
                """);
        FeatureLearner learner = new FeatureLearner(spec, DIRECTORY);
        learner.add(event("a", 0, new boolean[2], null), EntityClock.START);

        assertThat(learner.learned()).isEmpty();
        assertThat(List.copyOf(learner.warnings())).isEmpty();
    }

    @Test
    void shouldNotSpeakOfATargetWhereAnInputHasNoValue() {
        FeatureLearner learner = new FeatureLearner(
                Specs.of("x: {kind: numeric, optional: true, role: input}\ny: {kind: numeric}"), DIRECTORY);
        learner.add(event("a", 0, null, 1.0), EntityClock.START);
        learner.add(event("a", 0, null, 2.0), EntityClock.START);
        learner.learned();

        assertThat(learner.warnings()).containsExactly("field 'x' has no value in the training data");
    }

    @Test
    void shouldWarnOfACategoryWithAValueOfItsOwnInNearlyEveryEvent() {
        Object[] names = IntStream.range(0, 1000).mapToObj(i -> "order " + i).toArray();
        FeatureLearner learner = learner("x: {kind: categorical}", names);

        learner.learned();

        assertThat(learner.warnings())
                .hasSize(1)
                .allMatch(w -> w.startsWith("field 'x' has 1000 values in 1000 training events, nearly one an event")
                        && w.contains("Remove it, make it numeric, or set max-size or min-count"));
    }

    @Test
    void shouldLearnTheSameOfNumbersOnDisk() {
        // More than stay in memory; the deviation of 0, 1, …, n − 1 is known.
        int n = 30_000;
        double[] values = IntStream.range(0, n).mapToDouble(i -> i).toArray();

        assertScale(scale("", values), 0, (n - 1) / 2.0, Math.sqrt(((double) n * n - 1) / 12));
        assertThat(scale(", scaling: none, transform: log", values).unit()).isEqualTo(n / 2);
    }
}
