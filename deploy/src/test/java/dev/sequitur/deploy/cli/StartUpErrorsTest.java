package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads who gave something wrong: what it is, where, and what to do; no stack trace; exit code 1. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class StartUpErrorsTest {
    @TempDir
    static Path files;

    @TempDir
    Path dir;

    private static Path spec;
    private static Path csv;
    private static Path bundle;

    @BeforeAll
    static void train() throws IOException {
        spec = TinyFiles.spec(files.resolve("tiny.yaml"), TinyPipeline.TRAINING.replace("epochs: 3", "epochs: 1"));
        csv = TinyFiles.csv(files.resolve("events.csv"));
        bundle = files.resolve("model");
        CommandRun.of("train", "--spec", spec, "--data", csv, "--out", bundle).succeeded();
    }

    private static String refused(Object... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("sequitur: ")
                .doesNotContain("\tat ", "defect")
                .doesNotContainPattern("Exception(:|\\R)");
        return run.err();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private Path copyOfBundle() throws IOException {
        Path copy = dir.resolve("copy");
        try (var paths = Files.walk(bundle)) {
            for (Path path : paths.toList()) {
                Files.copy(path, copy.resolve(bundle.relativize(path).toString()));
            }
        }
        return copy;
    }

    // The spec.

    @Test
    void shouldNameEveryWrongLineOfASpec() throws IOException {
        Path wrong = write(
                "wrong.yaml",
                TinyPipeline.yaml("{kind: lstn, units: 4}", TinyPipeline.TRAINING)
                        .replace("entity: id", "entitty: id"));
        int cell = Files.readAllLines(wrong).indexOf("cell: {kind: lstn, units: 4}") + 1;
        assertThat(refused("train", "--spec", wrong, "--data", csv, "--out", dir.resolve("out")))
                .contains("wrong.yaml:2:", "entitty", "Did you mean 'entity'?")
                .contains("wrong.yaml:" + cell + ":", "lstn", "Did you mean 'lstm'?");
    }

    @Test
    void shouldSayWhereYamlBreaks() throws IOException {
        Path broken = write("broken.yaml", "name: tiny\nentity: [id\n");
        assertThat(refused("train", "--spec", broken, "--data", csv, "--out", dir.resolve("out")))
                .contains("broken.yaml:3:1: not YAML");
    }

    @Test
    void shouldSayThatThereIsNoSpec() {
        assertThat(refused("train", "--spec", dir.resolve("none.yaml"), "--data", csv, "--out", dir.resolve("out")))
                .contains("No pipeline spec at", "none.yaml");
    }

    // The data.

    @Test
    void shouldSayThatADataFileIsMissing() {
        assertThat(refused("train", "--spec", spec, "--data", dir.resolve("none.csv"), "--out", dir.resolve("out")))
                .contains("No data file at", "none.csv");
    }

    @Test
    void shouldSayThatADataFileIsEmpty() throws IOException {
        assertThat(refused("evaluate", "--bundle", bundle, "--data", write("empty.csv", "")))
                .contains("empty.csv: expected a header row, got an empty file");
    }

    @Test
    void shouldSayThatADataFileHasAHeaderAlone() throws IOException {
        Path header = write("header.csv", Files.readAllLines(csv).get(0) + "\n");
        assertThat(refused("train", "--spec", spec, "--data", header, "--out", dir.resolve("out")))
                .contains("no well-formed event", "header.csv");
        assertThat(refused("evaluate", "--bundle", bundle, "--data", header, "--part", "all"))
                .contains("all part of the data has no event");
    }

    @Test
    void shouldNameTheFirstRowsOfAFileOfMalformedOnes() throws IOException {
        List<String> lines = Files.readAllLines(csv).stream()
                .limit(150)
                .map(line -> line.replaceFirst(",[0-9]+,", ",never,"))
                .toList();
        Path malformed = Files.write(dir.resolve("malformed.csv"), lines);
        assertThat(refused("train", "--spec", spec, "--data", malformed, "--out", dir.resolve("out")))
                .contains("More than 100 malformed rows", "data.max-malformed", "malformed.csv:2: ", "never");
    }

    @Test
    void shouldSayWhichColumnsAFileLacks() throws IOException {
        assertThat(refused("evaluate", "--bundle", bundle, "--data", write("other.csv", "id,at\nx,1\n")))
                .contains("other.csv:1: the header lacks", "expected letter, level", "got only id, at");
    }

    @Test
    void shouldSayWhichFormatsThereAre() throws IOException {
        assertThat(refused("evaluate", "--bundle", bundle, "--data", write("events.xls", "")))
                .contains("expected the extension .csv, .tsv or .avro");
    }

    // The bundle.

    @Test
    void shouldRefuseADamagedBundle() throws IOException {
        Path copy = copyOfBundle();
        Path graph = copy.resolve("saved_model/saved_model.pb");
        byte[] bytes = Files.readAllBytes(graph);
        bytes[bytes.length / 2] ^= 1;
        Files.write(graph, bytes);
        assertThat(refused("inspect", copy)).contains("saved_model.pb is damaged", "Take the original, or train again");
        assertThat(refused("evaluate", "--bundle", copy, "--data", csv)).contains("saved_model.pb is damaged");
        assertThat(refused("replay", "--bundle", copy, "--data", csv)).contains("saved_model.pb is damaged");
    }

    @Test
    void shouldRefuseABundleWhoseGoldensDoNotComeOut() throws Exception {
        Path copy = copyOfBundle();
        JsonMapper json = new JsonMapper();
        Path goldens = copy.resolve("goldens.json");
        var sequences = json.readTree(goldens.toFile());
        var surprise = (com.fasterxml.jackson.databind.node.ArrayNode)
                sequences.get("sequences").get(0).get("surprise").get(2);
        surprise.set(0, json.getNodeFactory().numberNode(surprise.get(0).floatValue() + 0.01f));
        json.writeValue(goldens.toFile(), sequences);
        // Hashes that fit again, as someone would make them who means harm.
        ObjectNode manifest =
                (ObjectNode) json.readTree(copy.resolve("manifest.json").toFile());
        ((ObjectNode) manifest.get("files")).put("goldens.json", sha256(goldens));
        json.writeValue(copy.resolve("manifest.json").toFile(), manifest);
        Files.writeString(
                copy.resolve("fingerprint"),
                sha256(copy.resolve("manifest.json")).substring(0, 16));
        assertThat(refused("inspect", copy))
                .contains("goldens expect surprise[0]", "after event 2", "Take the original, or train again");
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void shouldRefuseAZipWhoseEntryLeavesItsDirectory() throws IOException {
        Path zip = dir.resolve("evil.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("../escaped.txt"));
            out.write(1);
            out.closeEntry();
        }
        assertThat(refused("inspect", zip)).contains("'../escaped.txt' that leaves its directory");
        assertThat(dir.getParent().resolve("escaped.txt")).doesNotExist();
    }

    @Test
    void shouldSayHowToGetABundleWhereThereIsNone() {
        assertThat(refused("inspect", dir.resolve("nowhere"))).contains("No bundle at", "sequitur train --out");
    }

    // Options.

    @Test
    void shouldNotReplaceWhatIsNoBundleNorTrainForNothing() throws IOException {
        Path precious = Files.createDirectory(dir.resolve("precious"));
        Files.writeString(precious.resolve("thesis.txt"), "years of work");
        assertThat(refused("train", "--spec", spec, "--data", csv, "--out", precious))
                .contains("precious exists and is no bundle", "choose another --out")
                .doesNotContain("train 100 %");
        assertThat(precious.resolve("thesis.txt")).hasContent("years of work");
    }

    @Test
    void shouldSayThatThereIsNothingToResume() {
        assertThat(refused("train", "--spec", spec, "--data", csv, "--out", dir.resolve("new"), "--resume"))
                .contains("There is no checkpoint at", "new.checkpoint", "train without --resume first");
    }

    @Test
    void shouldNameThePartsThereAre() {
        assertThat(refused("evaluate", "--bundle", bundle, "--data", csv, "--part", "tset"))
                .contains("--part is train, validation, test or all, got 'tset'");
    }

    @Test
    void shouldSayInWhichFormatsResultsAreWrittenBeforeItStartsABroker() {
        assertThat(refused("replay", "--bundle", bundle, "--data", csv, "--scores", dir.resolve("s.txt")))
                .contains("written as .jsonl or .avro, got", "s.txt");
    }

    @ParameterizedTest
    @CsvSource({"90, expected a duration such as 500ms", "0s, expected more than nothing", "-PT5S, expected more"})
    void shouldRefuseALengthThatIsNone(String length, String why) {
        CommandRun run = CommandRun.of("demo", "--for", length);
        assertThat(run.code()).as("wrong usage").isEqualTo(2);
        assertThat(run.err()).contains("--for", why, length);
    }

    // The configuration of run, and the cluster.

    private String refusedToRun(String properties) throws IOException {
        return refused("run", "--config", write("sequitur.properties", properties));
    }

    private static String working(String more) {
        return "sequitur.bundle=" + bundle + "\nsequitur.input.topic=events\nbootstrap.servers=127.0.0.1:1\n"
                + "sequitur.http.listen=127.0.0.1:0\n" + more;
    }

    @Test
    void shouldSayThatTheGpuThatIsAskedForIsNotThere() throws IOException {
        assertThat(refusedToRun("sequitur.bundle=" + bundle
                        + "\nsequitur.input.topic=events\nbootstrap.servers=127.0.0.1:1"
                        + "\nsequitur.http.listen="
                        + "\nsequitur.tensorflow.device=gpu:999"))
                .contains("sequitur.tensorflow.device: gpu:999 is asked for", "ask for auto or cpu");
    }

    @Test
    void shouldSayWhatAConfigurationHoldsWhereThereIsNone() {
        assertThat(refused("run", "--config", dir.resolve("none.properties")))
                .contains("No configuration file at", "sequitur.bundle, sequitur.input.topic and bootstrap.servers");
    }

    @Test
    void shouldSuggestTheKeyThatWasMeant() throws IOException {
        assertThat(refusedToRun(working("sequitur.scores.topik=s\n")))
                .contains("Unknown key 'sequitur.scores.topik'. Did you mean 'sequitur.scores.topic'? There are");
    }

    @ParameterizedTest
    @CsvSource({
        "sequitur.batch.max-events=0, sequitur.batch.max-events, at least 1",
        "sequitur.http.listen=8080, sequitur.http.listen, expected host:port",
        "sequitur.stop.timeout=0s, sequitur.stop.timeout, more than nothing",
        "sequitur.batch.max-events=many, sequitur.batch.max-events, many",
        "sequitur.input.keyed=perhaps, sequitur.input.keyed, perhaps",
        "sequitur.state.on-model-change=ignore, sequitur.state.on-model-change, RESET",
        "sequitur.input.schemas=/nowhere.avsc, /nowhere.avsc, no Avro schema",
        "commit.interval.ms=soon, commit.interval.ms, soon",
        "processing.guarantee=at_most_once, at_most_once, must be exactly_once_v2",
        "processing.exception.handler=x.Y, processing.exception.handler, x.Y"
    })
    void shouldNameAWrongValueAndWhatIsAllowed(String setting, String named, String why) throws IOException {
        assertThat(refusedToRun(working(setting + "\n"))).contains(named, why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequitur.bundle", "sequitur.input.topic", "bootstrap.servers"})
    void shouldNameAKeyThatIsNotSet(String key) throws IOException {
        String without =
                working("").lines().filter(line -> !line.startsWith(key + "=")).reduce("", (a, b) -> a + b + "\n");
        assertThat(refusedToRun(without)).contains(key);
    }

    @Test
    void shouldSayThatNoBrokerAnswers() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThat(refusedToRun(working("").replace("127.0.0.1:1\n", "127.0.0.1:" + free + "\n")))
                .contains("No Kafka broker answers at 127.0.0.1:" + free, "Check bootstrap.servers");
    }

    @Test
    void shouldSayWhyAnAddressCanNotBeOne() throws IOException {
        assertThat(refusedToRun(working("").replace("127.0.0.1:1\n", "localhost\n")))
                .contains("localhost", "bootstrap.servers");
    }

    @Test
    void shouldListMissingTopicsWithTheCommandsThatCreateThem() throws IOException {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopic("events", 3);
            String servers = broker.bootstrapServers();
            assertThat(refusedToRun(working("sequitur.predictions.topic=\n").replace("127.0.0.1:1\n", servers + "\n")))
                    .contains("lacks the topics dead-letters, scores.", "sequitur run --create-topics")
                    .contains("kafka-topics.sh --bootstrap-server " + servers
                            + " --create --topic scores --partitions 3");
            assertThat(refused(
                            "train",
                            "--spec",
                            spec,
                            "--topic",
                            "evnts",
                            "--bootstrap-servers",
                            servers,
                            "--out",
                            dir.resolve("out")))
                    .contains("evnts");
        }
    }
}
