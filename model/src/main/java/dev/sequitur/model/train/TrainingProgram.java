package dev.sequitur.model.train;

import dev.sequitur.model.bundle.BundleWriter;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSpool;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

    /** What a training gave: one network, or the members of an ensemble. */
    public record Summary(List<Trainer.Trained> members, String fingerprint, Manifest.Provenance provenance) {}

    /** {@link #run(String, GroupedEvents, Origin, Path, int, boolean, TrainingListener)} of one network. */
    public static Summary run(
            String yaml, List<Event> events, Origin origin, Path out, boolean resume, TrainingListener listener)
            throws IOException {
        return run(yaml, events, origin, out, 1, resume, listener);
    }

    /**
     * {@link #run(String, GroupedEvents, Origin, Path, int, boolean, TrainingListener)} of events in memory, in the order
     * of their source.
     */
    public static Summary run(
            String yaml,
            List<Event> events,
            Origin origin,
            Path out,
            int members,
            boolean resume,
            TrainingListener listener)
            throws IOException {
        try (EventSpool spool = spool(out)) {
            for (Event event : events) {
                spool.add(event);
            }
            try (GroupedEvents grouped = spool.group(EventSpool.Order.ARRIVAL)) {
                return run(yaml, grouped, origin, out, members, resume, listener);
            }
        }
    }

    /**
     * For events that needn't fit into memory: a spool on the disk that the bundle is written to.
     *
     * @throws dev.sequitur.model.bundle.BundleException when something else stands at {@code out}
     */
    public static EventSpool spool(Path out) throws IOException {
        BundleWriter.requireReplaceable(out);
        return new EventSpool(directory(out));
    }

    static Path directory(Path out) {
        return out.toAbsolutePath().getParent();
    }

    /**
     * Trains and writes the bundle. The checkpoint stands beside it, as {@code <out>.checkpoint}; those of an ensemble's
     * further members as {@code <out>.member1.checkpoint} and so on. The members are trained one after the other on the
     * same data, with the spec's seed, the next one, and so on.
     *
     * @param yaml the pipeline spec
     * @param members networks that the model mixes, at least 1
     * @param resume go on from the checkpoints: what was finished isn't trained again, and members that have no
     *     checkpoint yet are trained from the start
     * @throws TrainingException when the data or the checkpoint can't be trained on
     * @throws dev.sequitur.model.bundle.BundleException before training, when something else stands at {@code out}
     * @throws TrainingStoppedException when the listener wanted the end; there is no bundle then
     */
    public static Summary run(
            String yaml,
            GroupedEvents events,
            Origin origin,
            Path out,
            int members,
            boolean resume,
            TrainingListener listener)
            throws IOException {
        if (members < 1) {
            throw new IllegalArgumentException("members must be >= 1, got " + members);
        }
        PipelineSpec spec = PipelineSpecReader.parse(yaml, "spec");
        requireTrainable(events, origin, out);
        try (TrainingData data = new TrainingData(spec, events, directory(out))) {
            data.warnings().forEach(listener::warning);
            List<Trainer.Trained> trained = train(yaml, data, out, members, resume, listener);
            return write(yaml, data, events, trained, origin, out, listener);
        }
    }

    static void requireTrainable(GroupedEvents events, Origin origin, Path out) {
        if (events.entities() == 0) {
            throw new TrainingException("There is no well-formed event in " + origin.names() + " (" + origin.malformed()
                    + " malformed rows); nothing can be learned from it");
        }
        BundleWriter.requireReplaceable(out);
    }

    static Summary write(
            String yaml,
            TrainingData data,
            GroupedEvents events,
            List<Trainer.Trained> trained,
            Origin origin,
            Path out,
            TrainingListener listener)
            throws IOException {
        Trainer.Trained first = trained.get(0);
        Trainer.Mixed mixed = trained.size() == 1
                ? new Trainer.Mixed(first.best().validationLoss(), first.calibration())
                : new Trainer(yaml, data, listener).measure(trained);
        long seed = data.spec().training().seed();
        Manifest.Provenance provenance = new Manifest.Provenance(
                version(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                origin.names(),
                events.entities(),
                data.trainingEvents(),
                data.validationEvents(),
                origin.malformed(),
                seed,
                first.history().size(),
                first.bestEpoch(),
                first.best().trainingLoss(),
                mixed.validationLoss(),
                trained.stream().mapToDouble(Trainer.Trained::seconds).sum(),
                trained.stream().mapToLong(Trainer.Trained::size).sum(),
                IntStream.range(0, trained.size())
                        .mapToObj(m -> provenance(seed + m, trained.get(m)))
                        .toList());
        String fingerprint = BundleWriter.write(
                out,
                new BundleWriter.Contents(
                        data.spec(),
                        yaml,
                        data.learned(),
                        trained.stream().map(Trainer.Trained::weights).toList(),
                        mixed.calibration(),
                        step -> BudgetFit.threshold(data, trained.size(), mixed.calibration(), events, step),
                        provenance,
                        data.goldens(GOLDEN_SEQUENCES, GOLDEN_EVENTS)));
        return new Summary(trained, fingerprint, provenance);
    }

    private static List<Trainer.Trained> train(
            String yaml, TrainingData data, Path out, int members, boolean resume, TrainingListener listener)
            throws IOException {
        List<Trainer.Trained> trained = new ArrayList<>();
        int epochs = 0;
        for (int m = 0; m < members; m++) {
            long seed = data.spec().training().seed() + m;
            if (members > 1) {
                listener.member(m + 1, members, seed);
            }
            Path checkpoint = checkpoint(out, m);
            try {
                Trainer.Trained member = new Trainer(yaml, data, seed, listener)
                        .train(Optional.of(checkpoint), resume && (m == 0 || Files.exists(checkpoint)));
                trained.add(member);
                epochs += member.history().size();
            } catch (TrainingStoppedException e) {
                throw new TrainingStoppedException(epochs + e.epochs());
            }
        }
        return trained;
    }

    private static Manifest.Member provenance(long seed, Trainer.Trained trained) {
        return new Manifest.Member(
                seed,
                trained.history().size(),
                trained.bestEpoch(),
                trained.best().trainingLoss(),
                trained.best().validationLoss());
    }

    /** Where the training to that bundle keeps a member's checkpoint, counted from 0. */
    private static Path checkpoint(Path out, int member) {
        return out.resolveSibling(out.getFileName() + (member == 0 ? "" : ".member" + member) + ".checkpoint");
    }

    private static String version() {
        String version = TrainingProgram.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
