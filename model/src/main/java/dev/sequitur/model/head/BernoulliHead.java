package dev.sequitur.model.head;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Flags, independent of each other given the past; also the end of a sequence.
 *
 * <pre>−log p(y) = Σ softplus(l) − y l, with l the logit</pre>
 */
final class BernoulliHead implements Head {
    private final int flags;

    BernoulliHead(int flags) {
        this.flags = flags;
    }

    @Override
    public float[] initialBias() {
        return new float[flags];
    }

    @Override
    public Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> raw, Operand<TFloat32> observed) {
        return Head.sumColumns(tf, tf.math.sub(tf.math.softplus(raw), tf.math.mul(observed, raw)));
    }

    @Override
    public Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> raw) {
        return tf.math.sigmoid(raw);
    }
}
