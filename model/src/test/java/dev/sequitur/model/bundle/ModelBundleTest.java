package dev.sequitur.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.step.CellView;
import dev.sequitur.model.step.TensorFlowStepFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

class ModelBundleTest {
    @TempDir
    static Path trained;

    private static Path original;

    @TempDir
    Path directory;

    private Path copy;

    @BeforeAll
    static void train() throws IOException {
        original = trained.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", original);
    }

    @BeforeEach
    void copy() throws IOException {
        copy = directory.resolve("copy");
        try (var paths = Files.walk(original)) {
            for (Path path : paths.toList()) {
                Files.copy(path, copy.resolve(original.relativize(path).toString()));
            }
        }
    }

    /** Makes hashes and fingerprint fit the files again, as someone would who changes a bundle on purpose. */
    private void seal() throws IOException {
        Path file = copy.resolve("manifest.json");
        ObjectNode manifest = (ObjectNode) BundleFiles.JSON.readTree(file.toFile());
        ObjectNode files = (ObjectNode) manifest.get("files");
        for (String name : List.of("saved_model/saved_model.pb", "goldens.json")) {
            files.put(name, BundleFiles.sha256(copy.resolve(name)));
        }
        BundleFiles.JSON.writeValue(file.toFile(), manifest);
        Files.writeString(copy.resolve("fingerprint"), BundleFiles.fingerprint(copy));
    }

    private void changeManifest(Consumer<ObjectNode> change) throws IOException {
        Path file = copy.resolve("manifest.json");
        ObjectNode manifest = (ObjectNode) BundleFiles.JSON.readTree(file.toFile());
        change.accept(manifest);
        BundleFiles.JSON.writeValue(file.toFile(), manifest);
    }

    private void refused(Path path, String... words) {
        assertThatThrownBy(() -> ModelBundle.load(path).close())
                .isInstanceOf(BundleException.class)
                .message()
                .contains(words);
    }

    @Test
    void shouldLoadFromAnyDirectory() {
        try (ModelBundle bundle = ModelBundle.load(copy)) {
            assertThat(bundle.spec().name()).isEqualTo("tiny");
            assertThat(bundle.fingerprint()).matches("[0-9a-f]{16}");
            assertThat(bundle.manifest().state()).hasSize(1).allMatch(s -> s.width() == 4);
            assertThat(bundle.manifest().surprises())
                    .containsExactly("letter", "level", "lights", "gap", "speed", "END");
        }
    }

    @Test
    void shouldWriteAndLoadAZip() throws IOException {
        Path zip = directory.resolve("bundle.zip");
        TinyPipeline.train("{kind: gru, units: 4}", zip);
        try (ModelBundle fromZip = ModelBundle.load(zip);
                ModelBundle fromDirectory = ModelBundle.load(original)) {
            assertThat(fromZip.manifest().features())
                    .isEqualTo(fromDirectory.manifest().features());
        }
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("bundle.zip", "bundle.zip.checkpoint", "copy");
    }

