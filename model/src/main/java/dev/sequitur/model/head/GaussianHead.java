package dev.sequitur.model.head;

import dev.sequitur.model.graph.Columns;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A numeric field: normal on its scaled value y, with {@code raw = (μ, s)}, {@code log σ = 6 tanh(s/6)}.
 *
 * <pre>−log p(y) = log √(2π) + log σ + ½ ((y − μ)/σ)²</pre>
 *
 * <p>Nothing where the value is missing.
 */
final class GaussianHead implements Head {
    @Override
    public float[] initialBias() {
        return new float[] {0, 0};
    }

    @Override
    public Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> raw, Operand<TFloat32> observed) {
        Operand<TFloat32> logDeviation = Head.logDeviation(tf, Columns.of(tf, raw, 1, 1));
        Operand<TFloat32> distance = tf.math.mul(
                tf.math.sub(Columns.of(tf, observed, 0, 1), Columns.of(tf, raw, 0, 1)),
                tf.math.exp(tf.math.neg(logDeviation)));
        Operand<TFloat32> nats = tf.math.add(
                tf.math.add(logDeviation, tf.constant(LOG_SQRT_2_PI)),
                tf.math.mul(tf.constant(0.5f), tf.math.square(distance)));
        return tf.math.mul(nats, Columns.of(tf, observed, 1, 1));
    }

    @Override
    public Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> raw) {
        Operand<TFloat32> deviation = tf.math.exp(Head.logDeviation(tf, Columns.of(tf, raw, 1, 1)));
        return tf.concat(List.of(Columns.of(tf, raw, 0, 1), deviation), tf.constant(1));
    }
}
