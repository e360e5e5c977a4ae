package dev.sequitur.model.head;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Classes that stand for all of a categorical field, in the loss of one training step. A softmax needs the sum of
 * {@code exp(o)} over every class; Bengio and Senécal 2008 ("Adaptive importance sampling to accelerate training of a
 * neural probabilistic language model") estimate it from a sample, Jean et al. 2015 (arXiv 1412.2007, equation 8) from one
 * that all events of a step share:
 *
 * <pre>−log p(y) ≈ log( exp(o_y) + Σ_{c in sample, c ≠ y} exp(o_c − log π_c) ) − o_y</pre>
 *
 * <p>π is the probability that a class is in the sample, so the sum is right on average; its logarithm is a little low,
 * and less so the larger the sample. The class that came is always in. Where every π is 1 it is the softmax itself.
 *
 * @param slots {@code [n]}, the classes, each once
 * @param logShares {@code [n]}, log π of each
 */
public record SampledClasses(Operand<TInt32> slots, Operand<TFloat32> logShares) {
    /** What takes a class out of the sum: e to it is 0 beside any sane logit. */
    private static final float OUT = -1e9f;

    /**
     * Nats {@code [N,1]} of what came.
     *
     * @param known {@code [N,inputs]}
     * @param kernel {@code [inputs,slots]}
     * @param bias {@code [slots]}
     * @param observed {@code [N,1]}, slots
     */
    Operand<TFloat32> surprise(
            Ops tf,
            Operand<TFloat32> known,
            Operand<TFloat32> kernel,
            Operand<TFloat32> bias,
            Operand<TFloat32> observed) {
        Operand<TInt32> came = tf.dtypes.cast(observed, TInt32.class);
        Operand<TInt32> cameFlat = tf.reshape(came, tf.constant(new int[] {-1}));
        // A row a class: a gather of rows has a gradient.
        Operand<TFloat32> classes = tf.linalg.transpose(kernel, tf.constant(new int[] {1, 0}));
        Operand<TFloat32> logitOfCame = tf.expandDims(
                tf.math.add(
                        tf.reduceSum(tf.math.mul(known, tf.gather(classes, cameFlat, tf.constant(0))), tf.constant(1)),
                        tf.gather(bias, cameFlat, tf.constant(0))),
                tf.constant(1));
        Operand<TFloat32> logits = tf.math.add(
                tf.linalg.matMul(
                        known,
                        tf.linalg.transpose(tf.gather(classes, slots, tf.constant(0)), tf.constant(new int[] {1, 0}))),
                tf.math.sub(tf.gather(bias, slots, tf.constant(0)), logShares));
        Operand<TFloat32> isCame =
                tf.dtypes.cast(tf.math.equal(came, tf.expandDims(slots, tf.constant(0))), TFloat32.class);
        Operand<TFloat32> others = tf.math.add(logits, tf.math.mul(isCame, tf.constant(OUT)));
        Operand<TFloat32> all = tf.concat(List.of(logitOfCame, others), tf.constant(1));
        // The class that came is in the first column.
        Operand<TInt32> first = tf.math.mul(cameFlat, tf.constant(0));
        Operand<TFloat32> label =
                tf.oneHot(first, tf.math.add(tf.size(slots), tf.constant(1)), tf.constant(1f), tf.constant(0f));
        return tf.expandDims(tf.nn.softmaxCrossEntropyWithLogits(all, label).loss(), tf.constant(1));
    }
}
