package dev.sequitur.model.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Normal noise for a network that samples while it is trained. Like {@link Dropout}'s masks, it follows from the seed
 * that is fed alone.
 */
public final class Noise {
    /** More than a window has steps or a stack has layers. */
    private static final long PLACES = 1L << 20;

    private final Operand<TFloat32> scale;
    private final Operand<TInt64> seed;
    private final long salt;

    /**
     * @param scale a scalar: 1 in training, 0 where the network is to compute what it serves
     * @param seed of this training step, a scalar
     */
    public Noise(Operand<TFloat32> scale, Operand<TInt64> seed) {
        // Beyond the salts of dropout, which are small.
        this(scale, seed, PLACES);
    }

    private Noise(Operand<TFloat32> scale, Operand<TInt64> seed, long salt) {
        this.scale = scale;
        this.seed = seed;
        this.salt = salt;
    }

    /** The noise of one place among many, such as a step or a layer: independent of that of the others. */
    public Noise at(int place) {
        return new Noise(scale, seed, salt * PLACES + place);
    }

    public Operand<TFloat32> scale() {
        return scale;
    }

    /** Standard normal values in the shape of {@code like}, not scaled. */
    public Operand<TFloat32> normal(Ops tf, Operand<TFloat32> like) {
        // The shape leads back to the weights, and TensorFlow looks for a gradient along it.
        return tf.stopGradient(
                tf.random.statelessRandomNormal(tf.shape(like), tf.stack(List.of(seed, tf.constant(salt)))));
    }
}
