package dev.sequitur.model.train;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.score.TailCalibration;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.TrainingSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * Trains a network: epochs of truncated backpropagation through time over shuffled lanes, early stopping on the
 * validation part, a checkpoint after every epoch. On one thread a run is repeatable to the bit, and so is a run that was
 * cut off and resumed.
 *
 * <p>Threading: belongs to one thread.
 */
public final class Trainer {
    /** A loss has exploded when it is this many times the best one, and nats, above it for so many epochs. */
    private static final double EXPLODED_NATS = 10;

    private static final int EXPLODED_EPOCHS = 3;

    private final PipelineSpec spec;
    private final String yaml;
    private final TrainingData data;
    private final long seed;
    private final TrainingListener listener;

    /** What came out. */
    public record Trained(
            List<NamedWeight> weights,
            List<EpochReport> history,
            int bestEpoch,
            TailCalibration calibration,
            double seconds,
            long size) {
        /** The epoch whose weights these are. */
        public EpochReport best() {
            return history.get(bestEpoch - 1);
        }
    }

    /** @param yaml what {@code data}'s spec was read from */
    public Trainer(String yaml, TrainingData data, TrainingListener listener) {
        this(yaml, data, data.spec().training().seed(), listener);
    }

    /** @param seed in place of the spec's: a member of an ensemble has its own */
    Trainer(String yaml, TrainingData data, long seed, TrainingListener listener) {
        this.spec = data.spec();
        this.yaml = yaml;
        this.data = data;
        this.seed = seed;
        this.listener = listener;
    }

    /**
     * @param checkpoint where to keep the training between epochs, if anywhere
     * @param resume go on from the checkpoint instead of starting anew
     * @throws TrainingException when there is nothing to resume, the checkpoint is of another spec or other data, or no
     *     epoch had a finite loss
     * @throws TrainingStoppedException when the listener wanted the end
     */
    public Trained train(Optional<Path> checkpoint, boolean resume) throws IOException {
        TrainingSpec training = spec.training();
        long started = System.nanoTime();
        try (TrainingGraph graph = graph()) {
            Progress progress = resume ? resumed(graph, checkpoint.orElseThrow()) : new Progress();
            Validation validation =
                    new Validation(List.of(graph), data.validation(), data.rows(), training.window(), startColumn());
            float[] fieldWeights = graph.fieldWeights();
            while (progress.history.size() < training.epochs() && !outOfPatience(progress) && !enough(progress)) {
                if (!epoch(graph, validation, fieldWeights, progress) || exploded(progress)) {
                    break;
                }
                if (checkpoint.isPresent()) {
                    progress.checkpoint(graph, yaml, seed, data.rows().checksum())
                            .write(checkpoint.get());
                }
                if (listener.enough(progress.history.get(progress.history.size() - 1))) {
                    break;
                }
            }
            if (progress.best == null) {
                throw new TrainingException("The loss was not finite in the first epoch. Lower training.learning-rate"
                        + " (it is " + training.learningRate() + ") or training.clip-norm (" + training.clipNorm()
                        + "), or look for extreme values in the data");
            }
            graph.setWeights(progress.best);
            TailCalibration calibration = calibrate(validation);
            return new Trained(
                    progress.best,
                    List.copyOf(progress.history),
                    progress.bestEpoch,
                    calibration,
                    (System.nanoTime() - started) / 1e9,
                    graph.size());
        }
    }

    private TrainingGraph graph() {
        int lanes = Math.min(spec.training().lanes(), data.training().size());
        return new TrainingGraph(spec, data.learned(), data.classCounts(), lanes, seed);
    }

    /** How the mixture of several networks does on the validation part. */
    record Mixed(double validationLoss, TailCalibration calibration) {}

