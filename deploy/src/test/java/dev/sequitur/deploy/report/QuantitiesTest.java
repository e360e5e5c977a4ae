package dev.sequitur.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.001, 0.001",
        "0.01234, 0.0123",
        "-0.5, -0.5",
        "2.345, 2.35",
        "10, 10",
        "100, 100",
        "123456, 123456",
        "1234567, 1.23e+06",
        "0.00012345, 1.23e-04"
    })
    void shouldShowThreeDigitsThatCount(double value, String text) {
        assertThat(Quantities.number(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "999, 999 ms", "1500, 1.5 s", "60000, 1 min", "5400000, 1.5 h", "172800000, 2 d"})
    void shouldShowTimesInTheLargestUnitThatTheyFill(double ms, String text) {
        assertThat(Quantities.duration(ms)).isEqualTo(text);
    }

    @Test
    void shouldShowSmallSharesWithADecimal() {
        assertThat(Quantities.percent(0.5)).isEqualTo("50 %");
        assertThat(Quantities.percent(0.0123)).isEqualTo("1.2 %");
        assertThat(Quantities.percent(0)).isEqualTo("0 %");
    }
}
