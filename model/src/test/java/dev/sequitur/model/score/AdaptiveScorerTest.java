package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptiveScorerTest {
    private static final double NO_LIMIT = 1e12;

    private static AlarmSpec.Adaptive spec(int window, int shortWindow, int learning, double limit) {
        return new AlarmSpec.Adaptive(window, shortWindow, learning, limit, 0.99999);
    }

    private static ByteBuffer memory(Scorer scorer) {
        return ByteBuffer.allocate(scorer.memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static double[] levels(Scorer scorer, double[] surprises) {
        ByteBuffer memory = memory(scorer);
        return Arrays.stream(surprises)
                .map(s -> scorer.level(new Observation(s, 1), memory))
                .toArray();
    }

    /** Surprises of −1 to about 10 nats, with a drift and with outbursts. */
    private static double[] surprises(int n, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, n)
                .mapToDouble(i -> -Math.log(random.nextDouble())
                        - 1
                        + i / 1000.0
                        + (random.nextInt(50) == 0 ? 40 * random.nextDouble() : 0))
                .toArray();
    }

    /**
     * The paper's equations at event t, over the whole array: the window ends at t and starts where the block starts
     * that is {@code blocks − 1} before the one of t.
     */
    private static double reference(double[] surprises, int t, int block, int blocks, AlarmSpec.Adaptive spec) {
        double[] limited = limited(surprises, t, block, blocks, spec);
        double[] window = Arrays.copyOfRange(limited, start(t, block, blocks), t + 1);
        double mu = DoubleStream.of(window).average().orElseThrow();
        double recent = Arrays.stream(surprises, Math.max(0, t + 1 - spec.shortWindow()), t + 1)
                .average()
                .orElseThrow();
        return t < spec.learning() ? 0 : (recent - mu) / deviation(window);
    }

    private static int start(int t, int block, int blocks) {
        return Math.max(0, (t / block - blocks + 1) * block);
    }

    private static double deviation(double[] window) {
        double mu = DoubleStream.of(window).average().orElseThrow();
        double squares = DoubleStream.of(window).map(s -> (s - mu) * (s - mu)).sum();
        return Math.max(1e-3, Math.sqrt(squares / Math.max(1, window.length - 1)));
    }

    /** What the long window holds of each surprise up to t. */
    private static double[] limited(double[] surprises, int t, int block, int blocks, AlarmSpec.Adaptive spec) {
        double[] limited = Arrays.copyOf(surprises, t + 1);
        for (int i = spec.learning(); i <= t; i++) {
            double[] before = Arrays.copyOfRange(limited, start(i - 1, block, blocks), i);
            limited[i] = Math.min(
                    surprises[i], DoubleStream.of(before).average().orElseThrow() + spec.limit() * deviation(before));
        }
        return limited;
    }

    @ParameterizedTest
    @CsvSource({"2,1,2", "20,3,5", "17,16,40", "7,2,300"})
    void shouldFollowThePapersEquationsWhereTheWindowIsShort(int window, int shortWindow, int learning) {
        double[] surprises = surprises(400, 1);
        AlarmSpec.Adaptive spec = spec(window, shortWindow, learning, NO_LIMIT);
        double[] levels = levels(new AdaptiveScorer(spec), surprises);

        for (int t = 0; t < surprises.length; t++) {
            // A block of one event each: exactly the last W.
            assertThat(levels[t]).as("at %s", t).isCloseTo(reference(surprises, t, 1, window, spec), within(1e-9));
        }
    }

    @ParameterizedTest
    @CsvSource({"200,10,20", "21,2,11", "8000,400,20", "1000,50,20"})
    void shouldFollowThePapersEquationsOverBlocksWhereTheWindowIsLong(int window, int block, int blocks) {
        double[] surprises = surprises(1500, 2);
        AlarmSpec.Adaptive spec = spec(window, 10, 30, NO_LIMIT);
        double[] levels = levels(new AdaptiveScorer(spec), surprises);

        for (int t = 0; t < surprises.length; t += 7) {
            assertThat(levels[t]).as("at %s", t).isCloseTo(reference(surprises, t, block, blocks, spec), within(1e-9));
        }
        assertThat(new AdaptiveScorer(spec(8000, 10, 300, 10)).memoryBytes()).isEqualTo(8 * (1 + 10 + 40));
    }

    @Test
    void shouldLimitWhatASurpriseCountsForInTheLongWindow() {
        double[] surprises = surprises(300, 3);
        AlarmSpec.Adaptive spec = spec(60, 4, 10, 2.5);
        double[] levels = levels(new AdaptiveScorer(spec), surprises);

        for (int t = 0; t < surprises.length; t++) {
            assertThat(levels[t]).as("at %s", t).isCloseTo(reference(surprises, t, 3, 20, spec), within(1e-9));
        }
    }

    @Test
    void shouldSeeTheNextTroubleSoonAfterAHugeOne() {
        double[] surprises = surprises(3000, 4);
        surprises[1500] = 1e6;
        for (int i = 1700; i < 1710; i++) {
            surprises[i] = 25;
        }
        AdaptiveScorer scorer = new AdaptiveScorer(spec(8000, 10, 300, 10));
        AdaptiveScorer unlimited = new AdaptiveScorer(spec(8000, 10, 300, NO_LIMIT));

        assertThat(levels(scorer, surprises)[1709]).isGreaterThan(scorer.threshold());
        assertThat(levels(unlimited, surprises)[1709]).isLessThan(0.1);
    }

    @Test
    void shouldScoreByTheNormalTail() {
        AdaptiveScorer scorer = new AdaptiveScorer(spec(100, 10, 20, 10));

        assertThat(scorer.score(0)).isCloseTo(0.5, within(1e-7));
        assertThat(scorer.score(1)).isCloseTo(0.8413447, within(1e-7));
        // Q(4.264891) = 1e-5.
        assertThat(scorer.threshold()).isCloseTo(4.264891, within(1e-4));
        assertThat(scorer.clear(scorer.threshold())).isCloseTo(1 - 1e-4, within(1e-9));
        assertThat(scorer.score(Double.MAX_VALUE)).isOne();
    }

    @Test
    void shouldNotJudgeBeforeItHasLearned() {
        double[] surprises = new double[40];
        Arrays.fill(surprises, 10, 12, 100);

        assertThat(levels(new AdaptiveScorer(spec(100, 1, 11, 10)), surprises)).startsWith(new double[11]);
        assertThat(levels(new AdaptiveScorer(spec(100, 1, 11, 10)), surprises)[11])
                .isPositive();
    }

    @Test
    void shouldNotAlarmOnWhatIsAlwaysTheSame() {
        double[] surprises = DoubleStream.generate(() -> 3).limit(500).toArray();
        surprises[400] += 1e-5;
        AdaptiveScorer scorer = new AdaptiveScorer(spec(100, 1, 20, 10));

        assertThat(DoubleStream.of(levels(scorer, surprises)).max().orElseThrow())
                .isLessThan(0.1);
    }

    @Test
    void shouldGoOnFromItsBytesAsIfNothingHadHappened() {
        double[] surprises = surprises(500, 5);
        AdaptiveScorer scorer = new AdaptiveScorer(spec(200, 10, 50, 10));
        double[] whole = levels(scorer, surprises);

        ByteBuffer memory = memory(scorer);
        for (int t = 0; t < surprises.length; t++) {
            byte[] stored = new byte[scorer.memoryBytes()];
            memory.get(0, stored);
            memory = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(new AdaptiveScorer(spec(200, 10, 50, 10)).level(new Observation(surprises[t], 1), memory))
                    .isEqualTo(whole[t]);
        }
    }
}
