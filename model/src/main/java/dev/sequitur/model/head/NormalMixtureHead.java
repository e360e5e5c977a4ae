package dev.sequitur.model.head;

import dev.sequitur.model.graph.Columns;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TFloat32;

/**
 * A mixture of C normals on the scaled value y: a numeric field whose values cluster or jump, or the time to the next
 * event, whose scaled logarithm y makes the normals log-normals.
 *
 * <pre>−log p(y) = −log Σ_c w_c N(y; μ_c, σ_c)</pre>
 *
 * <p>Shchur, Biloš and Günnemann, "Intensity-free learning of temporal point processes", 2020, arXiv 1909.12127, section
 * 3.2, and Bishop, "Mixture density networks", 1994; one component is the plain (log-)normal. For times it departs in
 * the logarithm, {@code log(1 + t/1s)}, so that a time of 0 is finite, and in leaving the density on the logarithm's
 * scale. Raw inputs: logits of w [C], μ [C], s [C] with {@code
 * log σ = 6 tanh(s/6)}. Nothing where the value is missing, as
 * the time is for the first event of a session.
 */
final class NormalMixtureHead implements Head {
    private final int components;

    NormalMixtureHead(int components) {
        this.components = components;
    }

    @Override
    public float[] initialBias() {
        float[] bias = new float[3 * components];
        // Components that start alike would stay alike: spread them over ±1.5 standard deviations.
        for (int c = 0; c < components && components > 1; c++) {
            bias[components + c] = -1.5f + 3f * c / (components - 1);
        }
        return bias;
    }

    @Override
    public Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> raw, Operand<TFloat32> observed) {
        Operand<TFloat32> logWeight = tf.nn.logSoftmax(Columns.of(tf, raw, 0, components));
        Operand<TFloat32> mean = Columns.of(tf, raw, components, components);
        Operand<TFloat32> logDeviation = Head.logDeviation(tf, Columns.of(tf, raw, 2 * components, components));
        Operand<TFloat32> distance =
                tf.math.mul(tf.math.sub(Columns.of(tf, observed, 0, 1), mean), tf.math.exp(tf.math.neg(logDeviation)));
        Operand<TFloat32> logDensity = tf.math.sub(
                tf.math.sub(logWeight, logDeviation),
                tf.math.add(tf.math.mul(tf.constant(0.5f), tf.math.square(distance)), tf.constant(LOG_SQRT_2_PI)));
        // Shifted by the largest, whose gradient cancels: a narrow component's log density may be -1e12.
        Operand<TFloat32> largest = tf.stopGradient(tf.reduceMax(logDensity, tf.constant(1), ReduceMax.keepDims(true)));
        Operand<TFloat32> logSum =
                tf.math.add(largest, tf.math.log(Head.sumColumns(tf, tf.math.exp(tf.math.sub(logDensity, largest)))));
        return tf.math.mul(tf.math.neg(logSum), Columns.of(tf, observed, 1, 1));
    }

    @Override
    public Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> raw) {
        return tf.concat(
                List.of(
                        tf.nn.softmax(Columns.of(tf, raw, 0, components)),
                        Columns.of(tf, raw, components, components),
                        tf.math.exp(Head.logDeviation(tf, Columns.of(tf, raw, 2 * components, components)))),
                tf.constant(1));
    }
}
