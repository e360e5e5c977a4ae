package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchEventsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 300, 10_000, 65_536})
    void shouldMeetEveryEntityOnce(int entities) {
        IntSupplier entity = BenchEvents.eachOnce(entities);
        assertThat(IntStream.generate(entity).limit(entities).sorted().toArray())
                .isEqualTo(IntStream.range(0, entities).toArray());
    }

    @Test
    void shouldLetASingleEntityBeOneHoweverManyThereAre() {
        assertThat(ThroughputBench.Load.all(List.of(10, 500), List.of(KeyDistribution.UNIFORM, KeyDistribution.SINGLE)))
                .containsExactly(
                        new ThroughputBench.Load(10, KeyDistribution.UNIFORM),
                        new ThroughputBench.Load(500, KeyDistribution.UNIFORM),
                        new ThroughputBench.Load(1, KeyDistribution.SINGLE));
    }

    @Test
    void shouldTakeTheMiddleOfTheRuns() {
        assertThat(Quantile.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(Quantile.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    }
}
