package dev.sequitur.model.head;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The distribution of one field of the next event. Its negative log-likelihood is loss and surprise alike. */
interface Head {
    /** Log of the square root of 2π. */
    float LOG_SQRT_2_PI = (float) (0.5 * Math.log(2 * Math.PI));

    /** Bias of what the network gives the head, before any training; its length is the number R of inputs. */
    float[] initialBias();

    /**
     * Nats {@code [N,1]} of what came.
     *
     * @param raw {@code [N,R]} from the network
     * @param observed {@code [N,·]} the field's slice of the feature rows
     */
    Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> raw, Operand<TFloat32> observed);

    /** Parameters of the distribution as {@link HeadLayout} lays them out. */
    Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> raw);

    /** Bounds the log of a standard deviation smoothly to ±6: from 0.0025 to 400 scaled units. */
    static Operand<TFloat32> logDeviation(Ops tf, Operand<TFloat32> raw) {
        Operand<TFloat32> bound = tf.constant(6f);
        return tf.math.mul(tf.math.tanh(tf.math.div(raw, bound)), bound);
    }

    static Operand<TFloat32> sumColumns(Ops tf, Operand<TFloat32> matrix) {
        return tf.reduceSum(matrix, tf.constant(1), org.tensorflow.op.core.ReduceSum.keepDims(true));
    }
}
