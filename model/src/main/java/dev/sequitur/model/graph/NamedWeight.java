package dev.sequitur.model.graph;

import java.util.Arrays;

/** The values of one weight, row-major. */
public record NamedWeight(String name, int[] shape, float[] values) {
    public NamedWeight {
        int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (values.length != size) {
            throw new IllegalArgumentException("weight '" + name + "' of shape " + Arrays.toString(shape) + " needs "
                    + size + " values, got " + values.length);
        }
    }
}
