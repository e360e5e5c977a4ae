package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.Arrays;
import java.util.Locale;

/** The cells there are, by the name that a pipeline spec uses. */
public enum CellKind {
    RNN(RnnCell::new),
    LSTM(LstmCell::new),
    LSTM_PEEPHOLE(PeepholeLstmCell::new),
    LSTM_COUPLED(CoupledLstmCell::new),
    LSTM_DEPTH_GATED((weights, name, inputs, units, lowest, spec) ->
            new DepthGatedLstmCell(weights, name, inputs, units, lowest)),
    GRU(GruCell::new),
    MGU(MinimalGatedUnitCell::new),
    MINGRU(MinGruCell::new),
    MINLSTM(MinLstmCell::new),
    CLOCKWORK((weights, name, inputs, units, lowest, spec) ->
            new ClockworkCell(weights, name, inputs, units, spec.periods(), spec.cycle())),
    GRID_LSTM((weights, name, inputs, units, lowest, spec) -> new GridLstmCell(weights, name, inputs, units, lowest)),
    VRNN((weights, name, inputs, units, lowest, spec) ->
            new VariationalCell(weights, name, inputs, units, spec.latent()));

    /** Makes a cell that needs to know no more than its sizes. */
    @FunctionalInterface
    private interface Plain {
        Cell create(Weights weights, String name, int inputs, int units);
    }

    /** Makes a cell that has options, or another form at the bottom of the stack. */
    @FunctionalInterface
    private interface Placed {
        Cell create(Weights weights, String name, int inputs, int units, boolean lowest, CellSpec spec);
    }

    private final Placed factory;

    CellKind(Placed factory) {
        this.factory = factory;
    }

    CellKind(Plain factory) {
        this((weights, name, inputs, units, lowest, spec) -> factory.create(weights, name, inputs, units));
    }

    /**
     * A layer's cell of the kind that the spec names; its weights' names begin with {@code layer} and the layer's index.
     *
     * @param layer index, 0 is the lowest
     * @param inputs I
     */
    public static Cell create(CellSpec spec, Weights weights, int layer, int inputs) {
        CellKind kind = of(spec.kind());
        String name = "layer" + layer;
        return kind.factory.create(
                ChronoWeights.of(spec, kind, weights, name),
                name,
                inputs,
                spec.units().get(layer),
                layer == 0,
                spec);
    }

    public String specName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException when there is no such cell; the message lists those there are */
    public static CellKind of(String specName) {
        return Arrays.stream(values())
                .filter(k -> k.specName().equals(specName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown cell '" + specName + "'; there are "
                        + String.join(
                                ", ",
                                Arrays.stream(values()).map(CellKind::specName).toList())));
    }
}
