package dev.sequitur.model.bundle;

import com.fasterxml.jackson.core.JacksonException;
import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.step.CellView;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.Devices;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.model.step.TensorFlowStepFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.SavedModel;

/**
 * A trained model, loaded and checked: {@code manifest.json}, {@code fingerprint}, {@code goldens.json} and {@code
 * saved_model/}. Whatever doesn't fit is refused: a file whose hash isn't the manifest's, a graph with an operation that
 * isn't on the list, a layout that the spec doesn't give, goldens that don't come out.
 *
 * <p>Threading: safe for use by many threads; {@link #close} must not race a call of the step function.
 */
public final class ModelBundle implements AutoCloseable {
    /** The only version so far. */
    public static final int FORMAT_VERSION = 1;

    private final Manifest manifest;
    private final SequenceModel model;
    private final TensorFlowStepFunction step;
    private final Map<String, LearnedField> learned;

    private ModelBundle(
            Manifest manifest, SequenceModel model, TensorFlowStepFunction step, Map<String, LearnedField> learned) {
        this.manifest = manifest;
        this.model = model;
        this.step = step;
        this.learned = learned;
    }

    /**
     * Loads a bundle from its directory or zip, to compute on a GPU where TensorFlow finds one.
     *
     * @throws BundleException when it is none, or refused
     */
    public static ModelBundle load(Path path) {
        return load(path, Device.AUTO);
    }

    /**
     * Loads a bundle from its directory or zip.
     *
     * @throws BundleException when it is none, or refused
     * @throws IllegalArgumentException when the device isn't there
     */
    public static ModelBundle load(Path path, Device wish) {
        Device device = Devices.resolve(wish);
        try {
            if (Files.isDirectory(path)) {
                return loadDirectory(path, path, device);
            }
            if (!Files.isRegularFile(path)) {
                throw new BundleException(
                        "No bundle at " + path + "; train one with `sequitur train --out " + path + "`");
            }
            Path directory = Files.createTempDirectory("sequitur-bundle").toRealPath();
            try {
                BundleFiles.unzip(path, directory);
                return loadDirectory(directory, path, device);
            } finally {
                BundleFiles.deleteRecursively(directory);
            }
        } catch (IOException e) {
            throw new BundleException("Bundle " + path + " can't be read: " + e.getMessage(), e);
        }
    }

    private static ModelBundle loadDirectory(Path directory, Path origin, Device device) throws IOException {
        Manifest manifest = manifest(directory, origin);
        String fingerprint = checkFiles(directory, origin, manifest);
        PipelineSpec spec = PipelineSpecReader.parse(manifest.spec(), origin + ": spec");
        Map<String, LearnedField> learned = new LinkedHashMap<>();
        manifest.learned().forEach((name, field) -> learned.put(name, field.field()));
        if (spec.task().alarm().budget().isPresent() != (manifest.alarms() != null)) {
            throw new BundleException(
                    "Bundle " + origin + ": task.alarm.budget of its spec and alarms of its manifest come"
                            + " together, got one of them; train it again");
        }
        FeatureEncoder encoder = new FeatureEncoder(spec, learned);
        HeadLayout heads = new HeadLayout(spec, learned, members(manifest, origin));
        checkLayout(origin, "features", manifest.features(), new FeatureLayout(spec).slices());
        checkLayout(
                origin,
                "parameters",
                manifest.parameters(),
                heads.targets().stream().map(HeadLayout.Target::parameters).toList());

        Set<String> refused = AllowedOps.refused(graph(directory, origin));
        if (!refused.isEmpty()) {
            throw new BundleException("Bundle " + origin + " has operations that are not allowed: " + refused
                    + "; a bundle holds frozen arithmetic only, export it again without them");
        }
        int stateWidth = manifest.state().stream().mapToInt(Slice::width).sum();
        StepShape shape = new StepShape(encoder.width(), stateWidth, heads.surprises(), heads.parameters());
        TensorFlowStepFunction step;
        try {
            step = new TensorFlowStepFunction(
                    directory.resolve(BundleFiles.SAVED_MODEL).toString(),
                    shape,
                    manifest.blocks(),
                    spec.cell().attention() > 0,
                    device);
        } catch (RuntimeException e) {
            throw new BundleException("Bundle " + origin + ": TensorFlow can't load its graph: " + e.getMessage(), e);
        }
        try {
            replay(directory, origin, step, manifest.blocks());
        } catch (RuntimeException e) {
            step.close();
            throw e;
        }
        SequenceModel model = new SequenceModel(
                fingerprint,
                spec,
                encoder,
                step,
                new Explainer(spec, learned, heads),
                Alarms.of(spec.task().alarm(), manifest.calibration(), Optional.ofNullable(manifest.alarms())));
        return new ModelBundle(manifest, model, step, learned);
    }

