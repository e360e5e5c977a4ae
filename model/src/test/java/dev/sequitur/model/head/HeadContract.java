package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every head must do. The oracle is its formula in double. */
abstract class HeadContract {
    private static final int ROWS = 200;
    private static final double STEP = 1e-5;

    abstract Head head();

    /** Floats of the field's slice of a feature row, as events have them. */
    abstract float[] observe(Random random);

    /** Like {@link #observe}, as far out as the encoder lets values be. */
    abstract float[] observeExtreme(Random random);

    abstract double nats(double[] raw, double[] observed);

    abstract double[] parameters(double[] raw);

    final float[][] raw(Random random, double spread) {
        float[][] raw = new float[ROWS][head().initialBias().length];
        for (float[] row : raw) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (spread * random.nextGaussian());
            }
        }
        return raw;
    }

    static double[] wide(float[] row) {
        double[] wide = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            wide[i] = row[i];
        }
        return wide;
    }

    private void assertNats(HeadRun run, float[][] raw, float[][] observed, double slack) {
        for (int i = 0; i < raw.length; i++) {
            double expected = nats(wide(raw[i]), wide(observed[i]));
            assertThat(run.surprise()[i]).hasSize(1);
            assertThat((double) run.surprise()[i][0])
                    .as("nats of %s given %s", Arrays.toString(observed[i]), Arrays.toString(raw[i]))
                    .isCloseTo(expected, within(slack * (1 + Math.abs(expected))));
        }
    }

    private void assertParameters(HeadRun run, float[][] raw) {
        for (int i = 0; i < raw.length; i++) {
            double[] expected = parameters(wide(raw[i]));
            double[] actual = wide(run.parameters()[i]);
            assertThat(actual).hasSize(expected.length);
            for (int p = 0; p < expected.length; p++) {
                assertThat(actual[p])
                        .as("parameter %s of %s", p, Arrays.toString(raw[i]))
                        .isCloseTo(expected[p], within(1e-5 * (1e-3 + Math.abs(expected[p]))));
            }
        }
    }

    private double slope(double[] raw, double[] observed, int by) {
        double[] above = raw.clone();
        double[] below = raw.clone();
        above[by] += STEP;
        below[by] -= STEP;
        return (nats(above, observed) - nats(below, observed)) / (2 * STEP);
    }

    @Test
    void shouldSurpriseAndExpectByItsFormula() {
        Random random = new Random(1);
        float[][] raw = raw(random, 1);
        float[][] observed = observations(random);
        HeadRun run = HeadRun.of(head(), raw, observed);

        assertNats(run, raw, observed, 1e-5);
        assertParameters(run, raw);
    }

    @Test
    void shouldHaveTheSlopeOfItsFormula() {
        Random random = new Random(2);
        float[][] raw = raw(random, 1);
        float[][] observed = observations(random);
        HeadRun run = HeadRun.of(head(), raw, observed);

        for (int i = 0; i < ROWS; i++) {
            for (int r = 0; r < raw[i].length; r++) {
                double expected = slope(wide(raw[i]), wide(observed[i]), r);
                assertThat((double) run.gradient()[i][r])
                        .as("slope by raw %s of %s given %s", r, Arrays.toString(observed[i]), Arrays.toString(raw[i]))
                        .isCloseTo(expected, within(1e-4 * (1 + Math.abs(expected))));
            }
        }
    }

    @Test
    void shouldStayFiniteAndRightForExtremes() {
        Random random = new Random(3);
        for (double spread : new double[] {0, 100, 1e4}) {
            float[][] raw = raw(random, spread);
            float[][] observed = new float[ROWS][];
            Arrays.setAll(observed, i -> observeExtreme(random));
            HeadRun run = HeadRun.of(head(), raw, observed);

            assertNats(run, raw, observed, 1e-5);
            for (int i = 0; i < ROWS; i++) {
                for (float slope : run.gradient()[i]) {
                    assertThat(slope)
                            .as("slope given %s", Arrays.toString(raw[i]))
                            .isFinite();
                }
                for (float parameter : run.parameters()[i]) {
                    assertThat(parameter)
                            .as("parameter of %s", Arrays.toString(raw[i]))
                            .isFinite();
                }
            }
        }
    }

    private float[][] observations(Random random) {
        float[][] observed = new float[ROWS][];
        Arrays.setAll(observed, i -> observe(random));
        return observed;
    }

    /** Share of a continuous distribution: Simpson's rule over e to minus the nats of {@code (y, 1)}. */
    final double mass(float[] raw, double from, double to) {
        int steps = 4000;
        float[][] rows = new float[steps + 1][];
        float[][] observed = new float[steps + 1][];
        for (int i = 0; i <= steps; i++) {
            rows[i] = raw;
            observed[i] = new float[] {(float) (from + i * (to - from) / steps), 1};
        }
        float[][] nats = HeadRun.of(head(), rows, observed).surprise();
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            sum += Math.exp(-nats[i][0]) * (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2);
        }
        return sum * (to - from) / steps / 3;
    }
}
