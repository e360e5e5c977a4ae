package dev.sequitur.model.train;

import dev.sequitur.model.bundle.BundleWriter;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** From events to a bundle: split, learn, train, calibrate, write. */
public final class TrainingProgram {
    private static final int GOLDEN_SEQUENCES = 3;
    private static final int GOLDEN_EVENTS = 24;

    private TrainingProgram() {}

    /**
     * Where the data came from, for the bundle's provenance.
     *
     * @param names of files or topics
     * @param malformed rows that were skipped
     */
    public record Origin(List<String> names, long malformed) {}

    /** What a training gave. */
    public record Summary(Trainer.Trained trained, String fingerprint, Manifest.Provenance provenance) {}

    /**
     * Trains and writes the bundle. The checkpoint stands beside it, as {@code <out>.checkpoint}.
     *
     * @param yaml the pipeline spec
     * @param events in the order of their source
     * @param resume go on from the checkpoint
     * @throws TrainingException when the data or the checkpoint can't be trained on
     * @throws dev.sequitur.model.bundle.BundleException before training, when something else stands at {@code out}
     * @throws TrainingStoppedException when the listener wanted the end; there is no bundle then
     */
    public static Summary run(
            String yaml, List<Event> events, Origin origin, Path out, boolean resume, TrainingListener listener)
            throws IOException {
        PipelineSpec spec = PipelineSpecReader.parse(yaml, "spec");
        List<EntitySequence> sequences = Sequences.group(events);
        if (sequences.isEmpty()) {
            throw new TrainingException("There is no well-formed event in " + origin.names() + " (" + origin.malformed()
                    + " malformed rows); nothing can be learned from it");
        }
        TrainingData data = new TrainingData(spec, sequences);
        BundleWriter.requireReplaceable(out);
        Files.createDirectories(out.toAbsolutePath().getParent());
        Trainer.Trained trained = new Trainer(yaml, data, listener).train(Optional.of(checkpoint(out)), resume);
        Manifest.Provenance provenance = new Manifest.Provenance(
                version(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                origin.names(),
                sequences.size(),
                data.trainingEvents(),
                data.validationEvents(),
                origin.malformed(),
                spec.training().seed(),
                trained.history().size(),
                trained.bestEpoch(),
                trained.best().trainingLoss(),
                trained.best().validationLoss(),
                trained.seconds(),
                trained.size());
        String fingerprint = BundleWriter.write(
                out,
                new BundleWriter.Contents(
                        spec,
                        yaml,
                        data.learned(),
                        trained.weights(),
                        trained.calibration(),
                        provenance,
                        data.goldens(GOLDEN_SEQUENCES, GOLDEN_EVENTS)));
        return new Summary(trained, fingerprint, provenance);
    }

    /** Where the training to that bundle keeps its checkpoint. */
    public static Path checkpoint(Path out) {
        return out.resolveSibling(out.getFileName() + ".checkpoint");
    }

    private static String version() {
        String version = TrainingProgram.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
