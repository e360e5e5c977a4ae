package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SearchTest {
    /** With the first rate nothing is learned, with the second something, and the third is none of this world. */
    private static final String SPACE = "training.learning-rate: {choice: [1e-7, 0.01, 1e30]}\n";

    @TempDir
    Path dir;

    private Path spec;
    private Path csv;
    private Path space;

    @BeforeEach
    void write() throws IOException {
        spec = TinyFiles.spec(
                dir.resolve("spec.yaml"),
                TinyPipeline.TRAINING.replace("epochs: 3", "epochs: 2, clip-norm: 1e30, averaging: 0"));
        csv = TinyFiles.csv(dir.resolve("events.csv"));
        space = Files.writeString(dir.resolve("space.yaml"), SPACE);
    }

    private CommandRun search(String out, String... more) {
        List<Object> args = new ArrayList<>(
                List.of("search", "--spec", spec, "--data", csv, "--space", space, "--out", dir.resolve(out)));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private static List<String> values(List<JsonNode> trials) {
        return trials.stream()
                .sorted(Comparator.comparingInt(trial -> trial.get("trial").intValue()))
                .map(trial -> trial.get("values").toString() + trial.get("validationLoss"))
                .toList();
    }

    @Test
    void shouldWriteTheBestTrialReportFailedOnesAndRepeatItself() {
        CommandRun run = search("model", "--trials", "6", "--json");
        List<JsonNode> trials = run.json();

        assertThat(trials).hasSize(6);
        JsonNode best = trials.get(0);
        assertThat(best.get("best").booleanValue()).isTrue();
        assertThat(best.get("values").get("training.learning-rate").asText()).isEqualTo("0.01");
        List<Double> losses = trials.stream()
                .filter(trial -> trial.has("validationLoss"))
                .map(trial -> trial.get("validationLoss").doubleValue())
                .toList();
        assertThat(losses).isSorted().hasSizeBetween(2, 5);
        assertThat(trials.subList(losses.size(), 6)).allSatisfy(trial -> {
            assertThat(trial.get("values").get("training.learning-rate").asText())
                    .isEqualTo("1e30");
            assertThat(trial.get("problem").textValue()).contains("not finite");
        });
        try (ModelBundle bundle = ModelBundle.load(dir.resolve("model"))) {
            assertThat(bundle.spec().training().learningRate()).isEqualTo(0.01);
            assertThat(bundle.manifest().training().validationLoss()).isEqualTo(losses.get(0));
        }
        assertThat(run.err()).contains("trial 1/6: ", ", the best so far");

        assertThat(values(search("again", "--trials", "6", "--json").json())).isEqualTo(values(trials));
    }

    @Test
    void shouldEndWithTheEpochThatIsOnItsWayWhenTheBudgetIsSpent() {
        CommandRun run = search("model", "--budget", "1ms", "--seed", "5");

        // One trial, of one epoch instead of two; the seed is one whose first rate learns.
        assertThat(run.succeeded()).contains("trial  validation  epochs  values", "bundle ", " of trial 1");
        assertThat(run.err())
                .contains("trial 1: validation loss", "after 1 epochs")
                .doesNotContain("trial 2");
    }

    @Test
    void shouldNameAPathOrAValueThatTheSpecDoesNotTake() throws IOException {
        Files.writeString(space, "training.learning-rat: {uniform: [0, 1]}");
        CommandRun unknown = search("model", "--trials", "2");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err())
                .contains("The search space sets training.learning-rat to", "Did you mean 'learning-rate'?")
                .doesNotContain("\tat ");
        assertThat(dir.resolve("model")).doesNotExist();
    }

    @Test
    void shouldAskWhenToEnd() {
        CommandRun run = search("model");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("give --trials, --budget or both");
    }
}
