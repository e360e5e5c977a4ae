package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Weights;
import java.util.Arrays;
import java.util.Locale;

/** The cells there are, by the name that a pipeline spec uses. */
public enum CellKind {
    RNN(RnnCell::new),
    LSTM(LstmCell::new),
    LSTM_PEEPHOLE(PeepholeLstmCell::new),
    LSTM_COUPLED(CoupledLstmCell::new),
    GRU(GruCell::new),
    MGU(MinimalGatedUnitCell::new),
    MINGRU(MinGruCell::new),
    MINLSTM(MinLstmCell::new);

    /** Makes a cell. */
    @FunctionalInterface
    public interface Factory {
        Cell create(Weights weights, String name, int inputs, int units);
    }

    private final Factory factory;

    CellKind(Factory factory) {
        this.factory = factory;
    }

    /**
     * @param name prefix of the weights' names
     * @param inputs I
     * @param units H
     */
    public Cell create(Weights weights, String name, int inputs, int units) {
        return factory.create(weights, name, inputs, units);
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
