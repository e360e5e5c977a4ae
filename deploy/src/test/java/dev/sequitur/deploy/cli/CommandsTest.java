package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.schemas.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on a small pipeline, as a user goes it: from files, by commands, to files. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CommandsTest {
    /** Figures are sums of the same numbers in another order, printed with all their digits. */
    private static final double SAME_FIGURE = 1e-6;

    @TempDir
    static Path files;

    @TempDir
    Path dir;

    private static Path spec;
    private static Path csv;
    private static Path avro;
    private static Path bundle;
    private static JsonNode trained;

    private record Row(String entity, Instant time) {}

    @BeforeAll
    static void train() throws IOException {
        spec = TinyFiles.spec(files.resolve("tiny.yaml"));
        csv = TinyFiles.csv(files.resolve("events.csv"));
        avro = TinyFiles.avro(files.resolve("events.avro"));
        bundle = files.resolve("model");
        CommandRun run = CommandRun.of("train", "--spec", spec, "--data", csv, "--out", bundle, "--json");
        trained = run.json().get(0);
        assertThat(run.err().lines()).as("one closing line each").hasSize(2);
    }

    private static void same(Map<String, double[]> expected, Map<String, double[]> got) {
        assertThat(got.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, figure) -> {
            assertThat(got.get(name)[0]).as(name).isCloseTo(figure[0], within(SAME_FIGURE));
            assertThat(got.get(name)[1]).as("count of " + name).isEqualTo(figure[1]);
        });
    }

    @Test
    void shouldSayWhatWasTrained() {
        // 40 entities, each with an END: 4 test, then a fifth of the other 36 validates.
        assertThat(trained.get("entities").intValue()).isEqualTo(40);
        assertThat(trained.get("validationEvents").intValue()).isEqualTo(7 * 31);
        assertThat(trained.get("trainingEvents").intValue()).isEqualTo(29 * 31);
        assertThat(trained.get("epochs").intValue()).isEqualTo(3);
        assertThat(trained.get("bundle").textValue()).isEqualTo(bundle.toString());
        assertThat(Files.exists(bundle.resolve("manifest.json"))).isTrue();
    }

    @Test
    void shouldTrainAndEvaluateAlikeFromCsvToADirectoryAndFromAvroToAZip() {
        Path zip = dir.resolve("model.zip");
        CommandRun.of("train", "--spec", spec, "--data", avro, "--out", zip).succeeded();
        Map<String, double[]> fromDirectory = CommandRun.of("evaluate", "--bundle", bundle, "--data", csv, "--json")
                .figures();
        Map<String, double[]> fromZip = CommandRun.of("evaluate", "--bundle", zip, "--data", avro, "--json")
                .figures();
        same(fromDirectory, fromZip);
        assertThat(fromDirectory).containsKeys("sequitur/letter/accuracy", "baseline/letter/accuracy, Markov-1");
        // Four entities of the test part, each of 30 events and an END.
        assertThat(fromDirectory.get("sequitur//surprise")[1]).isEqualTo(4 * 31);
    }

    @Test
    void shouldMeasureWhatRoundedStatesCost() {
        Map<String, double[]> whole = CommandRun.of("evaluate", "--bundle", bundle, "--data", csv, "--json")
                .figures();
        Map<String, double[]> rounded = CommandRun.of(
                        "evaluate", "--bundle", bundle, "--data", csv, "--state-precision", "bfloat16", "--json")
                .figures();
        assertThat(rounded.keySet()).isEqualTo(whole.keySet());
        // Eight significant bits move the surprise, but not by much.
        assertThat(rounded.get("sequitur//surprise")[0])
                .isNotEqualTo(whole.get("sequitur//surprise")[0])
                .isCloseTo(whole.get("sequitur//surprise")[0], org.assertj.core.api.Assertions.within(0.05));
    }

    @Test
    void shouldInspectForPeopleForMachinesAndForProducersOfEvents() throws IOException {
        String fingerprint = trained.get("fingerprint").textValue();
        assertThat(CommandRun.of("inspect", bundle).succeeded())
                .startsWith("tiny  " + fingerprint + "  (format 1)")
                .contains(
                        "gru [6]",
                        "field letter",
                        "since-previous [input, target]",
                        "5 values: ",
                        "layer0/hidden [6]",
                        "899 + 217 events");

        JsonNode manifest = CommandRun.of("inspect", bundle, "--json").json().get(0);
        assertThat(manifest.get("fingerprint").textValue()).isEqualTo(fingerprint);
        assertThat(manifest.get("name").textValue()).isEqualTo("tiny");

        Schema schema = new Schema.Parser()
                .parse(CommandRun.of("inspect", bundle, "--event-schema").succeeded());
        assertThat(schema.getFields().stream().map(Schema.Field::name))
                .containsExactlyInAnyOrder(Files.readAllLines(csv).get(0).split(","));
    }

    @Test
    void shouldReplayToTheFiguresOfEvaluateOnTheTestPart() {
        same(
                CommandRun.of("evaluate", "--bundle", bundle, "--data", csv, "--json")
                        .figures(),
                CommandRun.of("replay", "--bundle", bundle, "--data", avro, "--partitions", "3", "--json")
                        .figures());
    }

    @Test
    void shouldWriteWhatWasReplayedCompletelyAndInTheOrderOfTheData() throws IOException {
        Path scores = dir.resolve("s.jsonl");
        Path predictions = dir.resolve("p.avro");
        CommandRun replay = CommandRun.of(
                "replay",
                "--bundle",
                bundle,
                "--data",
                csv,
                "--part",
                "all",
                "--scores",
                scores,
                "--predictions",
                predictions,
                "--json");
        same(
                CommandRun.of("evaluate", "--bundle", bundle, "--data", csv, "--part", "all", "--json")
                        .figures(),
                replay.figures());

        List<Row> data = Files.readAllLines(csv).stream()
                .skip(1)
                .map(line -> line.split(",", 3))
                .map(cells -> new Row(cells[0], Instant.ofEpochMilli(Long.parseLong(cells[1]))))
                .toList();
        List<Row> scored = new ArrayList<>();
        Map<String, Integer> scoredBeforeEnd = new HashMap<>();
        Set<String> ended = new LinkedHashSet<>();
        for (String line : Files.readAllLines(scores)) {
            JsonNode score = CommandRun.json(line);
            String entity = score.get("entity").textValue();
            assertThat(ended).as("nothing comes after an END").doesNotContain(entity);
            assertThat(score.get("model").textValue())
                    .isEqualTo(trained.get("fingerprint").textValue());
            assertThat(score.get("score").doubleValue()).isBetween(0.0, 1.0);
            if (score.get("end").booleanValue()) {
                ended.add(entity);
            } else {
                scored.add(new Row(entity, Instant.parse(score.get("eventTime").textValue())));
                scoredBeforeEnd.merge(entity, 1, Integer::sum);
            }
        }
        assertThat(scored).isEqualTo(data);
        assertThat(ended).hasSize(40);
        assertThat(scoredBeforeEnd.values()).allMatch(n -> n == 30);

        List<Row> predicted = new ArrayList<>();
        try (DataFileReader<Prediction> in =
                new DataFileReader<>(predictions.toFile(), new SpecificDatumReader<>(Prediction.class))) {
            for (Prediction prediction : in) {
                predicted.add(new Row(prediction.getEntity(), prediction.getEventTime()));
                assertThat(prediction.getFields()).extracting("field").containsExactly("letter", "gap", "END");
            }
        }
        assertThat(predicted).as("an END predicts nothing").isEqualTo(data);
    }

    @Test
    void shouldResumeToWhatAnUninterruptedTrainingGives() throws IOException {
        String longer = TinyPipeline.TRAINING.replace("epochs: 3", "epochs: 5");
        Path longerSpec = TinyFiles.spec(dir.resolve("longer.yaml"), longer);
        Path whole = dir.resolve("whole");
        CommandRun.of("train", "--spec", longerSpec, "--data", csv, "--out", whole)
                .succeeded();

        Path resumed = dir.resolve("resumed");
        CommandRun.of("train", "--spec", spec, "--data", csv, "--out", resumed).succeeded();
        JsonNode summary = CommandRun.of(
                        "train", "--spec", longerSpec, "--data", csv, "--out", resumed, "--resume", "--json")
                .json()
                .get(0);
        assertThat(summary.get("epochs").intValue()).isEqualTo(5);
        // One thread and one seed: the same weights to the bit, so the same figures to the last digit.
        assertThat(CommandRun.of("evaluate", "--bundle", resumed, "--data", csv, "--json")
                        .succeeded())
                .isEqualTo(CommandRun.of("evaluate", "--bundle", whole, "--data", csv, "--json")
                        .succeeded());
    }

    @Test
    void shouldTrainAnEnsembleAndNameItsNetworks() throws IOException {
        Path out = dir.resolve("ensemble");
        CommandRun run = CommandRun.of(
                "train",
                "--spec",
                spec,
                "--data",
                csv,
                "--out",
                out,
                "--ensemble",
                2,
                "--report",
                dir.resolve("new/report.html"));
        assertThat(run.succeeded())
                .contains("seed 3: 3 epochs", "seed 4: 3 epochs", "trained 2 networks", "loss of the ensemble");
        assertThat(run.err()).contains("network 2/2 epoch 3/3");
        assertThat(dir.resolve("new/report.html")).content().contains("tiny: training report");
        assertThat(CommandRun.of("inspect", out).succeeded())
                .contains("ensemble of 2, gru [6]", "member1/layer0/hidden [6]", "seed 4");
        assertThat(CommandRun.of("evaluate", "--bundle", out, "--data", csv, "--json")
                        .figures())
                .containsKey("sequitur/letter/accuracy");
        CommandRun none = CommandRun.of("train", "--spec", spec, "--data", csv, "--out", out, "--ensemble", 0);
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("--ensemble must be at least 1, got 0");
    }

    @Test
    void shouldSayBeforeTheTrainingThatAReportCanNotBeWritten() {
        Path out = dir.resolve("never");
        CommandRun run = CommandRun.of("train", "--spec", spec, "--data", csv, "--out", out, "--report", dir);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("is a directory; give the path of a file");
        assertThat(out).doesNotExist();
    }

    @Test
    void shouldRollOutWhatMayFollowAnEntity() {
        Object[] command = {
            "rollout",
            "--bundle",
            bundle,
            "--data",
            csv,
            "--entity",
            "entity-3",
            "--steps",
            4,
            "--samples",
            50,
            "--hold",
            "--json"
        };
        List<JsonNode> lines = CommandRun.of(command).json();
        List<JsonNode> forecasts = lines.stream()
                .filter(l -> l.get("kind").textValue().equals("forecast"))
                .toList();
        List<JsonNode> samples = lines.stream()
                .filter(l -> l.get("kind").textValue().equals("sample"))
                .toList();
        assertThat(samples).hasSize(50);
        assertThat(forecasts.get(0).get("samples").intValue()).isEqualTo((int)
                samples.stream().filter(s -> s.get("events").size() > 0).count());
        JsonNode event = samples.stream()
                .filter(s -> s.get("events").size() > 0)
                .findFirst()
                .orElseThrow()
                .get("events")
                .get(0);
        Instant last = TinyFiles.EVENTS.stream()
                .filter(e -> e.entity().equals("entity-3"))
                .map(e -> Instant.ofEpochMilli(e.timeMs()))
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(Instant.parse(event.get("time").textValue())).isAfterOrEqualTo(last);
        assertThat(event.get("fields").get("letter").textValue()).isIn("a", "b", "c", "d", "e", "<unknown>");
        assertThat(event.get("fields").get("direction").textValue()).isIn("left", "right");
        assertThat(CommandRun.of(command).out())
                .as("same seed, same samples")
                .isEqualTo(CommandRun.of(command).out());

        assertThat(CommandRun.of("rollout", "--bundle", bundle, "--data", csv, "--entity", "entity-3", "--hold")
                        .succeeded())
                .startsWith("30 events of entity-3, the last at " + last + "; 200 samples, seed 1")
                .contains("likeliest continuations of letter");
    }

    @Test
    void shouldSayWhatARolloutLacks() {
        CommandRun unpredicted = CommandRun.of("rollout", "--bundle", bundle, "--data", csv, "--entity", "entity-3");
        assertThat(unpredicted.code()).isEqualTo(1);
        assertThat(unpredicted.err()).contains("reads direction, but doesn't predict it", "--hold");
        CommandRun nobody = CommandRun.of("rollout", "--bundle", bundle, "--data", csv, "--entity", "nobody");
        assertThat(nobody.err()).contains("no event of entity 'nobody'");
    }

    @Test
    void shouldReportSkippedRowsWithTheirPlacesAndGoOn() throws IOException {
        Path dirty = dir.resolve("dirty.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(csv));
        lines.add(3, lines.get(1).replaceFirst(",[0-9]+,", ",yesterday,"));
        lines.add(7, "entity-1,1700000000000");
        Files.write(dirty, lines);
        CommandRun run = CommandRun.of("evaluate", "--bundle", bundle, "--data", dirty, "--json");
        assertThat(run.err()).contains("skipped 2 malformed rows", "dirty.csv:4: ", "dirty.csv:8: ", "yesterday");
        same(
                CommandRun.of("evaluate", "--bundle", bundle, "--data", csv, "--json")
                        .figures(),
                run.figures());
    }

    @Test
    void shouldPrintFiguresAsATableToo() {
        CommandRun run = CommandRun.of("evaluate", "--bundle", bundle, "--data", csv);
        assertThat(run.succeeded().lines())
                .contains("sequitur, test part", "baselines, the same predictions")
                .anyMatch(line -> line.matches("  letter +accuracy +0\\.[0-9]{6} +\\([0-9]+\\)"));
    }

    @Test
    void shouldShipAHelpdeskSpecThatIsValid() {
        var helpdesk = PipelineSpecReader.read(Path.of("evaluation/helpdesk/spec.yaml"));
        assertThat(helpdesk.name()).isEqualTo("helpdesk");
        assertThat(helpdesk.entity()).containsExactly("CaseID");
        assertThat(helpdesk.task().minPrefix()).isEqualTo(2);
        assertThat(helpdesk.training().split().test()).isEqualTo(1.0 / 3);
    }
}
