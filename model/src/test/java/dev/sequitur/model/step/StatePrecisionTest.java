package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Roundings against the formats' definition: sign, exponent and fraction of IEEE 754, in exact decimals. */
class StatePrecisionTest {
    /** The finite numbers of a 16-bit format that aren't negative, at the index that their bits are. */
    private static double[] numbers(int exponentBits, int fractionBits) {
        int bias = (1 << (exponentBits - 1)) - 1;
        return IntStream.range(0, ((1 << exponentBits) - 1) << fractionBits)
                .mapToDouble(bits -> {
                    int exponent = bits >> fractionBits;
                    double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
                    return exponent == 0
                            ? fraction * Math.pow(2, 1 - bias)
                            : (1 + fraction) * Math.pow(2, exponent - bias);
                })
                .toArray();
    }

    private static double[] numbers(StatePrecision precision) {
        return precision == StatePrecision.BFLOAT16 ? numbers(8, 7) : numbers(5, 10);
    }

    /** The nearest number of the format; of two that are, the even one. As bits without the sign. */
    private static int nearest(double magnitude, double[] numbers) {
        int at = Arrays.binarySearch(numbers, magnitude);
        if (at >= 0) {
            return at;
        }
        int above = -at - 1;
        if (above == numbers.length) {
            return numbers.length - 1;
        }
        BigDecimal value = new BigDecimal(magnitude);
        int side = value.subtract(new BigDecimal(numbers[above - 1]))
                .compareTo(new BigDecimal(numbers[above]).subtract(value));
        return side < 0 || side == 0 && above % 2 == 1 ? above - 1 : above;
    }

    @ParameterizedTest
    @EnumSource(names = "FLOAT32", mode = EnumSource.Mode.EXCLUDE)
    void everyNumberOfTheFormatIsReadByItsDefinitionAndKept(StatePrecision precision) {
        double[] numbers = numbers(precision);
        for (int bits = 0; bits < numbers.length; bits++) {
            assertThat((double) precision.value(bits)).isEqualTo(numbers[bits]);
            assertThat((double) precision.value(bits | 0x8000)).isEqualTo(-numbers[bits]);
            assertThat(precision.bits((float) numbers[bits])).isEqualTo(bits);
            assertThat(precision.bits((float) -numbers[bits])).isEqualTo(bits | 0x8000);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "FLOAT32", mode = EnumSource.Mode.EXCLUDE)
    void aNumberBetweenGoesToTheNearestAndATieToTheEvenOne(StatePrecision precision) {
        double[] numbers = numbers(precision);
        for (int bits = 1; bits < numbers.length; bits++) {
            float middle = (float) ((numbers[bits - 1] + numbers[bits]) / 2);
            for (float value : new float[] {middle, Math.nextUp(middle), Math.nextDown(middle)}) {
                assertThat(precision.bits(value)).as("%s", value).isEqualTo(nearest(value, numbers));
                assertThat(precision.bits(-value)).as("%s", -value).isEqualTo(nearest(value, numbers) | 0x8000);
            }
        }
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt() & 0x7FFF_FFFF);
            if (Float.isFinite(value)) {
                assertThat(precision.bits(value)).as("%s", value).isEqualTo(nearest(value, numbers));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "FLOAT32", mode = EnumSource.Mode.EXCLUDE)
    void aNumberBeyondTheRangeBecomesTheLargestAndIsSaidToBe(StatePrecision precision) {
        double[] numbers = numbers(precision);
        double largest = numbers[numbers.length - 1];
        // Half way to what would follow.
        float tie = (float) (largest + (largest - numbers[numbers.length - 2]) / 2);
        assertThat(precision.holds(Math.nextDown(tie))).isTrue();
        assertThat(precision.holds(tie)).isFalse();
        assertThat(precision.holds(-tie)).isFalse();
        for (float value : new float[] {Math.nextDown(tie), tie, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            assertThat((double) precision.rounded(value)).isEqualTo(largest);
            assertThat((double) precision.rounded(-value)).isEqualTo(-largest);
        }
    }

    @ParameterizedTest
    @EnumSource(StatePrecision.class)
    void nanStaysNan(StatePrecision precision) {
        assertThat(precision.rounded(Float.NaN)).isNaN();
        // A payload whose upper bits are 0 must not turn into an infinity.
        assertThat(precision.rounded(Float.intBitsToFloat(0x7F80_0001))).isNaN();
        assertThat(precision.holds(Float.NaN)).isFalse();
    }

    @Test
    void float32LosesNothing() {
        Random random = new Random(9);
        for (int i = 0; i < 1000; i++) {
            int bits = random.nextInt();
            assertThat(StatePrecision.FLOAT32.bits(Float.intBitsToFloat(bits))).isEqualTo(bits);
        }
    }
}