    @Test
    void shouldServeABundleWithoutGatesAndSayWhyItShowsNone() throws IOException {
        Path graph = copy.resolve("saved_model/saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(graph)).toBuilder();
        model.getMetaGraphsBuilder(0).removeSignatureDef(TensorFlowStepFunction.GATES);
        Files.write(graph, model.build().toByteArray());
        seal();
        try (ModelBundle bundle = ModelBundle.load(copy)) {
            float[] state = new float[bundle.model().step().shape().state()];
            float[] rows = new float[bundle.model().step().shape().features()];
            CellView view = bundle.cellView();
            assertThatThrownBy(() -> view.replay(0, state, rows, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .message()
                    .contains("no signature 'gates'", "got [block_16, block_4, step]", "Train it again");
        }
    }

    @Test
    void shouldRefuseAZipEntryThatLeavesItsDirectory() throws IOException {
        Path zip = directory.resolve("evil.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("../../escaped.txt"));
            out.write(1);
            out.closeEntry();
        }
        refused(zip, "../../escaped.txt", "leaves its directory");
    }

    @Test
    void shouldRefuseAFileThatWasDamaged() throws IOException {
        Path graph = copy.resolve("saved_model/saved_model.pb");
        byte[] bytes = Files.readAllBytes(graph);
        bytes[bytes.length / 2] ^= 1;
        Files.write(graph, bytes);
        refused(copy, "saved_model.pb is damaged", "expects SHA-256");
    }

    @Test
    void shouldRefuseAWrongFingerprint() throws IOException {
        changeManifest(m -> m.put("name", "another"));
        refused(copy, "states the fingerprint", "changed after training");
    }

    @Test
    void shouldRefuseAMissingFile() throws IOException {
        Files.delete(copy.resolve("goldens.json"));
        refused(copy, "goldens.json is damaged", "no such file");
    }

    @Test
    void shouldRefuseAnOperationThatIsNotAllowed() throws IOException {
        Path graph = copy.resolve("saved_model/saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(graph)).toBuilder();
        model.getMetaGraphsBuilder(0)
                .getGraphDefBuilder()
                .addNode(NodeDef.newBuilder().setName("spy").setOp("ReadFile"));
        Files.write(graph, model.build().toByteArray());
        seal();
        refused(copy, "not allowed", "ReadFile");
    }

    @Test
    void shouldRefuseAnOperationHiddenInAFunction() throws IOException {
        Path graph = copy.resolve("saved_model/saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(graph)).toBuilder();
        model.getMetaGraphsBuilder(0)
                .getGraphDefBuilder()
                .getLibraryBuilder()
                .addFunctionBuilder()
                .addNodeDef(NodeDef.newBuilder().setName("spy").setOp("WriteFile"));
        Files.write(graph, model.build().toByteArray());
        seal();
        refused(copy, "not allowed", "WriteFile");
    }

    @Test
    void shouldRefuseGoldensThatDoNotComeOut() throws IOException {
        Path file = copy.resolve("goldens.json");
        Goldens goldens = BundleFiles.JSON.readValue(file.toFile(), Goldens.class);
        goldens.sequences().get(0).surprise()[2][0] += 0.01f;
        BundleFiles.JSON.writeValue(file.toFile(), goldens);
        seal();
        refused(copy, "goldens expect surprise[0]", "after event 2", "'step'");
    }

    @Test
    void shouldRefuseABundleWithoutGoldens() throws IOException {
        BundleFiles.JSON.writeValue(copy.resolve("goldens.json").toFile(), new Goldens(List.of()));
        seal();
        refused(copy, "no goldens");
    }

    @Test
    void shouldRefuseAnotherFormatVersion() throws IOException {
        changeManifest(m -> m.put("formatVersion", 99));
        seal();
        refused(copy, "format version 99", "reads 1");
    }

    @Test
    void shouldRefuseAManifestThatIsNoJson() throws IOException {
        Files.writeString(copy.resolve("manifest.json"), "{");
        refused(copy, "manifest.json is damaged");
    }

    @Test
    void shouldRefuseALayoutThatTheSpecDoesNotGive() throws IOException {
        changeManifest(m -> ((ObjectNode) m.get("features").get(1)).put("width", 2));
        seal();
        refused(copy, "lays the features out");
    }

    @Test
    void shouldRefuseAMissingSignature() throws IOException {
        Path graph = copy.resolve("saved_model/saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(graph)).toBuilder();
        model.getMetaGraphsBuilder(0).removeSignatureDef("block_4");
        Files.write(graph, model.build().toByteArray());
        seal();
        refused(copy, "no signature 'block_4'");
    }

    @Test
    void shouldSayThatAModelHasNoAttention() {
        try (ModelBundle bundle = ModelBundle.load(original)) {
            assertThatThrownBy(() -> bundle.attention(new float[4]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has no attention")
                    .hasMessageContaining("cell: {attention: W}");
            assertThatThrownBy(() -> bundle.attention(new float[3]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a state row of 4 floats, got 3");
        }
    }

    @Test
    void shouldSayWhatAPredictionLooksAt() throws IOException {
        Path attentive = directory.resolve("attentive");
        TinyPipeline.train("{kind: gru, units: 4, attention: 3}", attentive);
        try (ModelBundle bundle = ModelBundle.load(attentive)) {
            assertThat(bundle.attention(new float[bundle.model().step().shape().state()]))
                    .containsExactly(0, 0, 0);
        }
        SavedModel.Builder model =
                SavedModel.parseFrom(Files.readAllBytes(attentive.resolve("saved_model/saved_model.pb"))).toBuilder();
        assertThat(model.getMetaGraphs(0).getSignatureDefMap()).containsKey("attention");
    }

    @Test
    void shouldSayWhatToDoWhereThereIsNoBundle() throws IOException {
        refused(directory.resolve("nowhere"), "No bundle at", "sequitur train --out");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        refused(empty, "is no bundle", "manifest.json");
        Path text = Files.writeString(directory.resolve("text.zip"), "hello");
        refused(text, "is no bundle");
    }

    @Test
    void shouldNotReplaceADirectoryThatIsNoBundle() throws IOException {
        Path precious = Files.createDirectory(directory.resolve("precious"));
        Files.writeString(precious.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> TinyPipeline.train("{kind: rnn, units: 2}", precious))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("is no bundle; choose another --out");
        assertThat(precious.resolve("thesis.txt")).exists();
    }

    @Test
    void shouldNameWhatTheStateHolds() {
        try (ModelBundle bundle = ModelBundle.load(original)) {
            assertThat(bundle.manifest().state().get(0).name()).isEqualTo("layer0/hidden");
            assertThat(bundle.manifest().files())
                    .containsOnlyKeys(Map.of("saved_model/saved_model.pb", "", "goldens.json", "")
                            .keySet());
        }
    }
}
