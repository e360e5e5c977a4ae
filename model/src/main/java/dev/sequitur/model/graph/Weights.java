package dev.sequitur.model.graph;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Where a network gets its weights from while its graph is built: variables in training, constants in serving. A
 * network is written once for both.
 */
public interface Weights {
    /**
     * The weight of that name, row-major.
     *
     * @throws IllegalStateException when there is a weight of that name with another shape, or none where none is made
     */
    Operand<TFloat32> get(String name, Initializer initializer, int... shape);

    /** The weight's name as TensorFlow allows one for an operation: {@code layer0/kernel} is {@code layer0.kernel}. */
    static String operationName(String name) {
        return name.replace('/', '.').replaceAll("[^A-Za-z0-9_.\\-]", "_");
    }
}
