package dev.sequitur.model.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Drops a share of a layer's outputs and scales up the rest (Srivastava et al. 2014). The mask follows from the seed
 * that is fed alone, so that a resumed training draws the masks that an uninterrupted one would have drawn.
 */
public final class Dropout {
    private final Operand<TFloat32> keep;
    private final Operand<TInt64> seed;

    /**
     * @param keep share that is kept, a scalar; 1 outside training
     * @param seed of this training step, a scalar
     */
    public Dropout(Operand<TFloat32> keep, Operand<TInt64> seed) {
        this.keep = keep;
        this.seed = seed;
    }

    /** A mask for {@code like}: 0 or 1/keep. Masks of different salts are independent. */
    public Operand<TFloat32> mask(Ops tf, Operand<TFloat32> like, int salt) {
        Operand<TFloat32> uniform = tf.random.statelessRandomUniform(
                tf.shape(like), tf.stack(java.util.List.of(seed, tf.constant((long) salt))));
        return tf.math.div(tf.math.floor(tf.math.add(uniform, keep)), keep);
    }
}
