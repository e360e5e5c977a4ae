package dev.sequitur.model.score;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;

/**
 * An event is abnormal when its value isn't among the g likeliest that were predicted: Du, Li, Zheng, Srikumar,
 * "DeepLog: Anomaly detection and diagnosis from system logs through deep learning", CCS 2017, section 3.1.
 *
 * <p>The level is the rank, from 1; the score is 1 − 1/rank, which the paper doesn't have. Of several categorical fields
 * the worst rank counts. A value that training didn't see has the rank of the predicted probability that such a value
 * comes. The end of a sequence has no value and rank 1. There is no memory.
 */
public final class TopRankScorer implements Scorer {
    private final int g;

    public TopRankScorer(AlarmSpec.TopG spec) {
        this.g = spec.g();
    }

    @Override
    public int memoryBytes() {
        return 0;
    }

    @Override
    public double level(Observation event, ByteBuffer memory) {
        return event.rank();
    }

    @Override
    public double score(double rank) {
        return 1 - 1 / rank;
    }

    @Override
    public double threshold() {
        return g;
    }
}