    private static Manifest manifest(Path directory, Path origin) throws IOException {
        Path file = directory.resolve(BundleFiles.MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new BundleException(origin + " is no bundle: it has no " + BundleFiles.MANIFEST
                    + "; give the directory or zip that `sequitur train --out` wrote");
        }
        try {
            var tree = BundleFiles.JSON.readTree(file.toFile());
            int version = tree.path("formatVersion").asInt(-1);
            if (version != FORMAT_VERSION) {
                throw new BundleException("Bundle " + origin + " has format version "
                        + tree.path("formatVersion").asText("none") + "; this version of sequitur reads "
                        + FORMAT_VERSION + ". Train it again, or use the version that wrote it");
            }
            return BundleFiles.JSON.treeToValue(tree, Manifest.class);
        } catch (JacksonException e) {
            throw new BundleException(
                    "Bundle " + origin + ": " + BundleFiles.MANIFEST + " is damaged: " + e.getOriginalMessage(), e);
        }
    }

    private static int members(Manifest manifest, Path origin) {
        if (manifest.members() < 1) {
            throw new BundleException("Bundle " + origin + ": its manifest says that it has " + manifest.members()
                    + " members; expected at least 1. Train it again");
        }
        return manifest.members();
    }

    private static String checkFiles(Path directory, Path origin, Manifest manifest) throws IOException {
        Path file = directory.resolve(BundleFiles.FINGERPRINT);
        String stated = Files.isRegularFile(file) ? Files.readString(file).strip() : "none";
        String actual = BundleFiles.fingerprint(directory);
        if (!stated.equals(actual)) {
            throw new BundleException(
                    "Bundle " + origin + " states the fingerprint " + stated + ", but its manifest has " + actual
                            + ": it was changed after training. Take the original, or train again");
        }
        for (String name : BundleFiles.HASHED) {
            Path hashed = directory.resolve(name);
            String expected = manifest.files().get(name);
            String got = Files.isRegularFile(hashed) ? BundleFiles.sha256(hashed) : "no such file";
            if (!got.equals(expected)) {
                throw new BundleException(
                        "Bundle " + origin + ": " + name + " is damaged: the manifest expects SHA-256 " + expected
                                + ", got " + got + ". Take the original, or train again");
            }
        }
        return actual;
    }

    private static SavedModel graph(Path directory, Path origin) throws IOException {
        try {
            return SavedModel.parseFrom(Files.readAllBytes(directory.resolve(BundleFiles.GRAPH)));
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new BundleException("Bundle " + origin + ": " + BundleFiles.GRAPH + " is no SavedModel", e);
        }
    }

    private static void checkLayout(Path origin, String what, List<Slice> stated, List<Slice> derived) {
        if (!stated.equals(derived)) {
            throw new BundleException("Bundle " + origin + ": its manifest lays the " + what + " out as " + stated
                    + ", its spec as " + derived + "; it was written by another version, train it again");
        }
    }

    private static void replay(Path directory, Path origin, TensorFlowStepFunction step, List<Integer> blocks)
            throws IOException {
        Goldens goldens;
        try {
            goldens = BundleFiles.JSON.readValue(
                    directory.resolve(BundleFiles.GOLDENS).toFile(), Goldens.class);
        } catch (JacksonException e) {
            throw new BundleException("Bundle " + origin + ": " + BundleFiles.GOLDENS + " is damaged", e);
        }
        if (goldens.sequences().isEmpty()) {
            throw new BundleException("Bundle " + origin + " has no goldens; a bundle must show what it computes");
        }
        for (Goldens.Golden golden : goldens.sequences()) {
            GoldenReplay replay = new GoldenReplay(origin, golden, step);
            replay.steps();
            for (int t : blocks) {
                replay.blocks(t);
            }
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    /** What was learned of each field that learns. */
    public Map<String, LearnedField> learned() {
        return Map.copyOf(learned);
    }

    public String fingerprint() {
        return model.fingerprint();
    }

    public PipelineSpec spec() {
        return model.spec();
    }

    /**
     * What the prediction of an entity looks at: an explanation, where the spec asks for attention.
     *
     * @param stateRow {@code [S]}, the entity's state
     * @return weights {@code [W]} of the entity's last W events, newest first, with sum 1; 0 for events of before the
     *     session, and all 0 before its first event
     * @throws IllegalStateException when the spec asks for no attention
     * @throws IllegalArgumentException when the row isn't of this bundle's width
     */
    public float[] attention(float[] stateRow) {
        int width = step.shape().state();
        if (stateRow.length != width) {
            throw new IllegalArgumentException("expected a state row of " + width + " floats, got " + stateRow.length
                    + "; a state is read only by the bundle that wrote it, which is told by its fingerprint");
        }
        return step.attention(stateRow);
    }

    /** What happens inside the cells. Valid until this bundle is closed. */
    public CellView cellView() {
        return new CellView(step, manifest.members());
    }

    /** All that scoring takes. Valid until this bundle is closed. */
    public SequenceModel model() {
        return model;
    }

    @Override
    public void close() {
        step.close();
    }
}
