package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on a real log, against what was published and measured of it: see {@code evaluation/helpdesk}. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class HelpdeskTest {
    private static final String DATA = "shared/data/bpm_helpdesk/helpdesk.csv";
    /** Half of the last digit that the data's README gives. */
    private static final double ROUNDED = 0.0005;

    @TempDir
    Path dir;

    @Test
    void shouldPredictTheHelpdeskAsWellAsPublishedAndAlikeOfflineAndThroughKafka() {
        Optional<Path> data = data();
        assumeTrue(
                data.isPresent(),
                "no " + DATA + " in a directory above " + Path.of("").toAbsolutePath());
        Path model = dir.resolve("model");
        CommandRun.of("train", "--spec", "evaluation/helpdesk/spec.yaml", "--data", data.get(), "--out", model)
                .succeeded();
        Map<String, double[]> offline = CommandRun.of("evaluate", "--bundle", model, "--data", data.get(), "--json")
                .figures();
        Map<String, double[]> streamed = CommandRun.of("replay", "--bundle", model, "--data", data.get(), "--json")
                .figures();

        assertThat(value(offline, "sequitur/activity/accuracy", 1993)).isGreaterThanOrEqualTo(0.71);
        assertThat(value(offline, "sequitur/activity/accuracy with END", 3261)).isGreaterThanOrEqualTo(0.82);
        assertThat(value(offline, "sequitur/gap/mean absolute error", 1993)).isLessThanOrEqualTo(3.66);

        assertThat(value(offline, "baseline/activity/accuracy, Markov-1", 1993)).isCloseTo(0.694, within(ROUNDED));
        assertThat(value(offline, "baseline/activity/accuracy with END, Markov-1", 3261))
                .isCloseTo(0.813, within(ROUNDED));
        assertThat(value(offline, "baseline/activity/accuracy, Markov-1 that never ends", 1993))
                .isCloseTo(0.727, within(ROUNDED));
        assertThat(value(offline, "baseline/activity/accuracy with END, Markov-1 that never ends", 3261))
                .isCloseTo(0.444, within(ROUNDED));
        assertThat(value(offline, "baseline/gap/mean absolute error, median time by activity", 1993))
                .isCloseTo(3.66, within(10 * ROUNDED));

        assertThat(streamed.keySet()).isEqualTo(offline.keySet());
        offline.forEach((name, figure) -> {
            assertThat(streamed.get(name)[0]).as(name).isCloseTo(figure[0], within(1e-6));
            assertThat(streamed.get(name)[1]).as("count of " + name).isEqualTo(figure[1]);
        });
    }

    private static double value(Map<String, double[]> figures, String name, long count) {
        assertThat(figures).containsKey(name);
        assertThat(figures.get(name)[1]).as("count of " + name).isEqualTo(count);
        return figures.get(name)[0];
    }

    /** The data set lies beside checkouts, not in them: its licence doesn't allow to hand it on. */
    private static Optional<Path> data() {
        return Stream.iterate(Path.of("").toAbsolutePath(), directory -> directory != null, Path::getParent)
                .map(directory -> directory.resolve(DATA))
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
