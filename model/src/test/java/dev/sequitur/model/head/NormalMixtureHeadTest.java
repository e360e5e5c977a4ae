package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalMixtureHeadTest extends HeadContract {
    private static final int COMPONENTS = 3;

    @Override
    Head head() {
        return new NormalMixtureHead(COMPONENTS);
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
        return observed[1] == 0 ? 0 : nats(raw, observed[0], raw.length / 3);
    }

    private static double nats(double[] raw, double y, int components) {
        double largestLogit = Arrays.stream(raw, 0, components).max().orElseThrow();
        double sum = Arrays.stream(raw, 0, components)
                .map(l -> Math.exp(l - largestLogit))
                .sum();
        double[] logs = new double[components];
        for (int c = 0; c < components; c++) {
            double logDeviation = 6 * Math.tanh(raw[2 * components + c] / 6);
            double z = (y - raw[components + c]) / Math.exp(logDeviation);
            logs[c] = raw[c] - largestLogit - Math.log(sum) - logDeviation - 0.5 * Math.log(2 * Math.PI) - z * z / 2;
        }
        double largest = Arrays.stream(logs).max().orElseThrow();
        return -largest
                - Math.log(Arrays.stream(logs).map(l -> Math.exp(l - largest)).sum());
    }

    @Override
    double[] parameters(double[] raw) {
        double sum = 0;
        double[] parameters = raw.clone();
        double largest = Arrays.stream(raw, 0, COMPONENTS).max().orElseThrow();
        for (int c = 0; c < COMPONENTS; c++) {
            parameters[c] = Math.exp(raw[c] - largest);
            sum += parameters[c];
            parameters[2 * COMPONENTS + c] = Math.exp(6 * Math.tanh(raw[2 * COMPONENTS + c] / 6));
        }
        for (int c = 0; c < COMPONENTS; c++) {
            parameters[c] /= sum;
        }
        return parameters;
    }

    @Test
    void shouldBeADistribution() {
        assertThat(mass(new float[] {0, 1, -1, -3, 0.5f, 4, -1, 0, 1}, -40, 40)).isCloseTo(1, within(1e-4));
        assertThat(mass(new float[] {2, 2, 2, 0, 0, 0, 0, 0, 0}, -40, 40)).isCloseTo(1, within(1e-4));
    }

    @Test
    void shouldNotBeSurprisedByTheFirstEventOfASession() {
        HeadRun run = HeadRun.of(head(), new float[][] {{1, 2, 3, 4, 5, 6, 7, 8, 9}}, new float[][] {{0, 0}});

        assertThat(run.surprise()[0]).containsExactly(0f);
        assertThat(run.gradient()[0]).containsOnly(0f);
    }

    @Test
    void shouldBeTheNormalOfOneComponent() {
        Random random = new Random(5);
        GaussianHeadTest gaussian = new GaussianHeadTest();
        for (int i = 0; i < 20; i++) {
            float[] raw = {(float) (10 * random.nextGaussian()), (float) random.nextGaussian(), random.nextFloat()};
            float[] observed = {(float) random.nextGaussian(), 1};
            HeadRun run = HeadRun.of(new NormalMixtureHead(1), new float[][] {raw}, new float[][] {observed});

            double expected = gaussian.nats(new double[] {raw[1], raw[2]}, wide(observed));
            assertThat((double) run.surprise()[0][0]).isCloseTo(expected, within(1e-5 * (1 + expected)));
        }
    }

    /** A component that learned "at once" gives other times densities that are no floats. */
    @Test
    void shouldNotLoseTheWideComponentBesideANarrowOne() {
        for (int narrow = 0; narrow < COMPONENTS; narrow++) {
            float[] raw = {0.5f, 0, -0.5f, 1, 1.5f, 2, 0, 0.2f, -0.3f};
            raw[COMPONENTS + narrow] = -2;
            raw[2 * COMPONENTS + narrow] = -100;
            for (float y : new float[] {-1, 0, 1, 3, 100, 1e4f}) {
                float[] observed = {y, 1};
                HeadRun run = HeadRun.of(head(), new float[][] {raw}, new float[][] {observed});

                double expected = nats(wide(raw), wide(observed));
                assertThat((double) run.surprise()[0][0])
                        .as("nats of %s with a narrow component %s", y, narrow)
                        .isCloseTo(expected, within(1e-5 * (1 + expected)));
                assertThat(run.gradient()[0][COMPONENTS + narrow])
                        .as("pull of %s on the narrow component %s", y, narrow)
                        .isCloseTo(0, within(1e-6f));
            }
        }
    }

    @Test
    void shouldStartWithComponentsThatDiffer() {
        assertThat(head().initialBias()).containsExactly(0, 0, 0, -1.5f, 0, 1.5f, 0, 0, 0);
        assertThat(new NormalMixtureHead(1).initialBias()).containsExactly(0, 0, 0);
    }
}
