package dev.sequitur.model.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Weights, and what else a training remembers, as variables. Values go in and out of a session as {@link NamedWeight}s;
 * the initial value of each depends on the seed and its own name alone.
 */
public final class VariableWeights implements Weights {
    private final Ops tf;
    private final long seed;
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    private record Slot(
            Variable<TFloat32> variable, int[] shape, float[] initial, Placeholder<TFloat32> value, Op assign) {}

    public VariableWeights(Ops tf, long seed) {
        this.tf = tf;
        this.seed = seed;
    }

    @Override
    public Variable<TFloat32> get(String name, Initializer initializer, int... shape) {
        Slot known = slots.get(name);
        if (known == null) {
            Shape tensorShape = Shape.of(Arrays.stream(shape).asLongStream().toArray());
            Variable<TFloat32> variable =
                    tf.withName(Weights.operationName(name)).variable(tensorShape, TFloat32.class);
            Placeholder<TFloat32> value = tf.placeholder(TFloat32.class, Placeholder.shape(tensorShape));
            float[] initial = initializer.values(shape, new Random(seed * 31 + name.hashCode()));
            known = new Slot(variable, shape.clone(), initial, value, tf.assign(variable, value));
            slots.put(name, known);
        } else if (!Arrays.equals(known.shape(), shape)) {
            throw new IllegalStateException("weight '" + name + "' has shape " + Arrays.toString(known.shape())
                    + ", asked for " + Arrays.toString(shape));
        }
        return known.variable();
    }

    /** The variables so far, in the order they were asked for. */
    public List<Variable<TFloat32>> variables() {
        return slots.values().stream().map(Slot::variable).toList();
    }

    /** The initial value of every variable. */
    public List<NamedWeight> initial() {
        List<NamedWeight> weights = new ArrayList<>();
        slots.forEach((name, slot) -> weights.add(new NamedWeight(name, slot.shape(), slot.initial())));
        return weights;
    }

    /** The present value of every variable. */
    public List<NamedWeight> read(Session session) {
        Session.Runner runner = session.runner();
        slots.values().forEach(slot -> runner.fetch(slot.variable()));
        List<NamedWeight> weights = new ArrayList<>();
        try (var result = runner.run()) {
            int i = 0;
            for (Map.Entry<String, Slot> entry : slots.entrySet()) {
                float[] values = new float[entry.getValue().initial().length];
                ((TFloat32) result.get(i++)).copyTo(DataBuffers.of(values));
                weights.add(new NamedWeight(entry.getKey(), entry.getValue().shape(), values));
            }
        }
        return weights;
    }

    /**
     * Sets every variable.
     *
     * @throws IllegalStateException when a variable is missing among the values or has another shape there
     */
    public void write(Session session, List<NamedWeight> weights) {
        Map<String, NamedWeight> byName = new LinkedHashMap<>();
        weights.forEach(w -> byName.put(w.name(), w));
        // In one run: TensorFlow compiles the graph anew for every set of targets.
        Session.Runner runner = session.runner();
        List<TFloat32> values = new ArrayList<>();
        try {
            slots.forEach((name, slot) -> {
                NamedWeight weight = byName.get(name);
                if (weight == null || !Arrays.equals(weight.shape(), slot.shape())) {
                    throw new IllegalStateException("expected values for '" + name + "' of shape "
                            + Arrays.toString(slot.shape()) + ", got "
                            + (weight == null ? "none" : Arrays.toString(weight.shape())));
                }
                Shape shape =
                        Shape.of(Arrays.stream(slot.shape()).asLongStream().toArray());
                values.add(TFloat32.tensorOf(shape, DataBuffers.of(weight.values())));
                runner.feed(slot.value(), values.get(values.size() - 1)).addTarget(slot.assign());
            });
            runner.run().close();
        } finally {
            values.forEach(TFloat32::close);
        }
    }
}
