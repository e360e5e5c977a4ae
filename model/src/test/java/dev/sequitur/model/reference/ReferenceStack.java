package dev.sequitur.model.reference;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The layers that a spec's {@code cell} asks for, in plain Java, in double: one entity, one event at a time. */
public final class ReferenceStack {
    private final List<ReferenceCell> layers = new ArrayList<>();

    public ReferenceStack(CellSpec spec, ReferenceWeights weights) {
        for (int l = 0; l < spec.units().size(); l++) {
            layers.add(ReferenceCell.of(spec, weights, l));
        }
    }

    public int stateWidth() {
        return layers.stream().mapToInt(ReferenceCell::stateWidth).sum();
    }

    public double[] step(double[] input, double[] state) {
        double[] after = new double[stateWidth()];
        double[] x = input;
        double[] below = new double[0];
        int at = 0;
        for (ReferenceCell layer : layers) {
            below = layer.step(x, Arrays.copyOfRange(state, at, at + layer.stateWidth()), below);
            System.arraycopy(below, 0, after, at, below.length);
            x = layer.output(below);
            at += below.length;
        }
        return after;
    }

    /** What the heads get. */
    public double[] output(double[] state) {
        ReferenceCell top = layers.get(layers.size() - 1);
        return top.output(Arrays.copyOfRange(state, stateWidth() - top.stateWidth(), stateWidth()));
    }
}
