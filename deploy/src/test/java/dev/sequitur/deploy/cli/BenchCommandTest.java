package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BenchCommandTest {
    private static final String[] SMALL = {"--units", "8", "--property", "commit.interval.ms=10", "--json"};

    private static List<JsonNode> small(String... arguments) {
        Stream<String> all = Stream.of(Stream.of("bench"), Stream.of(arguments), Stream.of(SMALL))
                .flatMap(part -> part);
        return CommandRun.of(all.toArray()).json();
    }

    private static List<JsonNode> figures(List<JsonNode> lines) {
        return lines.stream().filter(line -> !line.has("figure")).toList();
    }

    private static List<String> aims(List<JsonNode> lines) {
        return lines.stream()
                .filter(line -> line.has("figure"))
                .map(line -> line.get("figure").textValue())
                .toList();
    }

    @Test
    void shouldRunEveryContestantOnTheSameEvents() {
        // A short commit interval, so that few events take several.
        List<JsonNode> lines = small(
                "throughput",
                "--entities",
                "200",
                "--events",
                "40000",
                "--slow-events",
                "4000",
                "--runs",
                "1",
                "--warm-ups",
                "0");
        assertThat(figures(lines))
                .extracting(line -> line.get("contestant").textValue())
                .containsExactly("state only", "state and result", "sequitur", "sequitur, one by one", "by hand");
        assertThat(figures(lines)).allSatisfy(line -> {
            assertThat(line.get("median").doubleValue()).isPositive();
            assertThat(line.get("runs")).hasSize(1);
            assertThat(line.get("distribution").textValue()).isEqualTo("uniform");
        });
        // The one that writes no result writes none, and the others' are as large as a score.
        double score = figures(lines).get(2).get("resultBytes").doubleValue();
        assertThat(figures(lines))
                .extracting(line -> line.get("resultBytes").doubleValue())
                .satisfiesExactly(
                        none -> assertThat(none).isZero(),
                        bytes -> assertThat(bytes).isCloseTo(score, withinPercentage(20)),
                        bytes -> assertThat(bytes).isGreaterThan(100),
                        bytes -> assertThat(bytes).isCloseTo(score, withinPercentage(20)),
                        bytes -> assertThat(bytes).isCloseTo(score, withinPercentage(20)));
        assertThat(aims(lines))
                .containsExactly(
                        "sequitur / state only (uniform, 200 entities)", "sequitur / by hand (uniform, 200 entities)");
    }

    @Test
    void shouldMeasureEveryDistributionWithEveryNumberOfEntities() {
        List<JsonNode> lines = small(
                "throughput",
                "--entities",
                "50,200",
                "--distribution",
                "uniform,single",
                "--events",
                "20000",
                "--slow-events",
                "4000",
                "--warm-ups",
                "1",
                "--runs",
                "1",
                "--contestant",
                "sequitur");
        assertThat(figures(lines))
                .extracting(line -> line.get("distribution").textValue() + " "
                        + line.get("entities").intValue())
                .containsExactly("uniform 50", "uniform 200", "single 1");
        assertThat(figures(lines)).as("what warms up doesn't count").allSatisfy(line -> assertThat(line.get("runs"))
                .hasSize(1));
        assertThat(aims(lines))
                .containsExactly(
                        "sequitur's single key / uniform, 50 entities",
                        "sequitur's single key / uniform, 200 entities");
    }

    @Test
    void shouldAnswerEveryLookUpBesideTheStream() {
        List<JsonNode> lines = small(
                "queries", "--entities", "200", "--events", "60000", "--rate", "400", "--warm-ups", "0", "--runs", "1");
        assertThat(figures(lines))
                .extracting(line -> line.get("contestant").textValue())
                .containsExactly("nothing to ask", "nobody asks", "look-ups");
        assertThat(figures(lines)).allSatisfy(line -> {
            assertThat(line.get("median").doubleValue()).isPositive();
            assertThat(line.get("runs")).hasSize(1);
        });
        assertThat(figures(lines))
                .filteredOn(line -> line.has("lookUps"))
                .singleElement()
                .satisfies(line -> {
                    JsonNode lookUps = line.get("lookUps");
                    assertThat(lookUps.get("answered").longValue()).isPositive();
                    assertThat(lookUps.get("refused").longValue())
                            .as("every entity has a state before it is asked for")
                            .isZero();
                    assertThat(lookUps.get("serverMicros").doubleValue()).isPositive();
                    assertThat(lookUps.get("p50Ms").doubleValue()).isPositive();
                    assertThat(lookUps.get("p99Ms").doubleValue())
                            .isBetween(
                                    lookUps.get("p50Ms").doubleValue(),
                                    lookUps.get("maxMs").doubleValue());
                });
        assertThat(aims(lines))
                .containsExactly(
                        "events/s, look-ups / nobody asks", "events/s, look-ups / nothing to ask", "look-ups refused");
    }

    @Test
    void shouldMeasureTheLatencyOfEveryEventAtEachLoad() {
        List<JsonNode> lines = small(
                "latency",
                "--entities",
                "200",
                "--events",
                "4000",
                "--load",
                "10,50",
                "--rate",
                "4000",
                "--duration",
                "1",
                "--warm-up",
                "0");
        assertThat(figures(lines))
                .extracting(line -> line.get("rate").doubleValue())
                .containsExactly(400.0, 2000.0);
        // One score for each event that was due, none missing and none twice.
        assertThat(figures(lines))
                .extracting(line -> line.get("events").longValue())
                .containsExactly(400L, 2000L);
        assertThat(figures(lines)).allSatisfy(line -> {
            for (String place : List.of("scoredMs", "appendedMs", "committedMs")) {
                JsonNode ms = line.get(place);
                assertThat(ms.get("p50").doubleValue()).isPositive();
                assertThat(ms.get("p99").doubleValue())
                        .isBetween(ms.get("p50").doubleValue(), ms.get("p99.9").doubleValue());
                assertThat(ms.get("max").doubleValue())
                        .isGreaterThanOrEqualTo(ms.get("p99.9").doubleValue());
            }
            // A score is read after it is made.
            assertThat(line.get("committedMs").get("p50").doubleValue())
                    .isGreaterThan(line.get("scoredMs").get("p50").doubleValue());
        });
        assertThat(aims(lines)).hasSize(2);
    }

    @Test
    void shouldMeasureWhatIsReachedWhereNoRateIsGiven() {
        String table = CommandRun.of(
                        "bench",
                        "latency",
                        "--entities",
                        "200",
                        "--events",
                        "4000",
                        "--load",
                        "5",
                        "--duration",
                        "1",
                        "--warm-up",
                        "0",
                        "--units",
                        "8")
                .succeeded();
        assertThat(table).contains("events/s reached").contains("share this process");
    }

    @Test
    void shouldMeasureWhatEntitiesCostAndRestoreEachOfThem() {
        List<JsonNode> lines =
                small("entities", "--entities", "300", "--events", "20000", "--runs", "1", "--partitions", "2");
        assertThat(lines).extracting(line -> line.get("entities").intValue()).containsExactly(300);
        assertThat(lines).allSatisfy(line -> {
            int entities = line.get("entities").intValue();
            // One value an entity; a transaction's end takes an offset too.
            assertThat(line.get("restored").intValue()).isBetween(entities, entities + entities / 2);
            // Eight units of an LSTM are 64 bytes of state.
            assertThat(line.get("changelogBytes").longValue()).isGreaterThan(64L * entities);
            assertThat(line.get("diskBytes").longValue()).isGreaterThan(64L * entities);
            assertThat(line.get("memoryBytes").longValue()).isPositive();
            assertThat(line.get("median").doubleValue()).isPositive();
            assertThat(line.get("runningSeconds").doubleValue())
                    .isGreaterThan(line.get("restoreSeconds").doubleValue());
        });
    }

    @Test
    void shouldMeasureTheStepFunctionByTheSizeOfACall() {
        List<JsonNode> lines = CommandRun.of(
                        "bench",
                        "device",
                        "--device",
                        "cpu",
                        "--batch",
                        "1,7",
                        "--steps",
                        "1,4,5",
                        "--millis",
                        "20",
                        "--units",
                        "8",
                        "--json")
                .json();
        assertThat(lines)
                .extracting(line -> line.get("device").textValue() + " "
                        + line.get("steps").intValue() + " x "
                        + line.get("entities").intValue())
                .as("there is no block of 5 steps")
                .containsExactly("cpu 1 x 1", "cpu 1 x 7", "cpu 4 x 1", "cpu 4 x 7");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("rate").doubleValue()).isPositive();
            assertThat(line.get("callMicros").doubleValue()).isPositive();
        });
    }

    @Test
    void shouldSayWhichDeviceIsNotThere() {
        CommandRun run = CommandRun.of("bench", "device", "--device", "gpu:999");
        assertThat(run.err()).contains("--device: gpu:999 is asked for").doesNotContain("defect");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void shouldRunJmhsBenchmarksOfEveryPartOfAStep() {
        List<JsonNode> lines = CommandRun.of(
                        "bench",
                        "micro",
                        "--forks",
                        "0",
                        "--iterations",
                        "1",
                        "--millis",
                        "10",
                        "--units",
                        "8",
                        "--json")
                .json();
        assertThat(lines.stream().map(line -> line.get("name").textValue()).distinct())
                .containsExactly(
                        "EventBenchmark.decode",
                        "EventBenchmark.decodeConfluent",
                        "EventBenchmark.decodeJson",
                        "EventBenchmark.encode",
                        "EventBenchmark.features",
                        "PackingBenchmark.plan",
                        "StateBenchmark.decode",
                        "StateBenchmark.decodeAndEncode",
                        "StepBenchmark.step");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("mean").doubleValue()).isPositive();
            assertThat(line.get("unit").textValue()).isIn("ns/op", "us/op");
        });
        assertThat(lines.stream()
                        .filter(line -> line.has("precision"))
                        .map(line -> line.get("precision").textValue())
                        .distinct())
                .containsExactly("FLOAT32", "BFLOAT16", "FLOAT16");
    }

    @Test
    void shouldSayWhichMicroBenchmarksThereAre() {
        CommandRun run = CommandRun.of("bench", "micro", "--benchmark", "Nothing", "--units", "8");
        assertThat(run.err()).contains("No benchmark fits Nothing; there are EventBenchmark");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldSayAndDrawWhatAnApplicationHoldsOverASoak(@TempDir Path dir) throws Exception {
        // So few events are all warm-up: whatever grows is tolerated.
        List<JsonNode> lines = CommandRun.of(
                        "bench",
                        "soak",
                        "--events",
                        "30000",
                        "--entities",
                        "100",
                        "--units",
                        "8",
                        "--heap",
                        "128m",
                        "--tolerance",
                        "1000",
                        "--svg",
                        dir.resolve("soak.svg"),
                        "--json")
                .json();
        List<JsonNode> samples = lines.stream()
                .filter(line -> line.get("kind").textValue().equals("sample"))
                .toList();
        assertThat(samples).hasSizeGreaterThanOrEqualTo(20);
        assertThat(samples).allSatisfy(sample -> {
            assertThat(sample.get("resident").longValue()).isGreaterThan(128L << 20);
            assertThat(sample.get("stores").longValue()).isPositive();
            assertThat(sample.get("files").longValue()).isGreaterThan(10);
            assertThat(sample.get("threads").longValue()).isGreaterThan(5);
        });
        assertThat(samples.get(samples.size() - 1).get("events").longValue()).isEqualTo(30_000);
        assertThat(lines.stream().filter(line -> line.get("kind").textValue().equals("verdict")))
                .extracting(line -> line.get("figure").textValue())
                .containsExactly("resident", "stores", "files", "threads", "tensors");
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(dir.resolve("soak.svg").toFile())
                        .getElementsByTagName("polyline")
                        .getLength())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bench|Missing benchmark; there are [device, entities, latency, micro, queries, soak, throughput]",
                "bench entities --entities 0|--entities, --events, --partitions and --runs are at least 1",
                "bench device --device tpu|--device: expected auto, cpu or gpu:N",
                "bench device --device gpu:0,gpu:1|--device takes one GPU",
                "bench device --batch 0|--batch, --steps and --millis are at least 1",
                "bench micro --forks -1|--iterations, --millis and --threads are at least 1, --forks is at least 0",
                "bench micro --benchmark (|--benchmark: Unclosed group",
                "bench latency --load 0|--load takes percents and --rate events a second, of at least 1",
                "bench queries --rate 0|--entities, --events, --rate, --partitions and --runs are at least 1",
                "bench throughput --runs 0|--events, --slow-events, --partitions and --runs are at least 1",
                "bench throughput --entities 10,0|--entities, --events, --slow-events, --partitions and --runs",
                "bench soak --events 19|--events is at least 20, --entities and --partitions are at least 1",
                "bench soak --heap much|--heap is a size as -Xmx takes it, 256m or 1g, got much",
                "bench throughput --distribution even|expected one of [UNIFORM, ZIPF, SINGLE]"
            })
    void shouldSayWhatABenchmarkTakes(String arguments, String message) {
        CommandRun run = CommandRun.of((Object[]) arguments.split(" "));
        assertThat(run.err()).contains(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
