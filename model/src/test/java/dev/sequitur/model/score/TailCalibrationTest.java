package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TailCalibrationTest {
    private static final DoubleUnaryOperator EXPONENTIAL = p -> -Math.log1p(-p);

    private static double[] samples(long seed, int n, DoubleUnaryOperator quantile) {
        return new Random(seed).doubles(n).map(quantile).toArray();
    }

    @Test
    void shouldMeanWhatItSaysOnEventsItWasNotMadeFrom() {
        TailCalibration calibration = TailCalibration.of(samples(1, 200_000, EXPONENTIAL));
        double[] heldOut = samples(2, 1_000_000, EXPONENTIAL);

        for (double score : new double[] {0.1, 0.5, 0.9, 0.99, 0.999}) {
            double exceeding = Arrays.stream(heldOut)
                            .filter(s -> calibration.score(s) > score)
                            .count()
                    / (double) heldOut.length;
            // The mean of the 1000 excesses is good to 3 %, which is 0.03·ln 50 of the share at 0.999; three
            // deviations.
            double slack = 3 * Math.sqrt(score * (1 - score) / 200_000) + 0.12 * (score > 0.95 ? 1 - score : 0);
            assertThat(exceeding).as("share above %s", score).isCloseTo(1 - score, within(slack));
        }
    }

    @Test
    void shouldScoreTheExponentialByItsOwnDistribution() {
        TailCalibration calibration = TailCalibration.of(samples(3, 20_000, EXPONENTIAL));

        for (double s = 0.05; s < 12; s += 0.05) {
            double exact = 1 - Math.exp(-s);
            // Kolmogorov's distance of 20000 samples exceeds 0.0163 once in ten thousand.
            assertThat(calibration.score(s)).as("score of %s", s).isCloseTo(exact, within(0.0163));
        }
        // Far beyond any sample the tail still falls at the right rate.
        assertThat(Math.log(1 - calibration.score(20))).isCloseTo(-20, within(20 * 0.15));
    }

    @Test
    void shouldAlarmAtTheStatedRateOnHeldOutEvents() {
        // Half the square of a normal, as the surprise of a Gaussian field: its tail is heavier than it starts.
        Random random = new Random(4);
        double[] seen = DoubleStream.generate(() -> 0.5 * Math.pow(random.nextGaussian(), 2))
                .limit(20_000)
                .toArray();
        TailProbabilityScorer scorer = new TailProbabilityScorer(TailCalibration.of(seen), 0.001);

        long alarms = DoubleStream.generate(() -> 0.5 * Math.pow(random.nextGaussian(), 2))
                .limit(500_000)
                .filter(s -> s > scorer.threshold())
                .count();

        assertThat(alarms / 500_000.0).isBetween(0.0005, 0.002);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9999, 0.9, 0.5, 0.1, 0.0501, 0.05, 0.0499, 0.01, 1e-3, 1e-6, 1e-12})
    void shouldGiveTheThresholdWhoseScoreIsTheRest(double rate) {
        TailCalibration calibration = TailCalibration.of(samples(5, 5000, EXPONENTIAL));

        assertThat(calibration.score(calibration.threshold(rate))).isCloseTo(1 - rate, within(1e-9));
    }

    @Test
    void shouldNeverFallAndStayBetweenZeroAndOne() {
        Random random = new Random(6);
        double[] rounded = random.doubles(500).map(v -> Math.round(8 * v * v)).toArray();
        double[][] kinds = {samples(7, 1000, EXPONENTIAL), rounded, {3}, {2, 2, 2}, {1, 2}, {-5, -5, -5, 0, 1e30}};
        for (double[] kind : kinds) {
            TailCalibration calibration = TailCalibration.of(kind);
            double[] asked = DoubleStream.concat(
                            Arrays.stream(kind), random.doubles(2000).map(v -> 30 * v - 10))
                    .sorted()
                    .toArray();
            double last = 0;
            for (double s : asked) {
                double score = calibration.score(s);
                assertThat(score).as("score of %s", s).isBetween(last, 1.0);
                last = score;
            }
            assertThat(calibration.score(Double.NEGATIVE_INFINITY)).isZero();
            assertThat(calibration.score(Double.POSITIVE_INFINITY)).isOne();
        }
    }

    @Test
    void shouldNeverRaiseTheThresholdAsTheRateGrows() {
        TailCalibration calibration = TailCalibration.of(samples(8, 300, EXPONENTIAL));

        double last = Double.POSITIVE_INFINITY;
        for (double rate = 1e-4; rate < 1; rate += 1e-4) {
            double threshold = calibration.threshold(rate);
            assertThat(threshold).as("threshold of %s", rate).isLessThanOrEqualTo(last);
            last = threshold;
        }
    }

    @Test
    void shouldCountEqualSurprisesAsAtMostAsMuch() {
        // 40 % zeros, 40 % ones, 20 % spread over 2 to 3.
        double[] surprises = DoubleStream.concat(
                        DoubleStream.concat(
                                DoubleStream.generate(() -> 0).limit(4000),
                                DoubleStream.generate(() -> 1).limit(4000)),
                        new Random(9).doubles(2000).map(v -> 2 + v))
                .toArray();
        TailCalibration calibration = TailCalibration.of(surprises);

        // To one of 200 points.
        assertThat(calibration.score(0)).isCloseTo(0.4, within(0.005));
        assertThat(calibration.score(1)).isCloseTo(0.8, within(0.005));
        assertThat(calibration.score(2.5)).isCloseTo(0.9, within(0.01));
        assertThat(calibration.score(-0.1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000})
    void shouldNotAlarmOnWhatItAlwaysSaw(int events) {
        double[] surprises = new double[events];
        Arrays.fill(surprises, 2);
        TailProbabilityScorer scorer = new TailProbabilityScorer(TailCalibration.of(surprises), 0.001);

        assertThat(scorer.score(2)).isBetween(0.9, 0.999);
        // float32 in batches of another size makes differences of 1e-5.
        assertThat(scorer.threshold()).isBetween(2 + 1e-4, 3.0);
        assertThat(scorer.score(1.9)).isZero();
    }

    @Test
    void shouldRefuseWhatIsNoCalibration() {
        assertThatThrownBy(() -> TailCalibration.of(new double[0])).hasMessageContaining("no event");
        assertThatThrownBy(() -> TailCalibration.of(new double[] {1, Double.NaN}))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> TailCalibration.of(new double[] {1, Double.POSITIVE_INFINITY}))
                .hasMessageContaining("Infinity");
        double[] ascending = {0, 1};
        assertThatThrownBy(() -> new TailCalibration(0, ascending, 0.05, 1)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new TailCalibration(1, new double[1], 0.05, 1)).hasMessageContaining("2 quantiles");
        assertThatThrownBy(() -> new TailCalibration(1, ascending, 1, 1)).hasMessageContaining("tail share");
        assertThatThrownBy(() -> new TailCalibration(1, ascending, 0.05, 0)).hasMessageContaining("tail scale");
        assertThatThrownBy(() -> new TailCalibration(1, ascending, 0.05, Double.NaN))
                .hasMessageContaining("tail scale");
        assertThatThrownBy(() -> new TailCalibration(1, new double[] {1, 0}, 0.05, 1))
                .hasMessageContaining("ascending");
        assertThatThrownBy(() -> new TailCalibration(1, new double[] {0, Double.NaN}, 0.05, 1))
                .hasMessageContaining("ascending");
    }

    @Test
    void shouldNotReorderWhatItWasGiven() {
        double[] surprises = {3, 1, 2};
        TailCalibration.of(surprises);

        assertThat(surprises).containsExactly(3, 1, 2);
    }
}
