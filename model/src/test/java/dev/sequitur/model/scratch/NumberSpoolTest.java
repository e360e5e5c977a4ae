package dev.sequitur.model.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberSpoolTest {
    @TempDir
    Path directory;

    private NumberSpool spool(double... values) {
        NumberSpool spool = new NumberSpool(directory);
        Arrays.stream(values).forEach(spool::add);
        return spool;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 65, 8191, 8192, 8193, 16384, 40_001})
    void shouldGiveBackWhatItGotAsOftenAsOneLikes(int size) throws IOException {
        double[] values = new Random(size).doubles(size, -1e9, 1e9).toArray();
        try (NumberSpool spool = spool(values)) {
            assertThat(spool.size()).isEqualTo(size);
            assertThat(spool.stream().toArray()).containsExactly(values);
            assertThat(spool.stream().toArray()).containsExactly(values);
            // The same sums to the bit: training learned these in memory once.
            assertThat(spool.stream().average()).isEqualTo(Arrays.stream(values).average());
        }
    }

    @Test
    void shouldFindANumberByItsPlaceAmongTheSorted() throws IOException {
        Random random = new Random(1);
        double[] values = random.doubles(20_000)
                .map(v -> (random.nextBoolean() ? -1 : 1) * Math.exp(100 * (v - 0.5)))
                .toArray();
        for (int i = 0; i < 5000; i++) {
            values[random.nextInt(values.length)] = 3;
        }
        values[7] = 0;
        values[8] = -Double.MAX_VALUE;
        values[9] = Double.MAX_VALUE;
        values[10] = Double.MIN_VALUE;
        double[] sorted = Arrays.stream(values).sorted().toArray();
        double[] sizes = Arrays.stream(values).map(Math::abs).sorted().toArray();
        try (NumberSpool spool = spool(values)) {
            for (int index : new int[] {0, 1, 4999, 10_000, 10_001, 15_000, 19_998, 19_999}) {
                assertThat(spool.sorted(v -> v, index)).isEqualTo(sorted[index]);
                assertThat(spool.sorted(Math::abs, index)).isEqualTo(sizes[index]);
            }
        }
    }

    @Test
    void shouldRefuseAPlaceThatThereIsNot() throws IOException {
        try (NumberSpool spool = spool(1, 2)) {
            assertThatThrownBy(() -> spool.sorted(v -> v, 2)).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(() -> spool.sorted(v -> v, -1)).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void shouldLeaveNoFileBehind() throws IOException {
        try (NumberSpool spool = spool(new double[100_000])) {
            assertThat(spool.stream().sum()).isZero();
        }
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
