package dev.sequitur.deploy.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sequitur.deploy.recipe.NabScore.Profile;
import dev.sequitur.deploy.recipe.NabSeries.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NabScoreTest {
    private static final String DATA = "shared/data/nab";
    private static final double EXACT = 1e-12;

    /** 20 rows, 3 of probation, windows of rows 8 to 11 and 16 to 17. */
    private final NabScore score = new NabScore(List.of(series("group/a", new Window(8, 11), new Window(16, 17))));

    private static NabSeries series(String name, Window... windows) {
        return new NabSeries(name, Collections.nCopies(20, "2014-01-01 00:00:00"), new double[20], List.of(windows));
    }

    /** A map of scores with 1 at some rows, 0 elsewhere. */
    private static Map<String, double[]> detections(int... rows) {
        double[] scores = new double[20];
        Arrays.stream(rows).forEach(row -> scores[row] = 1);
        return Map.of("group/a", scores);
    }

    private double standard(int... rows) {
        return score.at(0.5, detections(rows), Profile.STANDARD);
    }

    private static double sigma(double x) {
        return 2 / (1 + Math.exp(5 * x)) - 1;
    }

    @Test
    void shouldGiveNothingForSilenceAndAHundredForTheFirstRowOfEachWindow() {
        assertThat(standard()).isCloseTo(0, within(EXACT));
        assertThat(standard(8, 16)).isCloseTo(100, within(EXACT));
        assertThat(score.at(0.5, detections(8, 16), Profile.REWARD_LOW_FN)).isCloseTo(100, within(EXACT));
    }

    @Test
    void shouldCountOneDetectionOfAWindowTheEarliestAndLessTheLaterItComes() {
        // One of two windows is missed. The scale's unit is 100 / (2 windows · (A_TP + A_FN)).
        double third = sigma(-0.5) / sigma(-1);
        assertThat(standard(10)).isCloseTo((third - 1 + 2) * 25, within(EXACT));
        assertThat(standard(10, 11)).isEqualTo(standard(10));
        assertThat(standard(9)).isGreaterThan(standard(10));
    }

    @Test
    void shouldCountAFalseDetectionByItsDistanceFromTheWindowBefore() {
        assertThat(standard(5)).isCloseTo(-0.11 * 25, within(EXACT));
        assertThat(standard(13)).isCloseTo(0.11 * sigma(2 / 3.0) * 25, within(EXACT));
        // Two rows past a window of two rows: twice w - 1.
        assertThat(standard(19)).isCloseTo(0.11 * sigma(2) * 25, within(EXACT));
        assertThat(score.at(0.5, detections(13), Profile.REWARD_LOW_FP))
                .isCloseTo(0.22 * sigma(2 / 3.0) * 25, within(EXACT));
        assertThat(new NabScore(List.of(series("group/a", new Window(4, 5)))).at(0.5, detections(19), Profile.STANDARD))
                .as("far away")
                .isCloseTo(-0.11 * 50, within(EXACT));
    }

    @Test
    void shouldIgnoreTheProbation() {
        assertThat(standard(0, 1, 2)).isCloseTo(0, within(EXACT));
    }

    @Test
    void shouldFindTheThresholdThatIsBest() {
        double[] scores = new double[20];
        scores[5] = 0.9;
        scores[8] = 0.8;
        scores[16] = 0.8;
        scores[6] = 0.7;
        NabScore.Best best = score.best(Map.of("group/a", scores), Profile.STANDARD);
        assertThat(best.threshold()).isEqualTo(0.8);
        assertThat(best.score()).isCloseTo(100 - 0.11 * 25, within(EXACT));
        assertThat(best.score()).isEqualTo(score.at(0.8, Map.of("group/a", scores), Profile.STANDARD));
    }

    @Test
    void shouldPreferSilenceToDetectionsThatCostMoreThanTheyFind() {
        // A threshold of 0 detects every row: one window of value 1, less 15 rows at 0.22 before it.
        NabScore.Best best = new NabScore(List.of(series("group/a", new Window(18, 19))))
                .best(Map.of("group/a", new double[20]), Profile.REWARD_LOW_FP);
        assertThat(best.score()).isCloseTo(0, within(EXACT));
        assertThat(best.threshold()).isInfinite();
    }

    @Test
    void shouldMeasureAPartOnItsOwnWindows() {
        NabScore both = new NabScore(List.of(series("one/a", new Window(8, 11)), series("two/b", new Window(8, 11))));
        double[] right = new double[20];
        right[8] = 1;
        Map<String, double[]> scores = Map.of("one/a", right, "two/b", new double[20]);
        assertThat(both.at(0.5, scores, Profile.STANDARD)).isCloseTo(50, within(EXACT));
        assertThat(both.of("one"::equals).at(0.5, scores, Profile.STANDARD)).isCloseTo(100, within(EXACT));
        assertThat(both.of("two"::equals).at(0.5, scores, Profile.STANDARD)).isCloseTo(0, within(EXACT));
    }

    @Test
    void shouldRefuseScoresThatAreNotOneARow() {
        assertThatThrownBy(() -> score.at(0.5, Map.of("group/a", new double[19]), Profile.STANDARD))
                .hasMessageContaining("group/a has 20 rows, got 19 scores");
    }

    @ParameterizedTest
    @CsvSource({
        "numenta, 70.101, 63.117, 74.320",
        "windowedGaussian, 39.650, 20.868, 47.410",
        "skyline, 35.687, 27.081, 44.481",
        "twitterADVec, 47.062, 33.610, 53.501"
    })
    void shouldGivePublishedDetectorsTheirPublishedScores(
            String detector, double standard, double lowFalsePositives, double lowFalseNegatives) throws IOException {
        Path data = data();
        List<NabSeries> series = NabSeries.all(data, "nab");
        NabScore benchmark = new NabScore(series);
        assertThat(series).hasSize(58);
        assertThat(benchmark.windows()).isEqualTo(116);
        Map<String, double[]> scores =
                NabRecipe.rowScores(data.resolve("results/row_scores/" + detector + ".csv.gz"), series);

        assertThat(benchmark.best(scores, Profile.STANDARD).score()).isCloseTo(standard, within(0.01));
        assertThat(benchmark.best(scores, Profile.REWARD_LOW_FN).score()).isCloseTo(lowFalseNegatives, within(0.01));
        // The published search of a threshold stops short of numenta's best one, which is 0.09 better.
        assertThat(benchmark.best(scores, Profile.REWARD_LOW_FP).score())
                .isCloseTo(lowFalsePositives, within(detector.equals("numenta") ? 0.1 : 0.01));
    }

    @Test
    void shouldGiveNumentaItsPublishedScoreAtItsPublishedThreshold() throws IOException {
        Path data = data();
        List<NabSeries> series = NabSeries.all(data, "nab");
        Map<String, double[]> scores = NabRecipe.rowScores(data.resolve("results/row_scores/numenta.csv.gz"), series);
        assertThat(new NabScore(series).at(0.5751955032348636, scores, Profile.REWARD_LOW_FP))
                .isCloseTo(63.11684160219828, within(1e-6));
    }

    /** The data lie beside checkouts, not in them. */
    private static Path data() {
        Optional<Path> data = Stream.iterate(
                        Path.of("").toAbsolutePath(), directory -> directory != null, Path::getParent)
                .map(directory -> directory.resolve(DATA))
                .filter(Files::isDirectory)
                .findFirst();
        assumeTrue(
                data.isPresent(),
                "no " + DATA + " in a directory above " + Path.of("").toAbsolutePath());
        return data.get();
    }
}
