package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Data and specs that a network learns little from, or nothing: what is said of them, and that training goes through. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OddTrainingDataTest {
    private static final int EVENTS = 240;

    @TempDir
    Path dir;

    private CommandRun train(String fields, String training, IntFunction<String> row) throws IOException {
        Path spec = Files.writeString(
                dir.resolve("spec.yaml"),
                """
                name: odd
                entity: id
                time: at
                fields:
                %s
                cell: {kind: gru, units: 3}
                training: {epochs: 1, window: 4, lanes: 4, threads: 1, split: {validation: 0.25}%s}
                """
                        .formatted(fields.indent(2), training));
        StringBuilder rows = new StringBuilder("id,at,a,b\n");
        for (int i = 0; i < EVENTS; i++) {
            rows.append(row.apply(i)).append('\n');
        }
        Path data = Files.writeString(dir.resolve("data.csv"), rows);
        return CommandRun.of("train", "--spec", spec, "--data", data, "--out", dir.resolve("model"));
    }

    private static String row(String entity, int i, Object a, Object b) {
        return entity + "," + (1_700_000_000_000L + i) + "," + a + "," + b;
    }

    private void trainsWithWarning(CommandRun run, String... words) throws IOException {
        run.succeeded();
        assertThat(run.err().lines().filter(line -> line.contains("warning: ")))
                .as(run.err())
                .hasSize(1)
                .allSatisfy(line -> assertThat(line).contains(words));
        assertThat(dir.resolve("model/manifest.json")).exists();
        try (var files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("spec.yaml", "data.csv", "model", "model.checkpoint");
        }
    }

    @Test
    void shouldWarnOfAVocabularyThatExplodes() throws IOException {
        trainsWithWarning(
                train("a: {kind: categorical}\nb: {kind: numeric}", "", i -> row("e" + i % 12, i, "order-" + i, i % 7)),
                "field 'a' has 180 values in 180 training events, nearly one an event",
                "set max-size or min-count");
    }

    @Test
    void shouldWarnOfMoreValuesThanAreLearned() throws IOException {
        trainsWithWarning(
                train(
                        "a: {kind: categorical, max-size: 5}\nb: {kind: numeric}",
                        "",
                        i -> row("e" + i % 12, i, "kind-" + i % 11, i % 7)),
                "field 'a' has 11 values in the training data; 5 are learned, the rest are unknown",
                "Raise max-size");
    }

    @Test
    void shouldWarnOfAConstantColumn() throws IOException {
        trainsWithWarning(
                train("a: {kind: numeric}\nb: {kind: numeric}", "", i -> row("e" + i % 12, i, 3.5, i % 7)),
                "field 'a' is always 3.5 in the training data");
    }

    @Test
    void shouldWarnOfATargetThatIsAlwaysMissing() throws IOException {
        trainsWithWarning(
                train(
                        "a: {kind: numeric, optional: true}\nb: {kind: numeric}",
                        "",
                        i -> row("e" + i % 12, i, "", i % 7)),
                "field 'a' has no value in the training data",
                "take its role target away");
    }

    @Test
    void shouldWarnOfEntitiesWithOneEventEach() throws IOException {
        trainsWithWarning(
                train("a: {kind: numeric}\nb: {kind: numeric}", "", i -> row("e" + i, i, i % 5, i % 7)),
                "each of the 240 entities has one event",
                "is id what tells entities apart?");
    }

    @Test
    void shouldWarnOfAClassWithAWeightThatIsNotThere() throws IOException {
        trainsWithWarning(
                train(
                        "a: {kind: categorical}",
                        ", class-weights: {a: {k1: 2, k9: 3}}",
                        i -> row("e" + i % 12, i, "k" + i % 3, 0)),
                "training.class-weights names 'k9' of field 'a'");
    }

    @Test
    void shouldSayThatADataFileIsEmptyAndLeaveNothingBehind() throws IOException {
        Path spec = TinyFiles.spec(dir.resolve("spec.yaml"));
        Path empty = Files.writeString(dir.resolve("empty.csv"), "");
        CommandRun run = CommandRun.of("train", "--spec", spec, "--data", empty, "--out", dir.resolve("out"));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("empty.csv: expected a header row, got an empty file");
        try (var files = Files.list(dir)) {
            assertThat(files).containsExactlyInAnyOrder(spec, empty);
        }
    }

    @Test
    void shouldSayWhatToDoWhereTheLossIsNoNumber() throws IOException {
        CommandRun run = train(
                "a: {kind: numeric}\nb: {kind: numeric}",
                ", learning-rate: 1e30, clip-norm: 1e30",
                i -> row("e" + i % 12, i, i % 5, i % 7));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("The loss was not finite in the first epoch. Lower training.learning-rate (it is 1.0E30)")
                .doesNotContain("\tat ", "defect");
        assertThat(dir.resolve("model")).doesNotExist();
    }
}
