package dev.sequitur.model.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueCountsTest {
    @Test
    void shouldCountExactlyWhatIsFew() {
        ValueCounts counts = new ValueCounts(10);
        for (String value : "abacabad".split("")) {
            counts.add(value);
        }

        assertThat(counts.mostFrequent(1, 10)).containsExactly("a", "b", "c", "d");
        assertThat(counts.mostFrequent(2, 10)).containsExactly("a", "b");
        assertThat(counts.mostFrequent(1, 1)).containsExactly("a");
        assertThat(counts.total()).isEqualTo(8);
        assertThat(counts.distinct()).isEqualTo(4);
        assertThat(counts.exact()).isTrue();
    }

    @Test
    void shouldKeepTheFrequentValuesAmongMoreThanItCanHold() {
        ValueCounts counts = new ValueCounts(10);
        Random random = new Random(1);
        int events = 5 * ValueCounts.MOST;
        for (int i = 0; i < events; i++) {
            // Every tenth event has one of five values, every other one a value of its own.
            counts.add(i % 10 == 0 ? "frequent " + random.nextInt(5) : "once " + i);
        }

        assertThat(counts.mostFrequent(2, 10)).hasSize(5).allMatch(value -> value.startsWith("frequent"));
        assertThat(counts.exact()).isFalse();
        assertThat(counts.total()).isEqualTo(events);
        assertThat(counts.distinct()).as("at most").isBetween(events * 9L / 10, (long) events);
        assertThat(counts.mostFrequent(1, Integer.MAX_VALUE)).hasSizeLessThanOrEqualTo(ValueCounts.MOST);
    }
}
