package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassSamplerTest {
    /** Zipf's law over 40 classes, the last five never seen. */
    private static final long[] COUNTS =
            IntStream.range(0, 40).mapToLong(c -> c < 35 ? 4000 / (c + 1) : 0).toArray();

    private static final int SIZE = 8;

    @Test
    void shouldShareTheSampleByFrequencyUpToCertainty() {
        // Of 1000 + 10 + 5 + 5 with one more each, three: the first is certain, two are left for 11 + 6 + 6.
        ClassSampler sampler = new ClassSampler(new long[] {10, 1000, 5, 5}, 3);

        assertThat(sampler.share(1)).isEqualTo(1);
        assertThat(sampler.share(0)).isCloseTo(22 / 23.0, within(1e-12));
        assertThat(sampler.share(2)).isCloseTo(12 / 23.0, within(1e-12));
        assertThat(sampler.share(3)).isCloseTo(12 / 23.0, within(1e-12));
    }

    @Test
    void shouldDrawEachClassOnceAndAlwaysAsMany() {
        ClassSampler sampler = new ClassSampler(COUNTS, SIZE);
        for (int i = 0; i < 500; i++) {
            assertThat(Arrays.stream(sampler.draw(new Random(i))).boxed())
                    .doesNotHaveDuplicates()
                    .hasSize(SIZE);
        }
    }

    @Test
    void shouldDrawAClassAsOftenAsItSays() {
        ClassSampler sampler = new ClassSampler(COUNTS, SIZE);
        int draws = 40_000;
        int[] drawn = new int[COUNTS.length];
        Random random = new Random(5);
        for (int i = 0; i < draws; i++) {
            for (int c : sampler.draw(random)) {
                drawn[c]++;
            }
        }
        for (int c = 0; c < drawn.length; c++) {
            double share = sampler.share(c);
            // Five standard deviations; some 40 classes are looked at.
            double noise = 5 * Math.sqrt(share * (1 - share) / draws) + 1e-12;
            assertThat(drawn[c] / (double) draws).as("class %s", c).isCloseTo(share, within(noise));
        }
    }

    @Test
    void shouldGiveEveryClassAChance() {
        ClassSampler sampler = new ClassSampler(COUNTS, SIZE);

        assertThat(IntStream.range(0, 40).mapToDouble(sampler::share)).allMatch(share -> share > 0 && share <= 1);
        assertThat(IntStream.range(0, 40).mapToDouble(sampler::share).sum()).isCloseTo(SIZE, within(1e-9));
    }

    @Test
    void shouldTellTheLogarithmOfTheShareOfWhatItDrew() {
        ClassSampler sampler = new ClassSampler(COUNTS, SIZE);
        int[] drawn = {39, 0, 17};

        float[] logs = sampler.logShares(drawn);

        for (int i = 0; i < drawn.length; i++) {
            assertThat((double) logs[i]).isCloseTo(Math.log(sampler.share(drawn[i])), within(1e-6));
        }
    }

    @Test
    void shouldDrawTheSameFromTheSameSeed() {
        ClassSampler sampler = new ClassSampler(COUNTS, SIZE);

        assertThat(sampler.draw(new Random(3))).isEqualTo(sampler.draw(new Random(3)));
        assertThat(sampler.draw(new Random(3))).isNotEqualTo(sampler.draw(new Random(4)));
    }
}
