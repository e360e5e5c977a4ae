package dev.sequitur.deploy.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.Role;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Probability;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryTaskTest {
    private static final int SEQUENCES = 2000;

    private static List<List<Object[]>> sequences(MemoryTask task, int lag) {
        return Sequences.group(task.events(lag, SEQUENCES, 1)).stream()
                .map(EntitySequence::events)
                .map(events -> events.stream().map(Event::values).toList())
                .toList();
    }

    private static Object[] last(List<Object[]> events) {
        return events.get(events.size() - 1);
    }

    @ParameterizedTest
    @CsvSource({"10", "1", "100"})
    void addingAsksForTheTwoMarkedNumbers(int lag) {
        double within = 0;
        for (List<Object[]> events : sequences(MemoryTask.ADDING, lag)) {
            List<Object[]> marked =
                    events.stream().filter(e -> e[1].equals(1.0)).toList();
            assertThat(marked).hasSize(2);
            assertThat(events.indexOf(marked.get(0))).isLessThan(10);
            double answer = (Double) last(events)[2];
            assertThat(answer)
                    .isCloseTo(0.5 + ((Double) marked.get(0)[0] + (Double) marked.get(1)[0]) / 4, within(1e-12));
            within += Math.abs(answer - 0.5) < 0.04 ? 1.0 / SEQUENCES : 0;
        }
        // P(|x1 + x2| < 0.16), with density (2 − |s|) / 4 of the sum; four standard deviations of 2000.
        assertThat(MemoryTask.ADDING.chance()).isCloseTo(0.16 - 0.16 * 0.16 / 4, within(1e-9));
        assertThat(within).isCloseTo(0.1536, within(0.032));
    }

    @Test
    void generateShowsNothingOfTheOneWaveThatAllSequencesFollow() {
        List<List<Object[]>> sequences = sequences(MemoryTask.GENERATE, 100);
        List<Object[]> wave = sequences.get(0);
        assertThat(wave).hasSize(111);
        assertThat(wave.get(0)[1]).isNull();
        for (List<Object[]> events : sequences) {
            assertThat(events).allMatch(e -> e[0].equals(1.0));
            for (int t = 0; t < wave.size(); t++) {
                assertThat(events.get(t)[1]).isEqualTo(wave.get(t)[1]);
            }
        }
        double[] values = wave.stream().skip(1).mapToDouble(e -> (Double) e[1]).toArray();
        // Power of the three waves of 1, 3 and 7 periods, by their definition.
        for (int[] wanted : new int[][] {{1, 50}, {3, 30}, {7, 20}, {2, 0}, {5, 0}}) {
            double cos = 0;
            double sin = 0;
            for (int t = 0; t < values.length; t++) {
                cos += 2 * values[t] * Math.cos(2 * Math.PI * wanted[0] * (t + 1) / 111) / 111;
                sin += 2 * values[t] * Math.sin(2 * Math.PI * wanted[0] * (t + 1) / 111) / 111;
            }
            assertThat(Math.hypot(cos, sin)).isCloseTo(wanted[1] / 100.0, within(0.03));
        }
        double small = 0;
        for (int seed = 1; seed <= 200; seed++) {
            small += MemoryTask.GENERATE.events(100, 1, seed).stream()
                    .filter(e -> e.values()[1] != null && Math.abs((Double) e.values()[1]) < 0.1)
                    .count();
        }
        assertThat(small / (200 * 110)).isCloseTo(MemoryTask.GENERATE.chance(), within(0.02));
    }

    @ParameterizedTest
    @CsvSource({"10", "1", "100"})
    void orderAsksForTheTwoSymbolsInTheirOrder(int lag) {
        List<List<Object[]>> sequences = sequences(MemoryTask.ORDER, lag);
        for (List<Object[]> events : sequences) {
            List<Object> symbols = events.stream()
                    .map(e -> e[0])
                    .filter(s -> s.equals("X") || s.equals("Y"))
                    .toList();
            assertThat(symbols).hasSize(2);
            assertThat(last(events)[2]).isEqualTo("" + symbols.get(0) + symbols.get(1));
        }
        assertThat(answers(sequences)).hasSize(4).allSatisfy((answer, share) -> assertThat(share)
                .isCloseTo(MemoryTask.ORDER.chance(), within(0.04)));
    }

    @ParameterizedTest
    @CsvSource({"10", "1", "100"})
    void recallAsksForTheLanguageOfTheCountryThatWasNamed(int lag) {
        List<List<Object[]>> sequences = sequences(MemoryTask.RECALL, lag);
        for (List<Object[]> events : sequences) {
            List<String> countries = events.stream()
                    .map(e -> (String) e[0])
                    .filter(word -> word.startsWith("country"))
                    .toList();
            assertThat(countries).hasSize(1);
            assertThat(last(events)[2]).isEqualTo(countries.get(0).replace("country", "language"));
        }
        assertThat(answers(sequences)).hasSize(8).allSatisfy((answer, share) -> assertThat(share)
                .isCloseTo(MemoryTask.RECALL.chance(), within(0.03)));
    }

    private static Map<Object, Double> answers(List<List<Object[]>> sequences) {
        return new HashMap<>(sequences.stream()
                .map(events -> last(events)[2])
                .collect(Collectors.groupingBy(
                        Function.identity(), Collectors.summingDouble(answer -> 1.0 / SEQUENCES))));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GENERATE")
    void shouldAskOnceAtTheEndAndNeverTellBefore(MemoryTask task) {
        for (List<Object[]> events : sequences(task, 25)) {
            assertThat(events).hasSize(MemoryTask.length(25));
            assertThat(events.stream().filter(e -> e[2] != null)).containsExactly(last(events));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveASpecForEveryCellAndLag(MemoryTask task) {
        for (String cell : PipelineSpec.CellSpec.KINDS) {
            PipelineSpec spec = PipelineSpecReader.parse(LongMemoryRecipe.spec(task, 25, cell, 3), task.specName());
            assertThat(spec.cell().kind()).isEqualTo(cell);
            assertThat(spec.training().window()).isEqualTo(36);
            // What is asked once in 36 events counts 36 times.
            assertThat(spec.training().weights())
                    .isEqualTo(task == MemoryTask.GENERATE ? Map.of() : Map.of("answer", 36.0));
            assertThat(spec.training().seed()).isEqualTo(3);
            assertThat(spec.cell().maxLag()).isEqualTo(PipelineSpec.CellSpec.LAG_KINDS.contains(cell) ? 36 : 0);
            assertThat(spec.fields(Role.TARGET)).hasSize(1);
        }
    }

    @Test
    void shouldCountAnAnswerAsThePapersDo() {
        assertThat(MemoryTask.ADDING.right(0.5, new Continuous(0.539, 0.0, 1.0)))
                .isTrue();
        assertThat(MemoryTask.ADDING.right(0.5, new Continuous(0.541, 0.0, 1.0)))
                .isFalse();
        Categorical xy = new Categorical(List.of(new Probability("XY", 0.6), new Probability("YX", 0.4)));
        assertThat(MemoryTask.ORDER.right("XY", xy)).isTrue();
        assertThat(MemoryTask.ORDER.right("YX", xy)).isFalse();
    }
}
