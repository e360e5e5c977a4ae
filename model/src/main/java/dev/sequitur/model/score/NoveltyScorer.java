package dev.sequitur.model.score;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;

/**
 * Scores how new a value is to its entity, together with how unusual its surprise is. A network that was trained on many
 * entities doesn't know which values one of them has had in its whole life; a histogram does.
 *
 * <p>The histogram is the outlier score of Goldstein and Dengel, "Histogram-based outlier score (HBOS): a fast unsupervised
 * anomaly detection algorithm", KI-2012, poster and demo track, section 3, with K bins of equal width. With c_b the
 * entity's values in bin b before the event, n all of them, κ = {@value #PRIOR}:
 *
 * <pre>
 *   p_b = (c_{b−1}/4 + c_b/2 + c_{b+1}/4 + κ) / (n + κK)
 *   A   = Σ_fields −log(K p_b)
 *   z   = (surprise − μ)/σ, between −limit and limit; μ, σ over the entity's surprises before the event
 *   level = A + weight·z
 *   score = 1 − e^{−level}, at least 0
 * </pre>
 *
 * <p>A is the surprise of an entity that only has its histogram, in nats above values that come evenly over the bins. Adding
 * z to it pools both judges' logarithms; the limit keeps each from overruling the other. What differs from the paper:
 *
 * <ul>
 *   <li>the histogram grows with the stream, and judges an event before it counts it;
 *   <li>neighbouring bins share their counts, so that a value isn't new for having crossed an edge, and every bin has
 *       had κ values (additive smoothing), so that a new value's level is finite and grows with the past it wasn't in;
 *   <li>a value beyond the bins falls into one of two more, below and above.
 * </ul>
 *
 * <p>Short pasts know nothing: nothing but z can bring the level above {@code log((n + κK)/(κK))} a field. A missing value
 * has A = 0 and isn't counted. A surprise goes into μ and σ as at most {@value #OUTBURST} σ off, once {@value #SETTLED}
 * were seen, so that one outburst doesn't hide the next.
 *
 * <p>Memory: surprises so far, int64; their mean and sum of squared deviations, float64 each; per field the values so far,
 * int64, and the K + 2 counts, int32.
 */
public final class NoveltyScorer implements Scorer {
    private static final double PRIOR = 0.005;
    private static final double OUTBURST = 10;
    private static final int SETTLED = 100;
    /** The same event surprises differently by 1e-5 in batches of different sizes. */
    private static final double SMALLEST_DEVIATION = 0.1;

    private static final int MOMENTS = 3 * Long.BYTES;

    private final AlarmSpec.Novelty spec;
    private final int fieldBytes;

    public NoveltyScorer(AlarmSpec.Novelty spec) {
        this.spec = spec;
        this.fieldBytes = Long.BYTES + (spec.bins() + 2) * Integer.BYTES;
    }

    @Override
    public int memoryBytes() {
        return MOMENTS + spec.fields().size() * fieldBytes;
    }

    @Override
    public double level(Observation event, ByteBuffer memory) {
        double level = spec.weight() * unusual(event.surprise(), memory);
        for (int f = 0; f < event.values().length; f++) {
            if (!Float.isNaN(event.values()[f])) {
                level += novelty(event.values()[f], memory, MOMENTS + f * fieldBytes);
            }
        }
        return level;
    }

    /** z; remembers the surprise. */
    private double unusual(double surprise, ByteBuffer memory) {
        long before = memory.getLong(0);
        double mean = memory.getDouble(Long.BYTES);
        double squares = memory.getDouble(2 * Long.BYTES);
        double deviation = Math.max(SMALLEST_DEVIATION, before == 0 ? 0 : Math.sqrt(squares / before));
        double off = surprise - mean;
        double counted = before < SETTLED ? off : bounded(off, OUTBURST * deviation);
        memory.putLong(0, before + 1);
        memory.putDouble(Long.BYTES, mean + counted / (before + 1));
        memory.putDouble(2 * Long.BYTES, squares + counted * counted * before / (before + 1));
        return before == 0 ? 0 : bounded(off / deviation, spec.limit());
    }

    private static double bounded(double value, double limit) {
        return Math.max(-limit, Math.min(limit, value));
    }

    /** −log(K p_b); counts the value. The field's part of the memory starts at {@code at}. */
    private double novelty(float value, ByteBuffer memory, int at) {
        int bin = bin(value);
        long values = memory.getLong(at);
        int counts = at + Long.BYTES;
        double near = 0.5 * count(memory, counts, bin)
                + 0.25 * count(memory, counts, bin - 1)
                + 0.25 * count(memory, counts, bin + 1);
        int bins = spec.bins();
        memory.putLong(at, values + 1);
        // A count that an int can't hold any more says all it has to.
        memory.putInt(counts + bin * Integer.BYTES, (int) Math.min(Integer.MAX_VALUE, count(memory, counts, bin) + 1L));
        return Math.log((values + PRIOR * bins) / (bins * (near + PRIOR)));
    }

    /** 0 below the bins, then 1 to K, K + 1 above them. */
    private int bin(float value) {
        double at = Math.floor((value - spec.from()) / (spec.to() - spec.from()) * spec.bins());
        boolean atTheEnd = value == spec.to();
        return atTheEnd ? spec.bins() : (int) Math.max(0, Math.min(spec.bins() + 1, at + 1));
    }

    private long count(ByteBuffer memory, int counts, int bin) {
        return bin < 0 || bin > spec.bins() + 1 ? 0 : memory.getInt(counts + bin * Integer.BYTES);
    }

    @Override
    public double score(double level) {
        return level <= 0 ? 0 : -Math.expm1(-level);
    }

    @Override
    public double threshold() {
        return -Math.log1p(-spec.likelihood());
    }
}
