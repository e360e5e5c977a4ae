package dev.sequitur.model.score;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the level above which alarms start, so that normal events keep to a budget. Counted are alarms, not events above
 * the level: an alarm lasts until the entity is calm.
 *
 * <p>Where the normal events that it is measured on may have at least {@value #ENOUGH} alarms, it is the lowest level
 * that keeps to the budget there. Where they may have fewer, it is beyond what they can show: the level of {@value
 * #ENOUGH} alarms is raised by β ln({@value #ENOUGH} / allowed), β the mean of what those alarms' largest levels exceed it
 * by. That is peaks over a threshold on the maxima of clusters, with an exponential tail (Coles, An Introduction to
 * Statistical Modeling of Extreme Values, 2001, section 5.3).
 *
 * <p>Threading: belongs to one thread.
 */
public final class AlarmBudget {
    private static final int ENOUGH = 20;

    private final AlarmSpec spec;
    private final Scorer scorer;
    private final Alarms alarms;
    private final List<Entity> entities = new ArrayList<>();

    public AlarmBudget(AlarmSpec spec, TailCalibration calibration) {
        this.spec = spec;
        this.scorer = Alarms.scorer(spec.scorer(), calibration);
        this.alarms = new Alarms(scorer, scorer.threshold(), spec);
    }

    /** One more entity. */
    public Entity entity() {
        Entity entity = new Entity();
        entities.add(entity);
        return entity;
    }

    /** The normal events of an entity, in their order: 20 bytes each of those that are measured. */
    public final class Entity {
        private ByteBuffer memory = alarms.memory();
        private double[] levels = {};
        private long[] timesMs = {};
        private int[] steps = {};
        private int size;

        /**
         * Adds the next event.
         *
         * @param clock as the event found it
         * @param counted whether it is measured; others only come before those that are
         */
        public void add(Observation event, EntityClock clock, long timeMs, boolean counted) {
            double level = alarms.level(event, clock.steps(), memory);
            if (!counted) {
                return;
            }
            if (size == levels.length) {
                int more = Math.max(16, size + size / 2);
                levels = Arrays.copyOf(levels, more);
                timesMs = Arrays.copyOf(timesMs, more);
                steps = Arrays.copyOf(steps, more);
            }
            levels[size] = level;
            timesMs[size] = timeMs;
            steps[size++] = (int) Math.min(Integer.MAX_VALUE, clock.steps());
        }

        /** Nothing is kept of the entity after the event that was added last. */
        public void end() {
            memory = alarms.memory();
        }

        /** Adds the largest level of each alarm. */
        private void peaks(Alarms ofThreshold, List<Double> peaks) {
            ByteBuffer latch = ofThreshold.memory();
            for (int i = 0; i < size; i++) {
                Verdict verdict = ofThreshold.decide(UNKNOWN, levels[i], steps[i], timesMs[i], latch);
                if (verdict.alarm()) {
                    peaks.add(levels[i]);
                } else if (verdict.alarming()) {
                    peaks.set(peaks.size() - 1, Math.max(peaks.get(peaks.size() - 1), levels[i]));
                }
            }
        }
    }

    /** Of an event only the level is kept. */
    private static final Observation UNKNOWN = new Observation(Double.NaN, 1);

    /**
     * The threshold that keeps to the budget.
     *
     * @param alarmsPerEvent that the budget allows
     * @throws IllegalStateException when no event was measured
     */
    public AlarmThreshold threshold(double alarmsPerEvent) {
        long events = entities.stream().mapToLong(entity -> entity.size).sum();
        if (events == 0) {
            throw new IllegalStateException("no event to measure a budget of alarms on");
        }
        return new AlarmThreshold(new Search().level(alarmsPerEvent * events), alarmsPerEvent, events);
    }

    private List<Double> peaks(double threshold) {
        Alarms ofThreshold = new Alarms(scorer, threshold, spec);
        List<Double> peaks = new ArrayList<>();
        entities.forEach(entity -> entity.peaks(ofThreshold, peaks));
        return peaks;
    }

    private final class Search {
        /** Levels without repetitions, highest first. */
        private final double[] candidates = entities.stream()
                .flatMapToDouble(entity -> Arrays.stream(entity.levels, 0, entity.size))
                .map(level -> -level)
                .sorted()
                .distinct()
                .map(level -> -level)
                .toArray();

        /** Below this candidate alarms grow together, and become fewer because they don't end. */
        private final int busiest = mostAlarms();

        double level(double allowed) {
            if (allowed >= ENOUGH) {
                return candidates[lowest(allowed)];
            }
            // The highest level that gives enough alarms, or the one that gives most.
            double base = candidates[Math.min(busiest, lowest(ENOUGH - 1) + 1)];
            List<Double> peaks = peaks(base);
            double excess =
                    peaks.stream().mapToDouble(peak -> peak - base).average().orElse(0);
            return base + excess * Math.max(0, Math.log(peaks.size() / allowed));
        }

        /** Index of the candidate, of the second, third, fifth and so on, that gives most alarms; the highest of equal ones. */
        private int mostAlarms() {
            int best = 0;
            int most = 0;
            for (int i = 1; i < candidates.length; i *= 2) {
                int count = peaks(candidates[i]).size();
                if (count > most) {
                    most = count;
                    best = i;
                }
            }
            return best;
        }

        /** Index of a candidate with at most so many alarms, of which the next lower one has more. */
        private int lowest(double allowed) {
            int within = 0;
            int beyond = 1;
            while (beyond <= busiest && peaks(candidates[beyond]).size() <= allowed) {
                within = beyond;
                beyond *= 2;
            }
            if (beyond > busiest) {
                return busiest;
            }
            while (beyond - within > 1) {
                int middle = (within + beyond) >>> 1;
                if (peaks(candidates[middle]).size() <= allowed) {
                    within = middle;
                } else {
                    beyond = middle;
                }
            }
            return within;
        }
    }
}
