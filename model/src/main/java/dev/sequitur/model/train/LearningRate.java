package dev.sequitur.model.train;

import dev.sequitur.model.spec.PipelineSpec.ScheduleSpec;
import dev.sequitur.model.spec.PipelineSpec.TrainingSpec;
import java.util.List;

/**
 * The learning rate on the way through a training. It follows from the spec, the place and the epochs so far alone, so
 * that a resumed training goes on with the rates of an uninterrupted one.
 *
 * <p>The cosine is that of Loshchilov and Hutter 2017 (arXiv 1608.03983, equation 5), without restarts; the rise at the
 * start that of Goyal et al. 2017 (arXiv 1706.02677, section 2.2).
 */
final class LearningRate {
    private final TrainingSpec training;

    LearningRate(TrainingSpec training) {
        this.training = training;
    }

    /**
     * @param epochs that have gone by, the part of the present one included
     * @param history whole epochs so far
     */
    double at(double epochs, List<EpochReport> history) {
        double warmUp = training.schedule().warmUp();
        double share = epochs < warmUp ? epochs / warmUp : share(epochs, history);
        return training.learningRate() * share;
    }

    private double share(double epochs, List<EpochReport> history) {
        ScheduleSpec schedule = training.schedule();
        if (schedule instanceof ScheduleSpec.Cosine cosine) {
            double length = training.epochs() - cosine.warmUp();
            double gone = Math.min(1, (epochs - cosine.warmUp()) / length);
            return cosine.floor() + (1 - cosine.floor()) * 0.5 * (1 + Math.cos(Math.PI * gone));
        } else if (schedule instanceof ScheduleSpec.Step step) {
            return Math.max(step.floor(), Math.pow(step.factor(), history.size() / step.every()));
        } else if (schedule instanceof ScheduleSpec.Plateau plateau) {
            return Math.max(plateau.floor(), Math.pow(plateau.factor(), cuts(history, plateau.patience())));
        }
        return 1;
    }

    /** How often so many epochs in a row had no better validation loss. */
    private static int cuts(List<EpochReport> history, int patience) {
        int cuts = 0;
        int stalled = 0;
        for (EpochReport epoch : history) {
            stalled = epoch.best() ? 0 : stalled + 1;
            if (stalled == patience) {
                cuts++;
                stalled = 0;
            }
        }
        return cuts;
    }
}
