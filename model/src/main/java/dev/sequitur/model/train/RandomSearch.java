package dev.sequitur.model.train;

import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.SearchSpace;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Searches options of a spec by trainings with values drawn at random (Bergstra and Bengio 2012, "Random search for
 * hyper-parameter optimization"). Trials are judged on the validation part; the test part is never looked at.
 */
public final class RandomSearch {
    private RandomSearch() {}

    /**
     * One training.
     *
     * @param number from 1
     * @param values by path of the spec
     * @param validationLoss of its best epoch, nats per event; infinite where it failed
     * @param problem why it failed, empty where it didn't
     */
    public record Trial(
            int number, Map<String, Object> values, double validationLoss, int epochs, double seconds, String problem) {
        public boolean failed() {
            return !problem.isEmpty();
        }
    }

    /** Hears of the trials. Of the trainings it hears as any listener; of what is to be warned of, once. */
    public interface Listener extends TrainingListener {
        /** A trial ended. */
        void trial(Trial trial, boolean best);
    }

    /**
     * Runs trials until there were enough, or the listener has {@linkplain TrainingListener#enough enough}: the trial
     * that is then on its way is judged by the epochs that it had. The best bundle so far stands at {@code out}.
     *
     * @param yaml the pipeline spec
     * @param trials at most
     * @param seed of the draws; that of the trainings is the spec's
     * @return best first, failed ones last
     * @throws SpecException when the space doesn't fit the spec
     * @throws TrainingException when every trial failed
     * @throws TrainingStoppedException when the listener wanted the end before any trial was through
     */
    public static List<Trial> run(
            String yaml,
            SearchSpace space,
            GroupedEvents events,
            TrainingProgram.Origin origin,
            Path out,
            int trials,
            long seed,
            Listener listener)
            throws IOException {
        TrainingProgram.requireTrainable(events, origin, out);
        checkPaths(yaml, space, seed);
        List<Trial> ran = new ArrayList<>();
        double best = Double.POSITIVE_INFINITY;
        int stopped = -1;
        for (int number = 1; number <= trials && stopped < 0 && !(number > 1 && listener.enough()); number++) {
            Map<String, Object> values = space.draw(seed, number);
            long started = System.nanoTime();
            Trial trial;
            try {
                trial = trial(number, values, SearchSpace.apply(yaml, values), events, origin, out, best, listener);
            } catch (TrainingStoppedException e) {
                stopped = e.epochs();
                continue;
            } catch (TrainingException | SpecException e) {
                trial = new Trial(
                        number,
                        values,
                        Double.POSITIVE_INFINITY,
                        0,
                        (System.nanoTime() - started) / 1e9,
                        e.getMessage());
            }
            ran.add(trial);
            listener.trial(trial, trial.validationLoss() < best);
            best = Math.min(best, trial.validationLoss());
        }
        if (ran.isEmpty()) {
            throw new TrainingStoppedException(Math.max(0, stopped));
        }
        if (best == Double.POSITIVE_INFINITY) {
            throw new TrainingException("Every trial failed, the first one because: "
                    + ran.get(0).problem() + ". Mend the spec, or narrow the search space");
        }
        ran.sort(Comparator.comparingDouble(Trial::validationLoss).thenComparingInt(Trial::number));
        return ran;
    }

    private static Trial trial(
            int number,
            Map<String, Object> values,
            String yaml,
            GroupedEvents events,
            TrainingProgram.Origin origin,
            Path out,
            double best,
            TrainingListener listener)
            throws IOException {
        PipelineSpec spec = PipelineSpecReader.parse(yaml, "trial " + number);
        try (TrainingData data = new TrainingData(spec, events, TrainingProgram.directory(out))) {
            if (number == 1) {
                data.warnings().forEach(listener::warning);
            }
            Trainer.Trained trained = new Trainer(yaml, data, listener).train(Optional.empty(), false);
            double loss = trained.best().validationLoss();
            if (loss < best) {
                TrainingProgram.write(yaml, data, events, List.of(trained), origin, out, listener);
            }
            return new Trial(number, values, loss, trained.history().size(), trained.seconds(), "");
        }
    }

    /** A path that the spec doesn't know would fail every trial; a value that doesn't go with another, some. */
    private static void checkPaths(String yaml, SearchSpace space, long seed) {
        space.draw(seed, 1).forEach((path, value) -> {
            try {
                PipelineSpecReader.parse(SearchSpace.apply(yaml, Map.of(path, value)), "spec");
            } catch (SpecException e) {
                throw new SpecException("The search space sets " + path + " to " + value
                        + ", which the spec doesn't take: " + e.getMessage());
            }
        });
    }
}
