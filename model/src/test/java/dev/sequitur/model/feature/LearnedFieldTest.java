package dev.sequitur.model.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearnedFieldTest {
    @Test
    void shouldScaleLinearlyWithoutAUnit() {
        assertThat(new Scale(0, 10, 4).forward(2)).isEqualTo(-2);
        assertThat(new Scale(0, 10, 4).inverse(-2)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "3, 1.3862943611198906", "-3, -1.3862943611198906", "1, 0.6931471805599453"})
    void shouldBendByTheSignedLogarithm(double x, double log) {
        // log 4 and log 2.
        assertThat(new Scale(1, 0, 1).forward(x)).isCloseTo(log, within(1e-15));
        assertThat(new Scale(1000, 0.5, 2).forward(1000 * x)).isCloseTo((log - 0.5) / 2, within(1e-15));
    }

    @Test
    void shouldComeBackFromAnyScale() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            double unit = i % 2 == 0 ? 0 : Math.exp(8 * random.nextGaussian());
            Scale scale = new Scale(unit, random.nextGaussian(), Math.exp(random.nextGaussian()));
            double x = random.nextGaussian() * Math.exp(8 * random.nextGaussian());

            // The rounding of the shift is lost near 0, that of the exponent far from it.
            double slack = 1e-11 * (Math.abs(x) + (unit > 0 ? unit : 1)) + 1e-12 * Math.abs(x);
            assertThat(scale.inverse(scale.forward(x))).as("%s of %s", scale, x).isCloseTo(x, within(slack));
        }
    }

    @Test
    void shouldBendTheLargestNumberByTheSmallestUnit() {
        Scale scale = new Scale(1e-300, 0, 1);

        // x/unit alone would overflow: log 1e600.
        assertThat(scale.forward(1e300)).isCloseTo(600 * Math.log(10), within(1e-9));
        assertThat(scale.inverse(600 * Math.log(10)) / 1e300).isCloseTo(1, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "1e-300", "1e300"})
    void shouldStopAtTheLargestNumberInsteadOfInfinity(double unit) {
        Scale scale = new Scale(unit, 0, 1e10);

        assertThat(scale.inverse(1e300)).isEqualTo(Double.MAX_VALUE);
        assertThat(scale.inverse(-1e300)).isEqualTo(-Double.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1",
        "NaN, 0, 1",
        "Infinity, 0, 1",
        "0, NaN, 1",
        "0, Infinity, 1",
        "0, 0, 0",
        "0, 0, -1",
        "0, 0, NaN",
        "0, 0, Infinity"
    })
    void shouldRefuseAScaleThatCantBeInverted(double unit, double shift, double scale) {
        assertThatThrownBy(() -> new Scale(unit, shift, scale))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shift=" + shift);
    }

    @Test
    void shouldNameTheSlotsOfAVocabulary() {
        Vocabulary vocabulary = new Vocabulary(List.of("b", "a"), 1);

        assertThat(vocabulary.size()).isEqualTo(4);
        assertThat(List.of(0, 1, 2, 3))
                .extracting(vocabulary::value)
                .containsExactly("<unknown>", "<missing>", "b", "a");
    }

    @Test
    void shouldRefuseAnEmptyEmbedding() {
        assertThatThrownBy(() -> new Vocabulary(List.of(), 0)).hasMessageContaining("got 0");
    }
}
