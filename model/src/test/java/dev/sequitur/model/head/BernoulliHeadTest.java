package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BernoulliHeadTest extends HeadContract {
    private static final int FLAGS = 5;

    @Override
    Head head() {
        return new BernoulliHead(FLAGS);
    }

    @Override
    float[] observe(Random random) {
        float[] flags = new float[FLAGS];
        for (int i = 0; i < FLAGS; i++) {
            flags[i] = random.nextInt(2);
        }
        return flags;
    }

    @Override
    float[] observeExtreme(Random random) {
        return observe(random);
    }

    @Override
    double nats(double[] raw, double[] observed) {
        double sum = 0;
        for (int i = 0; i < FLAGS; i++) {
            // −log of the probability of what came; log1p, for a logit of 100 is no probability of 1 in double.
            double against = observed[i] == 1 ? -raw[i] : raw[i];
            sum += Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
        }
        return sum;
    }

    @Override
    double[] parameters(double[] raw) {
        return Arrays.stream(raw).map(l -> 1 / (1 + Math.exp(-l))).toArray();
    }

    @Test
    void shouldShareOneAmongAllSetsOfFlags() {
        float[] raw = {0.3f, -2, 1, 0, 4};
        float[][] rows = new float[32][];
        float[][] observed = new float[32][FLAGS];
        for (int set = 0; set < 32; set++) {
            rows[set] = raw;
            for (int flag = 0; flag < FLAGS; flag++) {
                observed[set][flag] = set >> flag & 1;
            }
        }
        float[][] nats = HeadRun.of(head(), rows, observed).surprise();

        double sum = Arrays.stream(nats).mapToDouble(n -> Math.exp(-n[0])).sum();
        assertThat(sum).isCloseTo(1, within(1e-5));
    }

    @Test
    void shouldCountEachWrongFlagOfACertainGuess() {
        float[][] nats = HeadRun.of(
                        head(),
                        new float[][] {{100, 100, -100, -100, 100}, {100, 100, -100, -100, 100}},
                        new float[][] {{1, 1, 0, 0, 1}, {0, 1, 1, 0, 1}})
                .surprise();

        assertThat(nats[0][0]).isZero();
        assertThat(nats[1][0]).isEqualTo(200);
    }

    @Test
    void shouldStartUndecided() {
        assertThat(head().initialBias()).hasSize(FLAGS).containsOnly(0);
    }
}
