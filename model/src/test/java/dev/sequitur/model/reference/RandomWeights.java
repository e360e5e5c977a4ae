package dev.sequitur.model.reference;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Weights that a test feeds: every bias and kernel random, none at its kind initial value. */
public final class RandomWeights implements Weights {
    private final Ops tf;
    private final Random random;
    private final Map<String, NamedWeight> values = new LinkedHashMap<>();
    private final Map<String, Placeholder<TFloat32>> placeholders = new LinkedHashMap<>();

    public RandomWeights(Ops tf, long seed) {
        this.tf = tf;
        this.random = new Random(seed);
    }

    @Override
    public Operand<TFloat32> get(String name, Initializer initializer, int... shape) {
        float[] initial = initializer.values(shape, random);
        for (int i = 0; i < initial.length; i++) {
            initial[i] = (float) (0.5 * random.nextGaussian());
        }
        values.put(name, new NamedWeight(name, shape, initial));
        Placeholder<TFloat32> placeholder = tf.placeholder(
                TFloat32.class,
                Placeholder.shape(Shape.of(Arrays.stream(shape).asLongStream().toArray())));
        placeholders.put(name, placeholder);
        return placeholder;
    }

    public Map<String, NamedWeight> values() {
        return values;
    }

    public Map<String, Placeholder<TFloat32>> placeholders() {
        return placeholders;
    }
}
