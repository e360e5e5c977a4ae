package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GaussianHeadTest extends HeadContract {
    @Override
    Head head() {
        return new GaussianHead();
    }

    @Override
    float[] observe(Random random) {
        return random.nextInt(5) == 0 ? new float[2] : new float[] {(float) random.nextGaussian(), 1};
    }

    @Override
    float[] observeExtreme(Random random) {
        return new float[] {random.nextBoolean() ? 1e4f : -1e4f, random.nextInt(2)};
    }

    @Override
    double nats(double[] raw, double[] observed) {
        double deviation = parameters(raw)[1];
        double z = (observed[0] - raw[0]) / deviation;
        return observed[1] * (0.5 * Math.log(2 * Math.PI * deviation * deviation) + z * z / 2);
    }

    @Override
    double[] parameters(double[] raw) {
        return new double[] {raw[0], Math.exp(6 * Math.tanh(raw[1] / 6))};
    }

    @Test
    void shouldBeADistribution() {
        for (float s : new float[] {-2, 0, 1.5f}) {
            assertThat(mass(new float[] {0.7f, s}, -60, 60)).isCloseTo(1, within(1e-4));
        }
    }

    @Test
    void shouldNotBeSurprisedByWhatIsMissing() {
        HeadRun run = HeadRun.of(head(), new float[][] {{3, 1}}, new float[][] {{0, 0}});

        assertThat(run.surprise()[0]).containsExactly(0f);
        assertThat(run.gradient()[0]).containsExactly(0f, 0f);
    }

    @Test
    void shouldStartAsTheStandardNormal() {
        float[][] parameters = HeadRun.of(head(), new float[][] {head().initialBias()}, new float[][] {{0, 1}})
                .parameters();

        assertThat(parameters[0]).containsExactly(0f, 1f);
    }
}
