package dev.sequitur.topology.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WavesTest {
    private record Numbered(String entity, int number) {}

    @Test
    void shouldMakeOneWaveOfDistinctEntities() {
        assertThat(Waves.of(List.of("a", "b", "c"), e -> e)).containsExactly(List.of("a", "b", "c"));
    }

    @Test
    void shouldMakeAWaveForEachEventOfOneEntity() {
        List<Numbered> events = List.of(new Numbered("a", 1), new Numbered("a", 2), new Numbered("a", 3));
        assertThat(Waves.of(events, Numbered::entity))
                .containsExactly(events.subList(0, 1), events.subList(1, 2), events.subList(2, 3));
    }

    @Test
    void shouldMakeNoWaveOfNothing() {
        assertThat(Waves.of(List.<String>of(), e -> e)).isEmpty();
    }

    @Test
    void shouldKeepEachEntitysOrderAndNeverRepeatAnEntityInAWave() {
        Random random = new Random(7);
        List<Numbered> events = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            // Skewed: device 0 has about a tenth of the events.
            events.add(new Numbered("device-" + (int) (100 * Math.pow(random.nextDouble(), 2)), i));
        }
        List<List<Numbered>> waves = Waves.of(events, Numbered::entity);

        Map<String, List<Integer>> arrived = new HashMap<>();
        events.forEach(
                e -> arrived.computeIfAbsent(e.entity, k -> new ArrayList<>()).add(e.number));
        Map<String, List<Integer>> stepped = new HashMap<>();
        for (List<Numbered> wave : waves) {
            assertThat(new HashSet<>(wave.stream().map(Numbered::entity).toList()))
                    .hasSameSizeAs(wave);
            wave.forEach(e ->
                    stepped.computeIfAbsent(e.entity, k -> new ArrayList<>()).add(e.number));
        }
        assertThat(stepped).isEqualTo(arrived);
        int busiest = arrived.values().stream().mapToInt(List::size).max().orElseThrow();
        assertThat(waves).hasSize(busiest);
    }
}
