package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Cells on top of each other: the output of a layer is the input of the next; the output of the stack is the top
 * layer's. Graves, "Generating sequences with recurrent neural networks", 2013, arXiv 1308.0850, without its skip
 * connections.
 *
 * <p>The state is the layers' states one after the other, lowest first; slices are named {@code layer0/hidden} and so
 * on.
 */
public final class StackedCell implements Cell {
    private final List<Cell> layers;
    private final List<Operand<TFloat32>> masks;

    private StackedCell(List<Cell> layers, List<Operand<TFloat32>> masks) {
        this.layers = layers;
        this.masks = masks;
    }

    /** @param inputs I */
    public static StackedCell of(CellSpec spec, Weights weights, int inputs) {
        List<Cell> layers = new ArrayList<>();
        int width = inputs;
        for (int l = 0; l < spec.units().size(); l++) {
            layers.add(CellKind.create(spec, weights, l, width));
            width = layers.get(l).outputWidth();
        }
        return new StackedCell(layers, List.of());
    }

    /**
     * The same stack with a mask on what each layer but the lowest gets from below: dropout with one mask for a whole
     * window (Gal and Ghahramani 2016, arXiv 1512.05287), on the connections between layers only.
     *
     * @param newMasks {@code [B, width]}, one for each layer above the lowest
     */
    public StackedCell withMasks(List<Operand<TFloat32>> newMasks) {
        if (newMasks.size() != layers.size() - 1) {
            throw new IllegalArgumentException("a stack of " + layers.size() + " layers needs " + (layers.size() - 1)
                    + " masks, got " + newMasks.size());
        }
        return new StackedCell(layers, List.copyOf(newMasks));
    }

    /** Widths of what the layers above the lowest get from below. */
    public List<Integer> innerWidths() {
        return layers.subList(0, layers.size() - 1).stream()
                .map(Cell::outputWidth)
                .toList();
    }

    @Override
    public List<StateSlice> state() {
        List<StateSlice> slices = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            for (StateSlice slice : layers.get(l).state()) {
                slices.add(new StateSlice("layer" + l + "/" + slice.name(), slice.width()));
            }
        }
        return slices;
    }

    @Override
    public int outputWidth() {
        return layers.get(layers.size() - 1).outputWidth();
    }

    @Override
    public Operand<TFloat32> output(Ops tf, List<Operand<TFloat32>> state) {
        Cell top = layers.get(layers.size() - 1);
        return top.output(tf, state.subList(state.size() - top.state().size(), state.size()));
    }

    @Override
    public List<Operand<TFloat32>> step(Ops tf, Operand<TFloat32> input, List<Operand<TFloat32>> state) {
        return climb(tf, input, state, (l, x, before, below) -> layers.get(l).step(tf, x, before, below));
    }

    @Override
    public Observation observe(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Noise noise) {
        List<Operand<TFloat32>> outputs = new ArrayList<>();
        List<Operand<TFloat32>> penalties = new ArrayList<>();
        List<Operand<TFloat32>> next = climb(tf, input, state, (l, x, before, beneath) -> {
            Observation seen = layers.get(l).observe(tf, x, before, beneath, noise.at(l));
            outputs.add(seen.output());
            seen.penalty().ifPresent(penalties::add);
            return seen.state();
        });
        return new Observation(
                outputs.get(outputs.size() - 1),
                next,
                penalties.isEmpty() ? Optional.empty() : Optional.of(tf.math.addN(penalties)));
    }

    /** A layer's state after the event. */
    @FunctionalInterface
    private interface LayerStep {
        List<Operand<TFloat32>> apply(
                int layer, Operand<TFloat32> input, List<Operand<TFloat32>> before, List<Operand<TFloat32>> below);
    }

    private List<Operand<TFloat32>> climb(
            Ops tf, Operand<TFloat32> input, List<Operand<TFloat32>> state, LayerStep step) {
        List<Operand<TFloat32>> next = new ArrayList<>();
        Operand<TFloat32> x = input;
        List<Operand<TFloat32>> below = List.of();
        for (int l = 0; l < layers.size(); l++) {
            Cell layer = layers.get(l);
            if (l > 0 && !masks.isEmpty()) {
                x = tf.math.mul(x, masks.get(l - 1));
            }
            int from = next.size();
            below = step.apply(l, x, state.subList(from, from + layer.state().size()), below);
            next.addAll(below);
            x = layer.output(tf, below);
        }
        return next;
    }
}
