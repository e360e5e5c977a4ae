package dev.sequitur.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchSpaceTest {
    private static double[] draws(String distribution, int n) {
        SearchSpace space = SearchSpace.parse("training.learning-rate: " + distribution, "s");
        return IntStream.range(0, n)
                .mapToDouble(i -> ((Number) space.draw(7, i).get("training.learning-rate")).doubleValue())
                .toArray();
    }

    private static double share(double[] draws, double below) {
        return DoubleStream.of(draws).filter(v -> v < below).count() / (double) draws.length;
    }

    // A share of 4000 draws is off by 0.03 once in ten thousand times; the seed is one.

    @Test
    void shouldDrawUniformlyBetween() {
        double[] draws = draws("{uniform: [2, 6]}", 4000);

        assertThat(DoubleStream.of(draws)).allMatch(v -> v >= 2 && v < 6);
        assertThat(share(draws, 3)).isCloseTo(0.25, within(0.03));
        assertThat(share(draws, 5)).isCloseTo(0.75, within(0.03));
    }

    @Test
    void shouldDrawLogarithmsUniformly() {
        double[] draws = draws("{log-uniform: [1e-4, 1e-2]}", 4000);

        assertThat(DoubleStream.of(draws)).allMatch(v -> v >= 1e-4 && v <= 1e-2);
        assertThat(share(draws, 1e-3)).isCloseTo(0.5, within(0.03));
    }

    @Test
    void shouldDrawWholeNumbersWithBothEnds() {
        double[] draws = draws("{integer: [3, 6]}", 4000);

        for (int v = 3; v <= 6; v++) {
            int value = v;
            assertThat(DoubleStream.of(draws).filter(d -> d == value).count() / 4000.0)
                    .isCloseTo(0.25, within(0.03));
        }
    }

    @Test
    void shouldChooseEachAlikeAndGiveItsText() {
        SearchSpace space = SearchSpace.parse("cell.kind: {choice: [gru, lstm]}\ncell.units: {choice: [8, 16]}", "s");

        long lstm = IntStream.range(0, 4000)
                .filter(i -> space.draw(1, i).get("cell.kind").equals("lstm"))
                .count();
        assertThat(lstm / 4000.0).isCloseTo(0.5, within(0.03));
        assertThat(space.draw(1, 1).get("cell.units")).isIn(8L, 16L);
    }

    @Test
    void shouldRepeatATrialByItsSeedAndNumberAlone() {
        SearchSpace space = SearchSpace.parse("training.dropout: {uniform: [0, 0.5]}", "s");

        assertThat(space.draw(3, 9)).isEqualTo(space.draw(3, 9));
        assertThat(space.draw(3, 9)).isNotEqualTo(space.draw(3, 10)).isNotEqualTo(space.draw(4, 9));
    }

    @Test
    void shouldPutValuesIntoTheSpecAndLeaveTheRestAsItWas() {
        String yaml = Specs.yaml("a.b: {kind: categorical}\nn: {kind: numeric}", "training: {dropout: 0.25}");

        PipelineSpec spec = PipelineSpecReader.parse(
                SearchSpace.apply(
                        yaml,
                        Map.of(
                                "cell.units",
                                9L,
                                "training.learning-rate",
                                1.5e-4,
                                "training.schedule.kind",
                                "cosine",
                                "fields.a.b.embedding",
                                7L)),
                "applied");

        assertThat(spec.cell().units()).containsExactly(9);
        assertThat(spec.training().learningRate()).isEqualTo(1.5e-4);
        assertThat(spec.training().schedule()).isInstanceOf(PipelineSpec.ScheduleSpec.Cosine.class);
        assertThat(((FieldSpec.Categorical) spec.field("a.b")).embedding()).isEqualTo(7);
        assertThat(spec.training().dropout()).isEqualTo(0.25);
        assertThat(PipelineSpecReader.parse(SearchSpace.apply(yaml, Map.of()), "same"))
                .isEqualTo(PipelineSpecReader.parse(yaml, "same"));
    }

    @Test
    void shouldSayWhereASpecHasNoKeys() {
        assertThatThrownBy(() -> SearchSpace.apply(Specs.yaml("n: {kind: numeric}"), Map.of("entity.x", 1L)))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("a value and no keys at 'entity'");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            textBlock =
                    """
                    training.split.test: {uniform: [0, 0.5]}          => s:1: training.split.test: can't be searched
                    training.weights.a: {uniform: [1, 2]}             => s:1: training.weights.a: can't be searched
                    fields.a.max-size: {integer: [1, 2]}              => s:1: fields.a.max-size: can't be searched
                    entity: {choice: [a, b]}                          => s:1: entity: can't be searched
                    training.dropout: {uniform: [0.5, 0.1]}           => s:1: training.dropout.uniform: expected two numbers, the lower one first, got [0.5, 0.1].
                    training.dropout: {uniform: [0.5]}                => s:1: training.dropout.uniform: expected two numbers
                    training.dropout: {uniform: [a, b]}               => s:1: training.dropout.uniform: expected two numbers
                    training.learning-rate: {log-uniform: [0, 1]}     => s:1: training.learning-rate.log-uniform: expected two numbers, the lower one first, both above 0, got [0, 1].
                    training.dropout: {choice: []}                    => s:1: training.dropout.choice: expected text or a list of texts, got an empty list.
                    training.dropout: {choice: [1], integer: [1, 2]}  => s:1: training.dropout: expected one of {choice: [..]}
                    """)
    void shouldNameLineAndWayOut(String yaml, String message) {
        assertThatThrownBy(() -> SearchSpace.parse(yaml, "s"))
                .isInstanceOf(SpecException.class)
                .message()
                .startsWith(message)
                .hasLineCount(1);
    }

    @Test
    void shouldNameAnUnknownDistributionAndAnEmptySpace() {
        assertThatThrownBy(() -> SearchSpace.parse("training.dropout: {unifrom: [0, 1]}", "s"))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("Did you mean 'uniform'?");
        assertThatThrownBy(() -> SearchSpace.parse("{}", "s"))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("the search space is empty");
    }
}
