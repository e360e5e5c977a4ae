package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class KeyDistributionTest {
    private static final int ENTITIES = 1000;
    private static final int DRAWS = 200_000;

    private static int[] counts(KeyDistribution distribution) {
        int[] counts = new int[ENTITIES];
        IntSupplier draw = distribution.draw(ENTITIES, new Random(4));
        for (int i = 0; i < DRAWS; i++) {
            counts[draw.getAsInt()]++;
        }
        return counts;
    }

    @Test
    void uniformDrawsEachEntityAlike() {
        // 200 on average, with a deviation of 14.
        assertThat(Arrays.stream(counts(KeyDistribution.UNIFORM))).allMatch(count -> count > 120 && count < 280);
    }

    @Test
    void zipfDrawsTheBusiestAsOftenAsItsLawSaysAndScattersThem() {
        int[] counts = counts(KeyDistribution.ZIPF);
        double sum = 0;
        for (int k = 1; k <= ENTITIES; k++) {
            sum += Math.pow(k, -1.1);
        }
        int[] sorted = counts.clone();
        Arrays.sort(sorted);
        for (int rank : new int[] {1, 2, 10}) {
            double share = Math.pow(rank, -1.1) / sum;
            assertThat(sorted[ENTITIES - rank] / (double) DRAWS).isCloseTo(share, within(0.05 * share));
        }
        assertThat(counts[0]).isEqualTo(sorted[ENTITIES - 1]);
        assertThat(counts[1]).isLessThan(sorted[ENTITIES - 20]);
    }

    @Test
    void singleDrawsOneEntityAlone() {
        assertThat(counts(KeyDistribution.SINGLE)[0]).isEqualTo(DRAWS);
    }
}
