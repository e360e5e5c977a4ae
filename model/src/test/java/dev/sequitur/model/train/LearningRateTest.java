package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {
    private static LearningRate rate(String schedule) {
        return new LearningRate(Specs.of(
                        "x: {kind: numeric}",
                        "training: {epochs: 20, patience: 9, learning-rate: 0.8, schedule: {" + schedule + "}}")
                .training());
    }

    /** Epochs with a better validation loss ({@code +}) and without ({@code -}). */
    private static List<EpochReport> history(String epochs) {
        List<EpochReport> history = new ArrayList<>();
        for (char c : epochs.toCharArray()) {
            history.add(new EpochReport(history.size() + 1, 1, 1, 1, 1, c == '+'));
        }
        return history;
    }

    private static void assertRate(String schedule, double epochs, String history, double expected) {
        assertThat(rate(schedule).at(epochs, history(history))).isCloseTo(expected, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0, 0.8", "7.5, 0.8", "20, 0.8"})
    void shouldStayConstant(double epochs, double expected) {
        assertRate("kind: constant", epochs, "+--------", expected);
    }

    @ParameterizedTest
    @CsvSource({"constant, ''", "cosine, 'floor: 0.5'", "step, 'every: 1'", "plateau, 'patience: 1'"})
    void shouldRiseInAStraightLineWhateverComesThen(String kind, String options) {
        String schedule = "kind: " + kind + ", warm-up: 2, " + options;
        assertRate(schedule, 0, "", 0);
        assertRate(schedule, 0.5, "", 0.2);
        assertRate(schedule, 1.5, "-", 0.6);
    }

    @ParameterizedTest
    // cos 0, π/3, π/2, 2π/3, π: 1, 1/2, 0, −1/2, −1.
    @CsvSource({"4, 0.8", "9.3333333333333333, 0.65", "12, 0.5", "14.6666666666666667, 0.35", "20, 0.2"})
    void shouldFallAlongHalfACosineToTheFloor(double epochs, double expected) {
        assertRate("kind: cosine, warm-up: 4, floor: 1/4", epochs, "", expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.8", "2, 0.8", "3, 0.4", "5, 0.4", "6, 0.2", "9, 0.16", "19, 0.16"})
    void shouldCutAfterEverySoManyEpochs(int epochs, double expected) {
        assertRate("kind: step, every: 3, factor: 0.5, floor: 0.2", epochs + 0.5, "+".repeat(epochs), expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0.8",
        "++, 0.8",
        "++-, 0.8",
        "++--, 0.2",
        "++---, 0.2",
        "++--+-, 0.2",
        "++--+--, 0.08",
        "++-+-+-, 0.8",
        "+----, 0.08"
    })
    void shouldCutWhenValidationStallsAndCountAnewAfterACut(String history, double expected) {
        assertRate("kind: plateau, patience: 2, factor: 1/4, floor: 0.1", history.length() + 0.5, history, expected);
    }

    @Test
    void shouldNotFallBelowNothingWithoutAFloor() {
        assertRate("kind: cosine", 20, "", 0);
    }
}
