package dev.sequitur.model.bundle;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.score.AlarmThreshold;
import dev.sequitur.model.score.TailCalibration;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.model.step.TensorFlowStepFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a trained model as a bundle: a directory, or a zip where the path ends in {@code .zip}. */
public final class BundleWriter {
    private BundleWriter() {}

    /**
     * What a bundle is made of.
     *
     * @param yaml the pipeline spec as the user wrote it
     * @param members weights of each network that the model mixes, at least one
     * @param alarms the budget's threshold, measured on the step function that the bundle serves
     * @param goldens feature rows {@code [n][I]} of a few sequences
     */
    public record Contents(
            PipelineSpec spec,
            String yaml,
            Map<String, LearnedField> learned,
            List<List<NamedWeight>> members,
            TailCalibration calibration,
            AlarmFit alarms,
            Manifest.Provenance provenance,
            List<float[][]> goldens) {}

    /** Measures what only the finished step function can tell. */
    @FunctionalInterface
    public interface AlarmFit {
        /** Where alarms start; empty where the spec has no budget. */
        Optional<AlarmThreshold> fit(StepFunction step) throws IOException;
    }

    /**
     * Writes the bundle beside its place first and moves it there when it is whole; what was there before is replaced.
     *
     * @return its fingerprint
     */
    public static String write(Path target, Contents contents) throws IOException {
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        Path work = Files.createTempDirectory(absolute.getParent(), absolute.getFileName() + ".");
        try {
            Path directory = work.resolve("bundle");
            String fingerprint = writeDirectory(directory, contents);
            if (absolute.toString().endsWith(".zip")) {
                Path zip = work.resolve("bundle.zip");
                zip(directory, zip);
                Files.move(zip, absolute, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            } else {
                requireReplaceable(absolute);
                BundleFiles.deleteRecursively(absolute);
                Files.move(directory, absolute);
            }
            return fingerprint;
        } finally {
            BundleFiles.deleteRecursively(work);
        }
    }

    /**
     * What {@link #write} would find out only at the end.
     *
     * @throws BundleException when something stands there that isn't a bundle
     */
    public static void requireReplaceable(Path target) {
        boolean replaceable = target.toString().endsWith(".zip")
                ? !Files.isDirectory(target)
                : Files.exists(target.resolve(BundleFiles.MANIFEST));
        if (Files.exists(target) && !replaceable) {
            throw new BundleException(
                    target.toAbsolutePath() + " exists and is no bundle; choose another --out or remove it");
        }
    }

    private static String writeDirectory(Path directory, Contents contents) throws IOException {
        Path savedModel = directory.resolve(BundleFiles.SAVED_MODEL);
        Files.createDirectories(directory);
        Optional<AlarmThreshold> alarms;
        FrozenModel frozen = FrozenModel.write(savedModel, contents.spec(), contents.learned(), contents.members());
        try (TensorFlowStepFunction step =
                new TensorFlowStepFunction(savedModel.toString(), frozen.shape(), frozen.blocks(), false, Device.CPU)) {
            List<Goldens.Golden> goldens =
                    contents.goldens().stream().map(rows -> golden(step, rows)).toList();
            BundleFiles.JSON
                    .writer()
                    .without(com.fasterxml.jackson.databind.SerializationFeature.INDENT_OUTPUT)
                    .writeValue(directory.resolve(BundleFiles.GOLDENS).toFile(), new Goldens(goldens));
            alarms = contents.alarms().fit(step);
        }
        Map<String, Manifest.Learned> learned = new LinkedHashMap<>();
        contents.learned().forEach((name, field) -> learned.put(name, Manifest.Learned.of(field)));
        Map<String, String> files = new LinkedHashMap<>();
        for (String file : BundleFiles.HASHED) {
            files.put(file, BundleFiles.sha256(directory.resolve(file)));
        }
        HeadLayout heads = new HeadLayout(
                contents.spec(), contents.learned(), contents.members().size());
        Manifest manifest = new Manifest(
                ModelBundle.FORMAT_VERSION,
                contents.spec().name(),
                contents.spec().cell().kind(),
                contents.spec().cell().units(),
                contents.members().size(),
                contents.yaml(),
                learned,
                new FeatureLayout(contents.spec()).slices(),
                frozen.stateSlices(),
                heads.targets().stream().map(HeadLayout.Target::name).toList(),
                heads.targets().stream().map(HeadLayout.Target::parameters).toList(),
                frozen.blocks(),
                contents.calibration(),
                alarms.orElse(null),
                contents.provenance(),
                files);
        BundleFiles.JSON.writeValue(directory.resolve(BundleFiles.MANIFEST).toFile(), manifest);
        String fingerprint = BundleFiles.fingerprint(directory);
        Files.writeString(directory.resolve(BundleFiles.FINGERPRINT), fingerprint + "\n");
        return fingerprint;
    }

    private static Goldens.Golden golden(TensorFlowStepFunction step, float[][] rows) {
        StepShape shape = step.shape();
        StepBatch batch = new StepBatch(shape);
        batch.resize(1);
        List<float[]> surprise = new ArrayList<>();
        List<float[]> prediction = new ArrayList<>();
        for (float[] row : rows) {
            System.arraycopy(row, 0, batch.features, 0, row.length);
            step.step(batch);
            surprise.add(Arrays.copyOf(batch.surprise, shape.surprises()));
            prediction.add(Arrays.copyOf(batch.prediction, shape.parameters()));
        }
        return new Goldens.Golden(
                rows,
                surprise.toArray(float[][]::new),
                prediction.toArray(float[][]::new),
                Arrays.copyOf(batch.state, shape.state()));
    }

    private static void zip(Path directory, Path zip) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
                var paths = Files.walk(directory)) {
            for (Path file : paths.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(
                        new ZipEntry(directory.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
    }
}
