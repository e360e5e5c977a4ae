package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.replay.Replay;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSource;
import dev.sequitur.model.data.EventSources;
import dev.sequitur.model.data.MalformedRows;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.model.train.EpochReport;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One run of a recipe: what was asked for, and the program's own steps (train, score) for it to call.
 *
 * @param data the folder with the data; null for a recipe that generates them
 * @param throughKafka whether events are scored by the topology, behind a broker, instead of offline
 * @param statePrecision that states are rounded to between two events, where they are scored offline
 * @param cells that are wanted; empty: the recipe's choice
 * @param lags that are wanted; empty: the recipe's choice
 * @param seeds how many; 0: the recipe's choice
 * @param members of an ensemble; 0: the recipe's choice
 * @param out where what is made is kept: bundles, plots
 */
public record RecipeRun(
        Path data,
        boolean throughKafka,
        StatePrecision statePrecision,
        List<String> cells,
        List<Integer> lags,
        int seeds,
        int members,
        Path out,
        Terminal terminal,
        StopSignal stop) {

    private static final int PARTITIONS = 4;

    /** Hears the outcome of each step of a timeline; an entity's come in its order. */
    @FunctionalInterface
    public interface Visitor {
        /** @param step index in the timeline */
        void outcome(int step, StepOutcome outcome);
    }

    /** A file of the data's folder. */
    public Path file(String name, String recipe) {
        return file(data, name, recipe);
    }

    /** A file of a recipe's folder of data. */
    static Path file(Path data, String name, String recipe) {
        Path file = data.resolve(name);
        if (!Files.isRegularFile(file)) {
            String there;
            try (Stream<Path> files = Files.list(data)) {
                there = files.map(f -> f.getFileName().toString())
                        .sorted()
                        .limit(20)
                        .toList()
                        .toString();
            } catch (IOException e) {
                there = "no folder that can be read";
            }
            throw new UserException("There is no " + name + " in " + data + " (there is " + there
                    + "). deploy/evaluation/" + recipe + "/README.md says how to get the data");
        }
        return file;
    }

    /** A pipeline spec of the recipe's folder. */
    public static String spec(String recipe, String name) {
        String resource = "/evaluation/" + recipe + "/" + name;
        try (InputStream in = RecipeRun.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserException("The spec " + resource + " can't be read: " + e.getMessage(), e);
        }
    }

    /** Every event of a file; a malformed row is an error, as the data are known. */
    public static List<Event> events(PipelineSpec spec, Path file) throws IOException {
        List<Event> events = new ArrayList<>();
        try (EventSource source = EventSources.open(file, spec, new MalformedRows(0))) {
            for (Event event = source.next(); event != null; event = source.next()) {
                events.add(event);
            }
        }
        return events;
    }

    /**
     * Trains on the events as {@code sequitur train} does.
     *
     * @param name of the bundle in {@link #out}
     * @param members of the ensemble
     * @return the bundle's folder
     */
    public Path train(String yaml, List<Event> events, Path file, String name, int members) throws IOException {
        train(yaml, events, file.getFileName().toString(), name, members, report -> false);
        return out.resolve(name);
    }

    /**
     * Trains until the epochs are over or one is good enough.
     *
     * @param origin of the events, for the bundle's provenance
     * @param name of the bundle in {@link #out}
     * @param members of the ensemble
     */
    public TrainingProgram.Summary train(
            String yaml, List<Event> events, String origin, String name, int members, Predicate<EpochReport> enough)
            throws IOException {
        terminal.err().line("training " + name);
        try (TrainingProgress progress = new TrainingProgress(terminal, stop, enough)) {
            return TrainingProgram.run(
                    yaml,
                    events,
                    new TrainingProgram.Origin(List.of(origin), 0),
                    out.resolve(name),
                    members,
                    false,
                    progress);
        }
    }

    /** Scores a timeline, offline or through Kafka as the run wants it; the figures are the same. */
    public void score(Path bundle, Timeline timeline, Visitor visitor) {
        int[] done = {0};
        try (Progress progress = Progress.start(
                terminal,
                throughKafka ? "replay through Kafka" : "score",
                Math.max(1, timeline.steps().size()))) {
            Visitor counted = (step, outcome) -> {
                visitor.outcome(step, outcome);
                progress.advanceTo(++done[0]);
            };
            if (throughKafka) {
                new Replay(bundle, PARTITIONS).run(timeline, (step, result) -> counted.outcome(step, result.outcome()));
            } else {
                try (ModelBundle model = ModelBundle.load(bundle)) {
                    new OfflineScoring(model.model(), statePrecision).run(timeline, counted::outcome);
                }
            }
        }
    }

    /** What a row of so many networks is called. */
    public static String title(String network, int members) {
        return members == 1 ? network : members + " " + network + "s";
    }
}
