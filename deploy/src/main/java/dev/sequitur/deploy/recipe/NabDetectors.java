package dev.sequitur.deploy.recipe;

import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.score.AdaptiveScorer;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.NoveltyScorer;
import dev.sequitur.model.score.Observation;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What each detector of the benchmark's run says of each row, by the file's name; larger is more abnormal. A detector of
 * one file looks at its rows in their order.
 */
final class NabDetectors {
    /** The windows of Ahmad et al. 2017, section 4. */
    private static final AlarmSpec.Adaptive ADAPTIVE = new AlarmSpec.Adaptive(8000, 10, 300, 10, 0.99999);

    /** Nats, of a value between 0 and 1 with deviations down to e^−6. */
    private static final double LEAST_SURPRISE = -6;

    private static final double MOST_SURPRISE = 14;

    /** Rows of the moving mean and deviation: as many as the longest probation. */
    private static final int MOVING = 750;

    /** Of the weighted mean and variance: about the same number of rows. */
    private static final double WEIGHT = 2.0 / (MOVING + 1);

    private final List<NabSeries> series;
    private final AlarmSpec spec;
    private final Map<String, Rows> rows = new HashMap<>();

    /** What the pipeline said of a file's rows so far. */
    private static final class Rows {
        private final double[] alarms;
        private final double[] surprises;
        private final List<EntityClock> clocks = new ArrayList<>();
        private final long[] timesMs;

        Rows(int rows) {
            alarms = new double[rows];
            surprises = new double[rows];
            timesMs = new long[rows];
        }
    }

    NabDetectors(List<NabSeries> series, PipelineSpec spec) {
        this.series = series;
        this.spec = spec.task().alarm();
        series.forEach(one -> rows.put(one.name(), new Rows(one.rows())));
    }

    /** The next row of a file, scored. */
    void add(Timeline.Step step, StepOutcome outcome) {
        Rows its = rows.get(step.entity());
        int row = its.clocks.size();
        its.clocks.add(step.clock());
        its.timesMs[row] = step.event().timeMs();
        its.surprises[row] = outcome.surprise();
        its.alarms[row] = outcome.alarm() ? outcome.score() : 0;
    }

    /** Scores where an alarm starts, 0 elsewhere. */
    Map<String, double[]> alarms() {
        return each(one -> rows.get(one.name()).alarms);
    }

    /** The network's surprises. */
    Map<String, double[]> surprise() {
        return each(one -> rows.get(one.name()).surprises);
    }

    /** The surprises judged by the anomaly likelihood, each row by itself. */
    Map<String, double[]> adaptive() {
        AdaptiveScorer scorer = new AdaptiveScorer(ADAPTIVE);
        return each(one -> {
            ByteBuffer memory = ByteBuffer.allocate(scorer.memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
            double[] levels = rows.get(one.name()).surprises.clone();
            for (int row = 0; row < levels.length; row++) {
                levels[row] = scorer.level(new Observation(levels[row], 1), memory);
            }
            return levels;
        });
    }

    /** How new the surprises are to their file, by the spec's kind of scorer: what the network says by itself. */
    Map<String, double[]> noveltyOfSurprise() {
        NoveltyScorer scorer = new NoveltyScorer(
                new AlarmSpec.Novelty(List.of("surprise"), 100, LEAST_SURPRISE, MOST_SURPRISE, 0, 1, 0.5));
        return each(one -> {
            ByteBuffer memory = ByteBuffer.allocate(scorer.memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
            return Arrays.stream(rows.get(one.name()).surprises)
                    .map(s -> scorer.level(new Observation(0, 1, new float[] {(float) s}), memory))
                    .toArray();
        });
    }

    /**
     * The spec's scorer and alarms on the values alone: what the network adds is the difference to this. As no surprise
     * can lift the level, its threshold is lower by what one can; no other is better for the tuned groups by half a point.
     */
    Map<String, double[]> noveltyAlone() {
        AlarmSpec.Novelty novelty = (AlarmSpec.Novelty) spec.scorer();
        NoveltyScorer scorer = new NoveltyScorer(new AlarmSpec.Novelty(
                novelty.fields(),
                novelty.bins(),
                novelty.from(),
                novelty.to(),
                0,
                novelty.limit(),
                novelty.likelihood()));
        double lift = novelty.weight() * novelty.limit();
        Alarms alarms = new Alarms(scorer, scorer.threshold() - lift, spec);
        return each(one -> {
            Rows its = rows.get(one.name());
            double[] shares = one.shares();
            double[] scores = new double[shares.length];
            ByteBuffer memory = alarms.memory();
            for (int row = 0; row < shares.length; row++) {
                Verdict verdict = alarms.judge(
                        new Observation(0, 1, new float[] {(float) shares[row]}),
                        its.clocks.get(row),
                        its.timesMs[row],
                        memory);
                scores[row] = verdict.alarm() ? verdict.score() : 0;
            }
            return scores;
        });
    }

    /** Deviations from the mean of the last {@value #MOVING} rows. */
    Map<String, double[]> movingDeviation() {
        return each(one -> {
            double[] shares = one.shares();
            double[] scores = new double[shares.length];
            double sum = 0;
            double squares = 0;
            for (int row = 0; row < shares.length; row++) {
                int count = Math.min(row, MOVING);
                if (count > 1) {
                    scores[row] = deviations(shares[row], sum / count, squares / count - Math.pow(sum / count, 2));
                }
                double leaves = row >= MOVING ? shares[row - MOVING] : 0;
                sum += shares[row] - leaves;
                squares += shares[row] * shares[row] - leaves * leaves;
            }
            return scores;
        });
    }

    /** Deviations from the exponentially weighted mean. */
    Map<String, double[]> weightedDeviation() {
        return each(one -> {
            double[] shares = one.shares();
            double[] scores = new double[shares.length];
            double mean = shares.length == 0 ? 0 : shares[0];
            double variance = 0;
            for (int row = 1; row < shares.length; row++) {
                scores[row] = deviations(shares[row], mean, variance);
                double off = shares[row] - mean;
                mean += WEIGHT * off;
                variance = (1 - WEIGHT) * (variance + WEIGHT * off * off);
            }
            return scores;
        });
    }

    /** A deviation is at least a thousandth of the range: a flat line has none. */
    private static double deviations(double value, double mean, double variance) {
        return Math.abs(value - mean) / Math.sqrt(Math.max(1e-6, variance));
    }

    private Map<String, double[]> each(Function<NabSeries, double[]> detector) {
        Map<String, double[]> scores = new HashMap<>();
        series.forEach(one -> scores.put(one.name(), detector.apply(one)));
        return scores;
    }
}
