package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recipes on little data of the shape of the public ones; what is to be expected of them can be told by hand. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RecipeTest {
    @TempDir
    Path dir;

    @Test
    void shouldTellGoodStudentsFromBadOnesAndSayTheSameThroughKafka() throws IOException {
        Random random = new Random(5);
        students("train1", 60, random);
        students("valid1", 16, random);
        students("test", 33, random);

        Map<String, Double> offline =
                figures(CommandRun.of("evaluate", "--recipe", "assist2009", "--data", dir, "--json"));
        Map<String, Double> streamed = figures(
                CommandRun.of("evaluate", "--recipe", "assist2009", "--data", dir, "--through-kafka", "--json"));

        // Every second student is right nine times in ten, the others one time in ten; the skill says nothing.
        assertThat(offline.get("sequitur/LSTM/AUC")).isBetween(0.8, 0.95);
        assertThat(offline.get("baseline/means of skill, student, both/AUC")).isBetween(0.8, 0.95);
        assertThat(offline.get("baseline/mean of the skill/AUC")).isCloseTo(0.5, within(0.1));
        assertSame(offline, streamed);
    }

    private void students(String part, int students, Random random) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < students; s++) {
            int n = 12 + random.nextInt(6);
            StringBuilder skills = new StringBuilder();
            StringBuilder answers = new StringBuilder();
            for (int i = 0; i < n; i++) {
                skills.append(1 + random.nextInt(4)).append(',');
                answers.append(random.nextDouble() < (s % 2 == 0 ? 0.9 : 0.1) ? 1 : 0)
                        .append(',');
            }
            text.append(n)
                    .append('\n')
                    .append(skills)
                    .append('\n')
                    .append(answers)
                    .append('\n');
        }
        Files.writeString(dir.resolve("assist2009_updated_" + part + ".csv"), text);
    }

    @Test
    void shouldMeasureChoralesInNatsAFrameForTheCellsThatAreAskedFor() throws IOException {
        for (String part : List.of("train", "valid", "test")) {
            StringBuilder text = new StringBuilder();
            for (int piece = 0; piece < 20; piece++) {
                for (int frame = 0; frame < 30; frame++) {
                    // Two chords in turn: certain to who remembers one frame, a coin's toss of 6 keys to who doesn't.
                    text.append(frame == 0 ? "" : ";").append((frame + piece) % 2 == 0 ? "40 44 47" : "42 45 49");
                }
                text.append('\n');
            }
            Files.writeString(dir.resolve("jsb_chorales_" + part + ".txt"), text);
        }

        Map<String, Double> figures = figures(CommandRun.of(
                "evaluate", "--recipe", "jsb", "--data", dir, "--cells", "gru", "--seeds", "1", "--json"));

        assertThat(figures.get("sequitur/gru/mean")).isLessThan(0.5);
        assertThat(figures.get("baseline/shares of the keys/mean")).isCloseTo(6 * Math.log(2), within(0.2));
        assertThat(figures.get("baseline/Markov-1 of each key/mean")).isLessThan(0.5);
        assertThat(figures.get("published/TCN/mean")).isEqualTo(8.10);
    }

    @Test
    void shouldFindTheSpikesOfASeriesAndSayTheSameThroughKafka() throws IOException {
        Random random = new Random(7);
        Files.createDirectories(dir.resolve("labels"));
        StringBuilder labels = new StringBuilder("{\"artificialNoAnomaly/calm.csv\": []");
        series("artificialNoAnomaly/calm.csv", -1, random);
        int spike = 700;
        for (int i = 0; i < 10; i++) {
            String name = (i < 6 ? "realTraffic/" : "realTweets/") + i + ".csv";
            List<String> times = series(name, spike, random);
            labels.append(", \"%s\": [[\"%s.000000\", \"%s.000000\"]]"
                    .formatted(name, times.get(spike - 20), times.get(spike + 69)));
        }
        Files.writeString(dir.resolve("labels/combined_windows.json"), labels.append("}"));

        Map<String, Double> offline = figures(CommandRun.of("evaluate", "--recipe", "nab", "--data", dir, "--json"));
        Map<String, Double> streamed =
                figures(CommandRun.of("evaluate", "--recipe", "nab", "--data", dir, "--through-kafka", "--json"));

        // Each spike stands 20 rows into a window of 90; nothing else is ever so far out.
        double worth = (2 / (1 + Math.exp(-5 * 70.0 / 90)) - 1) / (2 / (1 + Math.exp(-5)) - 1);
        for (String part : List.of("standard", "tuned groups", "untouched groups")) {
            assertThat(offline.get("sequitur/GRU 32, novelty/" + part))
                    .as(part)
                    .isCloseTo(50 * (1 + worth), within(1e-9));
            assertThat(offline.get("baseline/moving z-score/" + part)).as(part).isGreaterThan(90);
        }
        assertThat(offline.get("sequitur/- realTweets/standard")).isCloseTo(50 * (1 + worth), within(1e-9));
        assertThat(offline.get("published/Numenta HTM/untouched groups")).isEqualTo(63.4);
        assertSame(offline, streamed);
    }

    /** A wave with noise, 900 rows of 5 minutes; its times. */
    private List<String> series(String name, int spike, Random random) throws IOException {
        List<String> times = new ArrayList<>();
        StringBuilder text = new StringBuilder("timestamp,value\n");
        for (int row = 0; row < 900; row++) {
            times.add(LocalDateTime.of(2014, 4, 1, 0, 0)
                    .plusMinutes(5L * row)
                    .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")));
            double value = row == spike ? 20 : Math.sin(row / 10.0) + 0.1 * random.nextGaussian();
            text.append(times.get(row)).append(',').append(value).append('\n');
        }
        Files.createDirectories(dir.resolve("data/" + name).getParent());
        Files.writeString(dir.resolve("data/" + name), text);
        return times;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--recipe nothing|There is no recipe 'nothing'; there are [helpdesk",
                "--recipe helpdesk|needs --data FOLDER",
                "--recipe helpdesk --data . --cells gru|The recipe helpdesk takes no --cells",
                "--recipe jsb --data . --cells blue|There is no cell 'blue'; there are [rnn",
                "--recipe jsb --data . --bundle b|Give either --bundle or --recipe",
                "--bundle b --data . --seeds 2|belong to --recipe",
                "--data .|Give either --bundle or --recipe",
                "--recipe jsb --data . --lags 0|takes no --lags",
                "--recipe assist2009 --data . --through-kafka --state-precision float16|scores --through-kafka",
                "--recipe long-memory --state-precision bfloat16|scores none",
                "--recipe jsb --data . --seeds -1|--seeds, --ensemble and --lags are at least 1"
            })
    void shouldSayWhatARecipeTakes(String arguments, String message) {
        CommandRun run = CommandRun.of((Object[]) ("evaluate " + arguments).split(" "));
        assertThat(run.err()).contains(message);
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void shouldSayWhichFileIsMissingAndWhatIsThereInstead() throws IOException {
        Files.writeString(dir.resolve("notes.txt"), "nothing");
        CommandRun run = CommandRun.of("evaluate", "--recipe", "jsb", "--data", dir);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("There is no jsb_chorales_train.txt in " + dir, "[notes.txt]", "jsb/README.md");
        assertThat(run.err()).doesNotContain("defect");
    }

    private static void assertSame(Map<String, Double> offline, Map<String, Double> streamed) {
        assertThat(streamed.keySet()).isEqualTo(offline.keySet());
        offline.forEach((name, value) -> assertThat(streamed.get(name)).as(name).isCloseTo(value, within(1e-6)));
    }

    private static Map<String, Double> figures(CommandRun run) {
        Map<String, Double> figures = new HashMap<>();
        for (JsonNode line : run.json()) {
            figures.put(
                    line.get("kind").textValue() + "/" + line.get("name").textValue() + "/"
                            + line.get("metric").textValue(),
                    line.get("value").doubleValue());
        }
        return figures;
    }
}
