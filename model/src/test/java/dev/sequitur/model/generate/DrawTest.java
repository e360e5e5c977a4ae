package dev.sequitur.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.head.HeadLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many draws, with a fixed seed, against the distribution that they are drawn from. */
class DrawTest {
    private static final int N = 20_000;
    private static final float[] PROBABILITIES = {9, 0.4f, 0.05f, 0.3f, 0.2f, 0.05f};

    /** Quantile of chi-square with 4 degrees of freedom that 1 of 10,000 exceeds; the seed is fixed, so never this one. */
    private static final double CHI_SQUARE = 23.5;

    private static Draw draw(double temperature, int topK) {
        return new Draw(new SplittableRandom(7), temperature, topK);
    }

    private static double[] counts(double temperature, int topK) {
        Draw draw = draw(temperature, topK);
        double[] counts = new double[5];
        for (int i = 0; i < N; i++) {
            counts[draw.category(PROBABILITIES, 1, 5)]++;
        }
        return counts;
    }

    private static double chiSquare(double[] counts, double... weights) {
        double total = DoubleStream.of(weights).sum();
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            double expected = N * weights[i] / total;
            sum += expected == 0 ? 0 : (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return sum;
    }

    @Test
    void shouldDrawCategoriesAsOftenAsPredicted() {
        assertThat(chiSquare(counts(1, 0), 0.4, 0.05, 0.3, 0.2, 0.05)).isLessThan(CHI_SQUARE);
        assertThat(chiSquare(counts(1, 0), 0.42, 0.05, 0.28, 0.2, 0.05)).isGreaterThan(CHI_SQUARE);
    }

    @Test
    void shouldSharpenOrFlattenByTheTemperature() {
        assertThat(chiSquare(counts(0.5, 0), 0.16, 0.0025, 0.09, 0.04, 0.0025)).isLessThan(CHI_SQUARE);
        assertThat(chiSquare(
                        counts(2, 0), Math.sqrt(0.4), Math.sqrt(0.05), Math.sqrt(0.3), Math.sqrt(0.2), Math.sqrt(0.05)))
                .isLessThan(CHI_SQUARE);
    }

    @Test
    void shouldDrawFromTheLikeliestAlone() {
        double[] counts = counts(1, 3);
        assertThat(counts[1]).isZero();
        assertThat(counts[4]).isZero();
        assertThat(chiSquare(counts, 0.4, 0, 0.3, 0.2, 0)).isLessThan(CHI_SQUARE);
        assertThat(counts(1, 4)[4]).as("a tie goes to the first").isZero();
        assertThat(counts(1, 9)).isEqualTo(counts(1, 0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-3})
    void shouldTakeTheLikeliestWhereItIsCold(double temperature) {
        assertThat(counts(temperature, 0)[0]).isEqualTo(N);
        assertThat(draw(temperature, 0).yes(0.51)).isTrue();
        assertThat(draw(temperature, 0).yes(0.49)).isFalse();
        assertThat(draw(temperature, 0).yes(1)).isTrue();
        assertThat(draw(temperature, 0).yes(0)).isFalse();
    }

    @Test
    void shouldTakeTheLikeliestWhereThereIsOneToDrawFrom() {
        assertThat(counts(1, 1)[0]).isEqualTo(N);
    }

    @Test
    void shouldSayYesAsOftenAsPredicted() {
        // Five standard deviations of a share of 20,000 are 0.016.
        assertThat(share(1, 0.2)).isCloseTo(0.2, within(0.016));
        assertThat(share(1, 0.9)).isCloseTo(0.9, within(0.016));
        assertThat(share(0.5, 0.8)).isCloseTo(0.64 / 0.68, within(0.016));
        assertThat(share(2, 0.1)).isCloseTo(1.0 / 4, within(0.016));
    }

    private static double share(double temperature, double probability) {
        Draw draw = draw(temperature, 0);
        int yes = 0;
        for (int i = 0; i < N; i++) {
            yes += draw.yes(probability) ? 1 : 0;
        }
        return (double) yes / N;
    }

    private static HeadLayout.Target target(String field) {
        return new HeadLayout(Specs.of(field), Map.of("x", new LearnedField.Scale(0, 0, 1)))
                .targets()
                .get(0);
    }

    private static double[] numbers(String field, double temperature, int topK, float... parameters) {
        Draw draw = draw(temperature, topK);
        HeadLayout.Target target = target(field);
        double[] numbers = new double[N];
        for (int i = 0; i < N; i++) {
            numbers[i] = draw.number(target, parameters, 0);
        }
        return numbers;
    }

    private static void moments(double[] numbers, double mean, double variance) {
        double got = Arrays.stream(numbers).average().orElseThrow();
        double spread =
                Arrays.stream(numbers).map(x -> (x - got) * (x - got)).average().orElseThrow();
        // Five standard errors of a mean; of a variance no more than a tenth at these sizes.
        assertThat(got).isCloseTo(mean, within(5 * Math.sqrt(variance / N)));
        assertThat(spread).isCloseTo(variance, within(0.1 * variance));
    }

    @Test
    void shouldDrawNumbersWithTheMomentsOfTheirDistribution() {
        moments(numbers("x: {kind: numeric}", 1, 0, 3, 0.5f), 3, 0.25);
        // E x² − (E x)² of the mixture: 0.25 (1 + 0.01) + 0.75 (4 + 0.25) − 1.25².
        String mixture = "x: {kind: numeric, components: 2}";
        moments(numbers(mixture, 1, 0, 0.25f, 0.75f, -1, 2, 0.1f, 0.5f), 1.25, 0.2525 + 3.1875 - 1.5625);
        moments(numbers("x: {kind: since-previous, role: [input, target]}", 1, 0, 1, -2, 2f), -2, 4);
    }

    @Test
    void shouldNarrowNumbersByTheTemperature() {
        moments(numbers("x: {kind: numeric}", 0.25, 0, 3, 0.5f), 3, 0.0625);
        String mixture = "x: {kind: numeric, components: 2}";
        // Weights 0.2 and 0.8 squared: 1/17 and 16/17.
        double mean = (0 + 16 * 1) / 17.0;
        moments(numbers(mixture, 0.5, 0, 0.2f, 0.8f, 0, 1, 0.1f, 0.1f), mean, mean * (1 - mean) + 0.5 * 0.01);
        assertThat(numbers(mixture, 0, 0, 0.25f, 0.75f, -1, 2, 0.1f, 0.5f)).containsOnly(2);
    }

    @Test
    void shouldKeepEveryComponentOfAMixtureWhateverTopK() {
        double[] numbers = numbers("x: {kind: numeric, components: 2}", 1, 1, 0.25f, 0.75f, -1, 2, 0.01f, 0.01f);
        assertThat(Arrays.stream(numbers).filter(x -> x < 0).count()).isBetween(N / 5L, 3L * N / 10);
    }
}
