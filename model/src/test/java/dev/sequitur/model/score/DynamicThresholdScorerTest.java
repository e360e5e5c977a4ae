package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DynamicThresholdScorerTest {
    /** Uniform on [0,1] up to a half, then an exponential tail of 2 nats. */
    private static final TailCalibration CALIBRATION = new TailCalibration(100, new double[] {0, 1}, 0.5, 2);

    private static double rarity(double surprise) {
        return surprise < 1 ? -Math.log(1 - 0.5 * surprise) : Math.log(2) + (surprise - 1) / 2;
    }

    private static ByteBuffer memory(Scorer scorer) {
        return ByteBuffer.allocate(scorer.memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static double[] levels(AlarmSpec.Dynamic spec, double[] surprises) {
        Scorer scorer = new DynamicThresholdScorer(spec, CALIBRATION);
        ByteBuffer memory = memory(scorer);
        return Arrays.stream(surprises)
                .map(s -> scorer.level(new Observation(s, 1), memory))
                .toArray();
    }

    /** Normal surprises, with troubles of a few events of different sizes. */
    private static double[] surprises(int n, long seed) {
        Random random = new Random(seed);
        double[] surprises = random.doubles(n).map(p -> 2 * p).toArray();
        for (int at = 40; at < n - 10; at += 25 + random.nextInt(20)) {
            double size = 3 + 30 * random.nextDouble();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                surprises[at + i] = size * (0.7 + 0.6 * random.nextDouble());
            }
        }
        return surprises;
    }

    /** Section 3.2's smoothed errors: the weighted mean of all so far, weights (1 − α)^age. */
    private static float[] smoothed(double[] surprises, int smoothing) {
        double alpha = 2.0 / (smoothing + 1);
        float[] smoothed = new float[surprises.length];
        for (int t = 0; t < smoothed.length; t++) {
            double sum = 0;
            double weights = 0;
            for (int i = 0; i <= t; i++) {
                double weight = Math.pow(1 - alpha, t - i);
                sum += weight * rarity(surprises[i]);
                weights += weight;
            }
            smoothed[t] = (float) (sum / weights);
        }
        return smoothed;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    private static double deviation(List<Double> values) {
        double mean = mean(values);
        return Math.sqrt(values.stream()
                .mapToDouble(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow());
    }

    private static List<List<Double>> sequences(List<Double> es, double epsilon) {
        List<List<Double>> sequences = new ArrayList<>();
        for (int i = 0; i < es.size(); i++) {
            if (es.get(i) > epsilon) {
                if (i == 0 || es.get(i - 1) <= epsilon) {
                    sequences.add(new ArrayList<>());
                }
                sequences.get(sequences.size() - 1).add(es.get(i));
            }
        }
        return sequences;
    }

    /** Severity of the sequence that the last of e_s is in, as the paper writes it. */
    private static double reference(List<Double> es, double p) {
        double mu = mean(es);
        double sigma = deviation(es);
        double best = Double.NEGATIVE_INFINITY;
        double epsilon = Double.NaN;
        for (int half = 4; half <= 20; half++) {
            double candidate = mu + half / 2.0 * sigma;
            List<Double> ea = es.stream().filter(e -> e > candidate).toList();
            if (ea.isEmpty()) {
                continue;
            }
            List<Double> below = es.stream().filter(e -> e < candidate).toList();
            double deltaMu = mu - mean(below);
            double deltaSigma = sigma - deviation(below);
            double gain = (deltaMu / mu + deltaSigma / sigma)
                    / (ea.size() + Math.pow(sequences(es, candidate).size(), 2));
            if (gain >= best) {
                best = gain;
                epsilon = candidate;
            }
        }
        double last = es.get(es.size() - 1);
        if (Double.isNaN(epsilon) || last <= epsilon) {
            return 0;
        }
        double threshold = epsilon;
        List<List<Double>> sequences = sequences(es, threshold);
        List<Double> max =
                new ArrayList<>(sequences.stream().map(Collections::max).toList());
        double own = Collections.max(sequences.get(sequences.size() - 1));
        max.sort(Comparator.reverseOrder());
        max.add(es.stream().filter(e -> e <= threshold).max(Double::compare).orElseThrow());
        int anomalies = 0;
        for (int i = 1; i < max.size(); i++) {
            if ((max.get(i - 1) - max.get(i)) / max.get(i - 1) > p) {
                anomalies = i;
            }
        }
        return max.subList(0, anomalies).contains(own) ? (own - epsilon) / (mu + sigma) : 0;
    }

    @ParameterizedTest
    @CsvSource({"120,1,20,0.13,1", "120,5,20,0.13,2", "60,3,10,0.3,3", "500,25,100,0.05,4", "40,1,40,0,5"})
    void shouldFollowThePapersEquations(int window, int smoothing, int learning, double prune, long seed) {
        double[] surprises = surprises(900, seed);
        float[] smoothed = smoothed(surprises, smoothing);
        double[] levels = levels(new AlarmSpec.Dynamic(window, smoothing, learning, prune), surprises);

        int anomalies = 0;
        for (int t = 0; t < surprises.length; t++) {
            List<Double> es = IntStream.rangeClosed(Math.max(0, t - window + 1), t)
                    .mapToObj(i -> (double) smoothed[i])
                    .toList();
            double expected = t < learning ? 0 : reference(es, prune);
            anomalies += expected > 0 ? 1 : 0;
            // Smoothed errors are kept in float32.
            assertThat(levels[t]).as("at %s", t).isCloseTo(expected, within(1e-4 * (1 + expected)));
            assertThat(levels[t] > 0).as("at %s", t).isEqualTo(expected > 0);
        }
        assertThat(anomalies).isBetween(5, 300);
    }

    @Test
    void shouldPruneWhatIsHardlyLargerThanTheNormal() {
        double[] surprises = new double[200];
        Arrays.setAll(surprises, i -> i % 2 == 0 ? 3 : 3.2);
        surprises[150] = 3.9;
        surprises[160] = 12;

        double[] pruned = levels(new AlarmSpec.Dynamic(100, 1, 50, 0.25), surprises);
        double[] kept = levels(new AlarmSpec.Dynamic(100, 1, 50, 0.05), surprises);

        // 3.9 is a rarity of 2.14, the normal 1.79: a drop of 16 %.
        assertThat(kept[150]).isPositive();
        assertThat(pruned[150]).isZero();
        assertThat(pruned[160]).isPositive();
    }

    @Test
    void shouldBeSilentOnWhatIsAlwaysTheSame() {
        double[] surprises = new double[300];
        Arrays.fill(surprises, 2);
        surprises[200] += 1e-5;

        assertThat(levels(new AlarmSpec.Dynamic(100, 1, 20, 0.13), surprises)).containsOnly(0.0);
    }

    @Test
    void shouldOutliveASurpriseWithoutMeasure() {
        double[] surprises = surprises(300, 6);
        surprises[100] = 1e300;

        double[] levels = levels(new AlarmSpec.Dynamic(50, 1, 20, 0.13), surprises);

        assertThat(levels).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
        assertThat(levels[100]).isPositive();
        assertThat(Arrays.copyOfRange(levels, 151, 300))
                .isEqualTo(Arrays.copyOfRange(
                        levels(new AlarmSpec.Dynamic(50, 1, 20, 0.13), surprises(300, 6)), 151, 300));
    }

    @Test
    void shouldScoreTheSeverity() {
        Scorer scorer = new DynamicThresholdScorer(new AlarmSpec.Dynamic(100, 5, 20, 0.13), CALIBRATION);

        assertThat(scorer.score(0)).isZero();
        assertThat(scorer.score(1)).isEqualTo(0.5);
        assertThat(scorer.score(3)).isEqualTo(0.75);
        assertThat(scorer.threshold()).isZero();
        assertThat(scorer.clear(0)).isZero();
        assertThat(scorer.memoryBytes()).isEqualTo(16 + 400);
    }

    @Test
    void shouldGoOnFromItsBytesAsIfNothingHadHappened() {
        double[] surprises = surprises(400, 7);
        AlarmSpec.Dynamic spec = new AlarmSpec.Dynamic(90, 5, 20, 0.13);
        double[] whole = levels(spec, surprises);

        Scorer scorer = new DynamicThresholdScorer(spec, CALIBRATION);
        ByteBuffer memory = memory(scorer);
        for (int t = 0; t < surprises.length; t++) {
            byte[] stored = new byte[scorer.memoryBytes()];
            memory.get(0, stored);
            memory = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(scorer.level(new Observation(surprises[t], 1), memory)).isEqualTo(whole[t]);
        }
    }
}
