package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;

/**
 * Layer normalisation of rows a {@code [B,H]}.
 *
 * <pre>
 * μ = 1/H Σ_i a_i
 * σ = √(1/H Σ_i (a_i − μ)² + ε)
 * LN(a) = g ∘ (a − μ) / σ + b
 * </pre>
 *
 * <p>Ba, Kiros and Hinton, "Layer normalization", 2016, arXiv 1607.06450, equations 3 and 4, with ε = 1e-5, so that a state
 * of zeros has a norm. Departs from the paper in where it stands: the paper normalises the summed inputs inside a cell,
 * here it is what a layer gets from the one beneath, and the top's output, so that it goes with every kind of cell.
 *
 * <p>Weights: {@code gain [H]} (g), starting at 1, {@code bias [H]} (b), starting at 0.
 */
final class LayerNorm {
    private static final float EPSILON = 1e-5f;

    private final Operand<TFloat32> gain;
    private final Operand<TFloat32> bias;

    LayerNorm(Weights weights, String name, int width) {
        this.gain = weights.get(name + "/gain", Initializer.constant(1), width);
        this.bias = weights.get(name + "/bias", Initializer.constant(0), width);
    }

    Operand<TFloat32> of(Ops tf, Operand<TFloat32> a) {
        Operand<TFloat32> centred = tf.math.sub(a, mean(tf, a));
        Operand<TFloat32> variance = mean(tf, tf.math.square(centred));
        Operand<TFloat32> scale = tf.math.rsqrt(tf.math.add(variance, tf.constant(EPSILON)));
        return tf.math.add(tf.math.mul(tf.math.mul(centred, scale), gain), bias);
    }

    private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(rows, tf.constant(1), Mean.keepDims(true));
    }
}
