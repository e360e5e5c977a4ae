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
 * <p>Residual: a layer above the lowest adds its output to what it got, y_l = output_l + y_{l-1}, as He et al. 2015, arXiv
 * 1512.03385, and for stacked LSTMs Prakash et al. 2016, arXiv 1610.03098; here around every layer. Since each y is a sum
 * of outputs, it remains a function of the state.
 *
 * <p>Layer-normalised: what a layer above the lowest gets, and the output of the top, see {@link LayerNorm}. The sum that
 * residual layers carry past a layer is neither normalised nor masked on its way.
 *
 * <p>The state is the layers' states one after the other, lowest first; slices are named {@code layer0/hidden} and so
 * on. Signals are named by the layer, counted from 1: {@code 1.forget}. To what a layer's cell says comes {@code x}, its
 * input, and the parts of its state after the step.
 */
public final class StackedCell implements Cell {
    private final List<Cell> layers;
    private final boolean residual;
    /** Of what each layer above the lowest gets, then of the top's output; empty where nothing is normalised. */
    private final List<LayerNorm> norms;

    private final List<Operand<TFloat32>> masks;

    private StackedCell(List<Cell> layers, boolean residual, List<LayerNorm> norms, List<Operand<TFloat32>> masks) {
        this.layers = layers;
        this.residual = residual;
        this.norms = norms;
        this.masks = masks;
    }

    /** @param inputs I */
    public static StackedCell of(CellSpec spec, Weights weights, int inputs) {
        List<Cell> layers = new ArrayList<>();
        List<LayerNorm> norms = new ArrayList<>();
        int width = inputs;
        for (int l = 0; l < spec.units().size(); l++) {
            if (l > 0 && spec.layerNorm()) {
                norms.add(new LayerNorm(weights, "layer" + l + "/norm", width));
            }
            layers.add(CellKind.create(spec, weights, l, width));
            width = layers.get(l).outputWidth();
        }
        if (spec.layerNorm()) {
            norms.add(new LayerNorm(weights, "norm", width));
        }
        return new StackedCell(layers, spec.residual(), norms, List.of());
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
        return new StackedCell(layers, residual, norms, List.copyOf(newMasks));
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
        List<Operand<TFloat32>> outputs = new ArrayList<>();
        int from = 0;
        for (Cell layer : layers) {
            int to = from + layer.state().size();
            outputs.add(layer.output(tf, state.subList(from, to)));
            from = to;
        }
        return top(tf, outputs);
    }

    /** The output of the stack, of the outputs of its layers. */
    private Operand<TFloat32> top(Ops tf, List<Operand<TFloat32>> outputs) {
        Operand<TFloat32> y = outputs.get(0);
        for (Operand<TFloat32> output : outputs.subList(1, outputs.size())) {
            y = residual ? tf.math.add(y, output) : output;
        }
        return norms.isEmpty() ? y : norms.get(norms.size() - 1).of(tf, y);
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        return climb(tf, input, state, (l, x, before, beneath) -> {
            Cell layer = layers.get(l);
            Signals own = signals.under((l + 1) + ".");
            own.say("x", x);
            List<Operand<TFloat32>> after = layer.step(tf, x, before, beneath, own);
            for (int i = 0; i < after.size(); i++) {
                own.say(layer.state().get(i).name(), after.get(i));
            }
            return after;
        });
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
                top(tf, outputs), next, penalties.isEmpty() ? Optional.empty() : Optional.of(tf.math.addN(penalties)));
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
        List<Operand<TFloat32>> below = List.of();
        Operand<TFloat32> y = input;
        for (int l = 0; l < layers.size(); l++) {
            Cell layer = layers.get(l);
            Operand<TFloat32> x = l == 0 ? input : fromBelow(tf, l, y);
            int from = next.size();
            below = step.apply(l, x, state.subList(from, from + layer.state().size()), below);
            next.addAll(below);
            Operand<TFloat32> output = layer.output(tf, below);
            y = l > 0 && residual ? tf.math.add(y, output) : output;
        }
        return next;
    }

    /** The input of a layer above the lowest. */
    private Operand<TFloat32> fromBelow(Ops tf, int layer, Operand<TFloat32> y) {
        Operand<TFloat32> x = norms.isEmpty() ? y : norms.get(layer - 1).of(tf, y);
        return masks.isEmpty() ? x : tf.math.mul(x, masks.get(layer - 1));
    }

    /** {@link #fromBelow} of {@code [T,B,width]}. */
    private Operand<TFloat32> windowFromBelow(Ops tf, int layer, Operand<TFloat32> y) {
        Operand<TFloat32> x = y;
        if (!norms.isEmpty()) {
            int width = layers.get(layer - 1).outputWidth();
            Operand<TFloat32> flat = tf.reshape(y, tf.constant(new int[] {-1, width}));
            x = tf.reshape(norms.get(layer - 1).of(tf, flat), tf.shape(y));
        }
        return masks.isEmpty() ? x : tf.math.mul(x, masks.get(layer - 1));
    }

    @Override
    public StackedCell fused() {
        return new StackedCell(layers.stream().map(Cell::fused).toList(), residual, norms, masks);
    }

    /** Layer by layer, where every layer has one. */
    @Override
    public Optional<Sweep> sweep() {
        return layers.stream().allMatch(layer -> layer.sweep().isPresent())
                ? Optional.of(this::sweepLayers)
                : Optional.empty();
    }

    private List<Operand<TFloat32>> sweepLayers(
            Ops tf,
            int steps,
            Operand<TFloat32> inputs,
            List<Operand<TFloat32>> state,
            Optional<Operand<TFloat32>> cleared) {
        List<Operand<TFloat32>> states = new ArrayList<>();
        Operand<TFloat32> y = inputs;
        for (int l = 0; l < layers.size(); l++) {
            Cell layer = layers.get(l);
            Operand<TFloat32> x = l == 0 ? inputs : windowFromBelow(tf, l, y);
            int from = states.size();
            states.addAll(layer.sweep()
                    .orElseThrow()
                    .states(
                            tf,
                            steps,
                            x,
                            state.subList(from, from + layer.state().size()),
                            cleared));
            Operand<TFloat32> output = layer.output(tf, states.subList(from, states.size()));
            y = l > 0 && residual ? tf.math.add(y, output) : output;
        }
        return states;
    }
}
