package dev.sequitur.model.score;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Judges the events of entities, one after the other: how abnormal each is, whether an alarm starts with it, and whether
 * the entity is in one. A trouble is one alarm, however many events it lasts: after an alarm started, the next can start
 * only when the entity has been calm, which is a score at or below {@code clear}, for the time {@code quiet}.
 *
 * <p>An entity's memory is what the scorer keeps of it, followed by the alarm that it is in. The scorer's part lasts as
 * long as the entity's state and goes with its END; a new session ends an alarm. Events that warm a session up are scored
 * but not remembered: the network surprises itself there.
 *
 * <p>Threading: immutable, safe for use by many threads; a memory belongs to one thread.
 */
public final class Alarms {
    private static final byte ALARMING = 1;

    private final Scorer scorer;
    private final int warmUp;
    private final double threshold;
    private final double clear;
    private final long quietMs;

    /**
     * @param threshold level above which an alarm starts
     * @param spec whose warm-up and hysteresis count
     */
    public Alarms(Scorer scorer, double threshold, AlarmSpec spec) {
        this.scorer = scorer;
        this.warmUp = spec.warmUp();
        this.threshold = threshold;
        this.clear = spec.hysteresis().clear().orElseGet(() -> scorer.clear(threshold));
        this.quietMs = spec.hysteresis().quiet().toMillis();
    }

    /**
     * The alarms that a spec asks for.
     *
     * @param budgeted the threshold that keeps to the spec's budget, where it has one
     */
    public static Alarms of(AlarmSpec spec, TailCalibration calibration, Optional<AlarmThreshold> budgeted) {
        Scorer scorer = scorer(spec.scorer(), calibration);
        return new Alarms(scorer, budgeted.map(AlarmThreshold::level).orElseGet(scorer::threshold), spec);
    }

    static Scorer scorer(AlarmSpec.ScorerSpec spec, TailCalibration calibration) {
        if (spec instanceof AlarmSpec.Adaptive adaptive) {
            return new AdaptiveScorer(adaptive);
        } else if (spec instanceof AlarmSpec.Dynamic dynamic) {
            return new DynamicThresholdScorer(dynamic, calibration);
        } else if (spec instanceof AlarmSpec.TopG top) {
            return new TopRankScorer(top);
        } else if (spec instanceof AlarmSpec.Novelty novelty) {
            return new NoveltyScorer(novelty);
        }
        return new TailProbabilityScorer(calibration, ((AlarmSpec.Tail) spec).rate());
    }

    /** Bytes of an entity's memory. */
    public int memoryBytes() {
        return scorer.memoryBytes() + 1 + Long.BYTES;
    }

    /** The memory of an entity without a past. */
    public ByteBuffer memory() {
        return ByteBuffer.allocate(memoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Judges an entity's next event.
     *
     * @param clock as the event found it
     * @param timeMs event time
     * @param memory of the entity, little endian, {@link #memoryBytes} long; what is to be remembered goes into it
     */
    public Verdict judge(Observation event, EntityClock clock, long timeMs, ByteBuffer memory) {
        double level = level(event, clock.steps(), memory);
        return decide(event, level, clock.steps(), timeMs, memory);
    }

    /**
     * The event's level; it goes into the scorer's part of the memory.
     *
     * @param steps events of the session before it
     */
    double level(Observation event, long steps, ByteBuffer memory) {
        return scorer.level(event, steps < warmUp && scorer.memoryBytes() > 0 ? copy(memory) : memory);
    }

    /** What follows from the event's level; the alarm's part of the memory is kept up. */
    Verdict decide(Observation event, double level, long steps, long timeMs, ByteBuffer memory) {
        double score = scorer.score(level);
        int at = scorer.memoryBytes();
        boolean inAlarm = steps > 0 && memory.get(at) == ALARMING;
        long restlessMs = memory.getLong(at + 1);
        boolean alarming = false;
        if (steps >= warmUp) {
            if (level > threshold || inAlarm && score > clear) {
                alarming = true;
                restlessMs = inAlarm ? Math.max(restlessMs, timeMs) : timeMs;
            } else {
                alarming = inAlarm && Math.max(0, timeMs - restlessMs) < quietMs;
            }
        }
        memory.put(at, alarming ? ALARMING : 0);
        memory.putLong(at + 1, alarming ? restlessMs : 0);
        return new Verdict(event.surprise(), score, alarming && !inAlarm, alarming);
    }

    private static ByteBuffer copy(ByteBuffer memory) {
        return ByteBuffer.allocate(memory.capacity())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, memory, 0, memory.capacity());
    }
}
