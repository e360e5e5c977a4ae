package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoveltyScorerTest {
    /** The reference sums in another order, in double. */
    private static final double ROUNDING = 1e-9;

    private static AlarmSpec.Novelty spec(int fields, int bins, double weight, double limit) {
        List<String> names = IntStream.range(0, fields).mapToObj(f -> "f" + f).toList();
        return new AlarmSpec.Novelty(names, bins, -1, 2, weight, limit, 0.9);
    }

    private static ByteBuffer memory(Scorer scorer) {
        return ByteBuffer.allocate(scorer.memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static double value(NoveltyScorer scorer, ByteBuffer memory, double value) {
        return scorer.level(new Observation(0, 1, new float[] {(float) value}), memory);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 0.5, 2", "1, 100, 0, 2", "2, 20, 1, 3", "3, 7, 2, 0.5"})
    void levelIsTheEquationsOverTheWholePast(int fields, int bins, double weight, double limit) {
        Random random = new Random(fields + bins);
        int n = 600;
        float[][] values = new float[n][fields];
        double[] surprises = new double[n];
        NoveltyScorer scorer = new NoveltyScorer(spec(fields, bins, weight, limit));
        ByteBuffer memory = memory(scorer);
        for (int t = 0; t < n; t++) {
            for (int f = 0; f < fields; f++) {
                boolean missing = random.nextInt(20) == 0;
                // Some lie beyond the bins, on both sides.
                values[t][f] = missing ? Float.NaN : (float) (0.5 + random.nextGaussian());
            }
            surprises[t] = random.nextGaussian() + (random.nextInt(40) == 0 ? 30 : 0);

            double level = scorer.level(new Observation(surprises[t], 1, values[t]), memory);

            double expected = weight * unusual(surprises, t, limit);
            for (int f = 0; f < fields; f++) {
                expected += novelty(values, f, t, bins);
            }
            assertThat(level).as("event " + t).isCloseTo(expected, within(ROUNDING));
        }
    }

    /** A of the paper's form, from the values before event t. */
    private static double novelty(float[][] values, int field, int t, int bins) {
        if (Float.isNaN(values[t][field])) {
            return 0;
        }
        int bin = bin(values[t][field], bins);
        double near = 0;
        int n = 0;
        for (int i = 0; i < t; i++) {
            if (!Float.isNaN(values[i][field])) {
                int distance = Math.abs(bin(values[i][field], bins) - bin);
                near += distance == 0 ? 0.5 : distance == 1 ? 0.25 : 0;
                n++;
            }
        }
        double p = (near + 0.005) / (n + 0.005 * bins);
        return -Math.log(bins * p);
    }

    /** Bins of the spec's range −1 to 2; −1 below it, {@code bins} above. */
    private static int bin(float value, int bins) {
        if (value < -1) {
            return -1;
        }
        if (value > 2) {
            return bins;
        }
        return Math.min(bins - 1, (int) Math.floor((value + 1.0) / 3 * bins));
    }

    private static double unusual(double[] surprises, int t, double limit) {
        if (t == 0) {
            return 0;
        }
        double[] counted = surprises.clone();
        for (int i = 100; i < t; i++) {
            double mean = mean(counted, i);
            double far = 10 * deviation(counted, i);
            counted[i] = Math.max(mean - far, Math.min(mean + far, counted[i]));
        }
        double z = (surprises[t] - mean(counted, t)) / deviation(counted, t);
        return Math.max(-limit, Math.min(limit, z));
    }

    private static double mean(double[] values, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += values[i];
        }
        return sum / n;
    }

    private static double deviation(double[] values, int n) {
        double mean = mean(values, n);
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        return Math.max(0.1, Math.sqrt(squares / n));
    }

    @Test
    void shouldFindWhatIsNewAbnormalAndWhatItSawOftenNormal() {
        NoveltyScorer scorer = new NoveltyScorer(spec(1, 30, 0, 2));
        ByteBuffer memory = memory(scorer);
        for (int i = 0; i < 1000; i++) {
            value(scorer, memory, i % 2 == 0 ? 0.05 : 1.05);
        }
        // Half of the values lie in the bin, half of which counts there: p = 1/4 of all, among 30 bins.
        assertThat(value(scorer, memory, 0.05)).isCloseTo(-Math.log(30 / 4.0), within(0.01));
        double level = value(scorer, memory, 0.55);
        // In between, where it never was: p is the prior's alone.
        assertThat(level).isCloseTo(Math.log((1001 + 0.15) / 0.15), within(1e-6));
        assertThat(scorer.score(level)).isGreaterThan(0.999).isLessThan(1);
        assertThat(level).isGreaterThan(scorer.threshold());
        assertThat(value(scorer, memory, 0.55)).as("the second time").isLessThan(level - 2);
    }

    @Test
    void shouldWantALongerPastForABolderClaim() {
        NoveltyScorer scorer = new NoveltyScorer(spec(1, 100, 0, 2));
        ByteBuffer memory = memory(scorer);
        assertThat(value(scorer, memory, 0)).as("the first value").isZero();
        for (int i = 1; i < 400; i++) {
            value(scorer, memory, 0);
        }
        // A value where none of 400 was: 1 − 0.5/400.5. 0.999 wants 500.
        assertThat(scorer.score(value(scorer, memory, 1))).isCloseTo(1 - 0.5 / 400.5, within(1e-9));
    }

    @Test
    void shouldPutTheLastValueOfTheRangeInTheLastBinAndOthersBeyondIt() {
        NoveltyScorer scorer = new NoveltyScorer(spec(1, 3, 0, 2));
        ByteBuffer memory = memory(scorer);
        for (int i = 0; i < 100; i++) {
            value(scorer, memory, 0.5);
        }
        assertThat(value(scorer, memory, 2)).as("beside the bin it knows").isLessThan(value(scorer, memory, 2.1f) - 1);
        assertThat(value(scorer, memory, Float.POSITIVE_INFINITY)).isFinite();
        assertThat(value(scorer, memory, -1e30)).isFinite();
    }

    @Test
    void shouldNotLetAnOutbreakOfSurpriseHideTheNext() {
        NoveltyScorer scorer = new NoveltyScorer(spec(0, 10, 1, 5));
        ByteBuffer memory = memory(scorer);
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            scorer.level(new Observation(random.nextGaussian(), 1), memory);
        }
        scorer.level(new Observation(1e9, 1), memory);
        assertThat(scorer.level(new Observation(10, 1), memory)).isEqualTo(5);
        assertThat(scorer.level(new Observation(-1e9, 1), memory)).isEqualTo(-5);
    }

    @Test
    void scoreIsOneLessTheLikelihoodAndTheThresholdIsTheSpecs() {
        NoveltyScorer scorer = new NoveltyScorer(spec(1, 10, 0, 2));
        assertThat(scorer.score(Math.log(1000))).isCloseTo(0.999, within(1e-12));
        assertThat(scorer.score(-3)).isZero();
        assertThat(scorer.score(scorer.threshold())).isCloseTo(0.9, within(1e-12));
    }
}