    /** @throws TrainingException when no session of the validation part outlasts the warm-up */
    Mixed measure(List<Trained> members) throws IOException {
        List<TrainingGraph> graphs = new ArrayList<>();
        try {
            for (Trained member : members) {
                TrainingGraph graph = graph();
                graphs.add(graph);
                graph.setWeights(member.weights());
            }
            Validation validation = new Validation(
                    graphs, data.validation(), data.rows(), spec.training().window(), startColumn());
            return new Mixed(validation.loss(graphs.get(0).fieldWeights()), calibrate(validation));
        } finally {
            graphs.forEach(TrainingGraph::close);
        }
    }

    private TailCalibration calibrate(Validation validation) throws IOException {
        int warmUp = spec.task().alarm().warmUp();
        double[] surprises = validation.surprises(alarming(), warmUp);
        if (surprises.length == 0) {
            throw new TrainingException("No session of the validation part has more than " + warmUp
                    + " events, so there is nothing to calibrate alarms on; lower task.alarm.warm-up");
        }
        return TailCalibration.of(surprises);
    }

    /** Where the training stands. */
    private static final class Progress {
        private final List<EpochReport> history = new ArrayList<>();
        private List<NamedWeight> best;
        private int bestEpoch;
        private double bestLoss = Double.POSITIVE_INFINITY;
        private long step;

        Checkpoint checkpoint(TrainingGraph graph, String yaml, long seed, int rows) {
            return new Checkpoint(
                    new Checkpoint.State(yaml, seed, rows, step, bestEpoch, history),
                    graph.weights(),
                    graph.slots(),
                    best);
        }
    }

    private boolean enough(Progress progress) {
        return progress.best != null && listener.enough();
    }

    private boolean outOfPatience(Progress progress) {
        return progress.best != null
                && progress.history.size() - progress.bestEpoch
                        >= spec.training().patience();
    }

    /** Whether the last epochs are so far from the best one that none to come is likely to be better. */
    private boolean exploded(Progress progress) {
        int epochs = progress.history.size();
        double far = progress.bestLoss + EXPLODED_NATS * Math.max(1, Math.abs(progress.bestLoss));
        boolean exploded = epochs - progress.bestEpoch >= EXPLODED_EPOCHS
                && progress.history.subList(epochs - EXPLODED_EPOCHS, epochs).stream()
                        .allMatch(epoch -> epoch.validationLoss() > far);
        if (exploded) {
            diverged(
                    String.format(
                            Locale.ROOT,
                            "the validation loss exploded: %.4g nats after epoch %d, %.4g after epoch %d",
                            progress.history.get(epochs - 1).validationLoss(),
                            epochs,
                            progress.bestLoss,
                            progress.bestEpoch),
                    progress);
        }
        return exploded;
    }

    private void diverged(String what, Progress progress) {
        TrainingSpec training = spec.training();
        listener.warning(what + ": training stops"
                + (progress.best == null ? "" : " and keeps the weights of epoch " + progress.bestEpoch)
                + "; lower training.learning-rate (it is " + training.learningRate()
                + ") or training.clip-norm (it is " + training.clipNorm() + "), or let the rate rise slowly with"
                + " training.schedule.warm-up");
    }

