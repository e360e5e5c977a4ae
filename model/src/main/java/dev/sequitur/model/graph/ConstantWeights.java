package dev.sequitur.model.graph;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Weights frozen into the graph as constants, each once, however often it is asked for. */
public final class ConstantWeights implements Weights {
    private final Ops tf;
    private final Map<String, NamedWeight> values;
    private final Map<String, Operand<TFloat32>> made = new java.util.HashMap<>();

    public ConstantWeights(Ops tf, Collection<NamedWeight> values) {
        this.tf = tf;
        this.values = values.stream().collect(Collectors.toMap(NamedWeight::name, Function.identity()));
    }

    @Override
    public Operand<TFloat32> get(String name, Initializer initializer, int... shape) {
        return made.computeIfAbsent(name, n -> {
            NamedWeight weight = values.get(n);
            if (weight == null || !Arrays.equals(weight.shape(), shape)) {
                throw new IllegalStateException("expected a weight '" + n + "' of shape " + Arrays.toString(shape)
                        + ", got " + (weight == null ? "none" : Arrays.toString(weight.shape())));
            }
            return tf.withName(Weights.operationName(n))
                    .constant(Shape.of(Arrays.stream(shape).asLongStream().toArray()), DataBuffers.of(weight.values()));
        });
    }
}
