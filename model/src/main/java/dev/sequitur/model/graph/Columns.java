package dev.sequitur.model.graph;

import dev.sequitur.model.feature.Slice;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Runs of columns of a matrix {@code [N, columns]}. */
public final class Columns {
    private Columns() {}

    public static Operand<TFloat32> of(Ops tf, Operand<TFloat32> matrix, Slice slice) {
        return of(tf, matrix, slice.offset(), slice.width());
    }

    public static Operand<TFloat32> of(Ops tf, Operand<TFloat32> matrix, int offset, int width) {
        return tf.slice(matrix, tf.constant(new int[] {0, offset}), tf.constant(new int[] {-1, width}));
    }

    /** Matrices side by side; there may be one, which TensorFlow's own operation doesn't take. */
    public static Operand<TFloat32> join(Ops tf, List<Operand<TFloat32>> parts) {
        return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(1));
    }
}
