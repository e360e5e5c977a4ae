package dev.sequitur.model.score;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;

/**
 * Scores how unlikely an entity's recent surprises are, measured on that entity's own past: the anomaly likelihood of
 * Ahmad, Lavin, Purdy, Agha, "Unsupervised real-time anomaly detection for streaming data", Neurocomputing 262 (2017),
 * section 3.2 (also arXiv 1607.02480). With s_t the raw score, W and W' ≪ W the long and the short window:
 *
 * <pre>
 *   μ_t  = Σ_{i&lt;W} s_{t−i} / W
 *   σ_t² = Σ_{i&lt;W} (s_{t−i} − μ_t)² / (W − 1)
 *   μ̃_t  = Σ_{i&lt;W'} s_{t−i} / W'
 *   L_t  = 1 − Q((μ̃_t − μ_t) / σ_t)        abnormal where L_t ≥ 1 − ε
 * </pre>
 *
 * <p>The level is the argument of Q, the score is L. What differs from the paper:
 *
 * <ul>
 *   <li>s is the surprise in nats, which has no upper bound; the paper's raw score ends at 1. So that one event can't
 *       hide the next ones for W events, a surprise goes into the long window as at most μ + limit·σ of the window before
 *       it. The short window takes it whole.
 *   <li>The long window moves by blocks of ⌈W/{@value #BLOCKS}⌉ events, so it holds W events, or up to a block less. A
 *       window of at most {@value #BLOCKS} events is the paper's exactly. This keeps a few hundred bytes of an entity
 *       where W numbers would be tens of kilobytes, written to the changelog with every event.
 *   <li>The first {@code learning} events of an entity have level 0: a likelihood of one half.
 *   <li>σ is at least {@value #SMALLEST_DEVIATION} nats: the same event surprises differently by 1e-5 in batches of
 *       different sizes.
 * </ul>
 *
 * <p>Memory: events so far, int64; the last W' surprises, a ring of float64; mean and sum of squared deviations of each
 * block, a ring of float64 pairs.
 */
public final class AdaptiveScorer implements Scorer {
    private static final int BLOCKS = 20;
    private static final double SMALLEST_DEVIATION = 1e-3;

    private final AlarmSpec.Adaptive spec;
    private final int block;
    private final int blocks;
    private final double threshold;

    public AdaptiveScorer(AlarmSpec.Adaptive spec) {
        this.spec = spec;
        this.block = 1 + (spec.window() - 1) / BLOCKS;
        this.blocks = 1 + (spec.window() - 1) / block;
        this.threshold = Normal.quantile(spec.likelihood());
    }

    @Override
    public int memoryBytes() {
        return Double.BYTES * (1 + spec.shortWindow() + 2 * blocks);
    }

    @Override
    public double level(Observation event, ByteBuffer memory) {
        long before = memory.getLong(0);
        double surprise = event.surprise();
        memory.putLong(0, before + 1);
        memory.putDouble(recent(before), surprise);
        Moments past = moments(before, memory);
        double highest = past.mean + spec.limit() * past.deviation();
        remember(before, before < spec.learning() ? surprise : Math.min(surprise, highest), memory);
        if (before < spec.learning()) {
            return 0;
        }
        Moments now = moments(before + 1, memory);
        return (recentMean(before + 1, memory) - now.mean) / now.deviation();
    }

    /** Where the n-th event's surprise stands, n from 0. */
    private int recent(long n) {
        return Double.BYTES * (1 + (int) (n % spec.shortWindow()));
    }

    private double recentMean(long events, ByteBuffer memory) {
        long first = Math.max(0, events - spec.shortWindow());
        double sum = 0;
        for (long n = first; n < events; n++) {
            sum += memory.getDouble(recent(n));
        }
        return sum / (events - first);
    }

    /** Where the moments of the i-th block stand, i from 0. */
    private int moments(long i) {
        return Double.BYTES * (1 + spec.shortWindow() + 2 * (int) (i % blocks));
    }

    /** Welford's update of the block that the n-th event falls in. */
    private void remember(long n, double surprise, ByteBuffer memory) {
        int at = moments(n / block);
        long inBlock = n % block;
        double mean = inBlock == 0 ? 0 : memory.getDouble(at);
        double squares = inBlock == 0 ? 0 : memory.getDouble(at + Double.BYTES);
        double off = surprise - mean;
        mean += off / (inBlock + 1);
        memory.putDouble(at, mean);
        memory.putDouble(at + Double.BYTES, squares + off * (surprise - mean));
    }

    /** Of the surprises in the long window; {@code squares} is the sum of squared deviations. */
    private record Moments(long count, double mean, double squares) {
        double deviation() {
            return Math.max(SMALLEST_DEVIATION, Math.sqrt(squares / Math.max(1, count - 1)));
        }
    }

    /** The blocks of the window after {@code events} events, oldest first, put together (Chan, Golub, LeVeque 1979). */
    private Moments moments(long events, ByteBuffer memory) {
        long last = (events - 1) / block;
        long count = 0;
        double mean = 0;
        double squares = 0;
        for (long i = Math.max(0, last - blocks + 1); i <= last && events > 0; i++) {
            long more = Math.min(block, events - i * block);
            double off = memory.getDouble(moments(i)) - mean;
            count += more;
            mean += off * more / count;
            squares += memory.getDouble(moments(i) + Double.BYTES) + off * off * more * (count - more) / count;
        }
        return new Moments(count, mean, squares);
    }

    @Override
    public double score(double level) {
        return Normal.cdf(level);
    }

    @Override
    public double threshold() {
        return threshold;
    }

    @Override
    public double clear(double ofThreshold) {
        return TailProbabilityScorer.calmer(score(ofThreshold));
    }
}
