package dev.sequitur.model.head;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A categorical field: softmax over the slots of its vocabulary, the unknown and the missing one among them. */
final class SoftmaxHead implements Head {
    private final int slots;

    SoftmaxHead(int slots) {
        this.slots = slots;
    }

    @Override
    public float[] initialBias() {
        return new float[slots];
    }

    @Override
    public Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> raw, Operand<TFloat32> observed) {
        Operand<TInt32> slot = tf.dtypes.cast(tf.reshape(observed, tf.constant(new int[] {-1})), TInt32.class);
        Operand<TFloat32> label = tf.oneHot(slot, tf.constant(slots), tf.constant(1f), tf.constant(0f));
        return tf.expandDims(tf.nn.softmaxCrossEntropyWithLogits(raw, label).loss(), tf.constant(1));
    }

    @Override
    public Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> raw) {
        return tf.nn.softmax(raw);
    }
}
