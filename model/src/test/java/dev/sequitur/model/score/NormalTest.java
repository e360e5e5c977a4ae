package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalTest {
    @ParameterizedTest
    @CsvSource({
        // Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.1.
        "0, 0.5",
        "0.1, 0.539827837277029",
        "0.5, 0.691462461274013",
        "1, 0.841344746068543",
        "1.5, 0.933192798731142",
        "2, 0.977249868051821",
        "3, 0.998650101968370",
        "4, 0.999968328758167",
        "1.6448536269514722, 0.95",
        "2.3263478740408408, 0.99"
    })
    void shouldAgreeWithTheTables(double z, double p) {
        assertThat(Normal.cdf(z)).isCloseTo(p, within(1e-7));
        assertThat(Normal.cdf(-z)).isCloseTo(1 - p, within(1e-7));
    }

    @Test
    void shouldKeepTheRelativeSizeOfAFarTail() {
        // Q(5) and Q(10).
        assertThat(Normal.cdf(-5) / 2.866515718791939e-7).isCloseTo(1, within(2e-7));
        assertThat(Normal.cdf(-10) / 7.619853024160527e-24).isCloseTo(1, within(2e-7));
        assertThat(Normal.cdf(-50)).isZero();
        assertThat(Normal.cdf(50)).isOne();
    }

    @Test
    void shouldFindTheQuantilesOfOneNormal() {
        float[] parameters = {9, 9, 1, 2.5f, 0.5f};

        // Φ⁻¹(0.95); the cdf is good to 1e-7, its slope there 0.1.
        assertThat(Normal.mixtureQuantile(parameters, 2, 1, 0.95))
                .isCloseTo(2.5 + 0.5 * 1.6448536269514722, within(1e-6));
        assertThat(Normal.mixtureQuantile(parameters, 2, 1, 0.5)).isCloseTo(2.5, within(1e-6));
        assertThat(Normal.mixtureQuantile(parameters, 2, 1, 0.05))
                .isCloseTo(2.5 - 0.5 * 1.6448536269514722, within(1e-6));
    }

    @Test
    void shouldHaveTheStatedShareOfAMixtureBelowAQuantile() {
        Random random = new Random(1);
        for (int i = 0; i < 20; i++) {
            int components = 1 + i % 4;
            float[] parameters = mixture(random, components);
            for (double p : new double[] {0.05, 0.5, 0.95}) {
                double quantile = Normal.mixtureQuantile(parameters, 0, components, p);

                assertThat(integral(parameters, components, quantile)).isCloseTo(p, within(1e-6));
            }
        }
    }

    @Test
    void shouldFindAQuantileInTheNarrowComponentOfAMixture() {
        // Nine tenths of the mass in 0.0025 around 0, the rest far to the right.
        float[] parameters = {0.9f, 0.1f, 0, 1000, 0.0025f, 400};

        assertThat(Normal.mixtureQuantile(parameters, 0, 2, 0.45)).isCloseTo(0, within(1e-4));
        // 0.95 − 0.9 is half of the wide one.
        assertThat(Normal.mixtureQuantile(parameters, 0, 2, 0.95)).isCloseTo(1000, within(1e-2));
    }

    private static float[] mixture(Random random, int components) {
        float[] parameters = new float[3 * components];
        float sum = 0;
        for (int c = 0; c < components; c++) {
            parameters[c] = 0.1f + random.nextFloat();
            sum += parameters[c];
            parameters[components + c] = (float) (2 * random.nextGaussian());
            parameters[2 * components + c] = (float) Math.exp(0.5 * random.nextGaussian());
        }
        for (int c = 0; c < components; c++) {
            parameters[c] /= sum;
        }
        return parameters;
    }

    /** Simpson's rule over the density, from where nothing lies below. */
    private static double integral(float[] parameters, int components, double to) {
        double from = -60;
        int steps = 20_000;
        double h = (to - from) / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            sum += density(parameters, components, from + i * h) * (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2);
        }
        return sum * h / 3;
    }

    private static double density(float[] parameters, int components, double x) {
        double density = 0;
        for (int c = 0; c < components; c++) {
            double deviation = parameters[2 * components + c];
            double z = (x - parameters[components + c]) / deviation;
            density += parameters[c] * Math.exp(-0.5 * z * z) / (deviation * Math.sqrt(2 * Math.PI));
        }
        return density;
    }
}