    /** Trains an epoch; false when the loss ceased to be finite. */
    private boolean epoch(TrainingGraph graph, Validation validation, float[] fieldWeights, Progress progress)
            throws IOException {
        TrainingSpec training = spec.training();
        int epoch = progress.history.size() + 1;
        long started = System.nanoTime();
        List<Segment> shuffled = new ArrayList<>(data.training());
        Collections.shuffle(shuffled, new Random(seed * 1_000_003 + epoch));
        int slots = training.window() * graph.lanes();
        Lanes feed = new Lanes(
                shuffled,
                data.rows(),
                graph.lanes(),
                training.window(),
                graph.shape().features(),
                startColumn());
        float[] rows = new float[slots * graph.shape().features()];
        float[] weights = new float[slots];
        float[] state = new float[graph.lanes() * graph.shape().state()];
        long total = feed.left();
        double lossSum = 0;
        double events = 0;
        double norm = 0;
        LearningRate learningRate = new LearningRate(training);
        long left = total;
        while (feed.next(rows, weights)) {
            // As it is in the middle of the window.
            double gone = 1 - 0.5 * (left + feed.left()) / total;
            left = feed.left();
            double counted = 0;
            for (float weight : weights) {
                counted += weight;
            }
            double averaging = averaging(progress.step);
            long step = seed * 1_000_003 + progress.step++;
            double rate = learningRate.at(epoch - 1 + gone, progress.history);
            TrainingGraph.StepResult result = graph.train(rows, weights, state, rate, averaging, step);
            if (!Double.isFinite(result.loss()) || !Double.isFinite(result.norm())) {
                diverged("the loss is not finite in epoch " + epoch, progress);
                return false;
            }
            lossSum += result.loss() * counted;
            events += counted;
            norm = Math.max(norm, result.norm());
            listener.progress(epoch, training.epochs(), total - feed.left(), total, lossSum / Math.max(1, events));
            if (listener.stopRequested()) {
                throw new TrainingStoppedException(progress.history.size());
            }
        }
        List<NamedWeight> trained = graph.weights();
        List<NamedWeight> averages = graph.averages();
        graph.setWeights(averages);
        double validationLoss = validation.loss(fieldWeights);
        graph.setWeights(trained);
        if (!Double.isFinite(validationLoss)) {
            diverged("the validation loss is not finite after epoch " + epoch, progress);
            return false;
        }
        boolean best = validationLoss < progress.bestLoss;
        if (best) {
            progress.best = averages;
            progress.bestEpoch = epoch;
            progress.bestLoss = validationLoss;
        }
        EpochReport report = new EpochReport(
                epoch, lossSum / Math.max(1, events), validationLoss, norm, (System.nanoTime() - started) / 1e9, best);
        progress.history.add(report);
        listener.epoch(report);
        return true;
    }

    /**
     * How far the averages move at a step: all the way at first, then ever less, until the spec's averaging is reached.
     */
    private double averaging(long step) {
        return 1 - Math.min(spec.training().averaging(), (1.0 + step) / (10.0 + step));
    }

    private Progress resumed(TrainingGraph graph, Path path) throws IOException {
        Checkpoint checkpoint = Checkpoint.read(path);
        PipelineSpec before = PipelineSpecReader.parse(checkpoint.state().yaml(), path.toString());
        if (!spec.training().continues(before.training())
                || !spec.with(before.training()).equals(before)) {
            throw new TrainingException("The checkpoint " + path + " is of another spec; only training.epochs and"
                    + " training.patience may differ, and with a cosine schedule training.patience alone. Train without"
                    + " --resume, or with the spec it was made with");
        }
        if (checkpoint.state().seed() != seed) {
            throw new TrainingException("The checkpoint " + path + " is of seed "
                    + checkpoint.state().seed() + ", this training of " + seed
                    + ". Train without --resume, or put the checkpoint back where it was written");
        }
        if (checkpoint.state().rows() != data.rows().checksum()) {
            throw new TrainingException("The checkpoint " + path
                    + " is of other training data. Train without --resume, or with the data it was made with");
        }
        graph.setWeights(checkpoint.weights());
        graph.setSlots(checkpoint.slots());
        Progress progress = new Progress();
        progress.history.addAll(checkpoint.state().history());
        progress.step = checkpoint.state().step();
        progress.best = checkpoint.best();
        progress.bestEpoch = checkpoint.state().bestEpoch();
        progress.bestLoss = progress.history.get(progress.bestEpoch - 1).validationLoss();
        return progress;
    }

    private int startColumn() {
        return data.encoder().layout().start().offset();
    }

    private boolean[] alarming() {
        List<HeadLayout.Target> targets = new HeadLayout(spec, data.learned()).targets();
        boolean[] counted = new boolean[targets.size()];
        for (HeadLayout.Target target : targets) {
            counted[target.index()] = spec.task().alarm().on().contains(target.name());
        }
        return counted;
    }
}
