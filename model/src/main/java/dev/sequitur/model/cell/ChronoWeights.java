package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Weights of a layer whose gates start out keeping the state for long: Tallec and Ollivier, "Can recurrent neural
 * networks warp time?", 2018, arXiv 1804.11188, section 3 and equation 16.
 *
 * <pre>b_keep ~ log U(1, T_max − 1), b_write = −b_keep</pre>
 *
 * <p>A unit's half-life is then about as long as U, so that the layer's units cover the lags up to T_max. The paper has
 * it for the LSTM and, by the bias of z, the GRU; the other cells' gates are treated alike, in the
 * grid LSTM those of the time dimension. T_max is the spec's {@code
 * cell.max-lag}. Checked by {@code ChronoWeightsTest}.
 */
final class ChronoWeights implements Weights {
    private final Weights weights;
    private final String bias;
    private final int maxLag;
    private final int[] signs;

    /** @param signs by gate, in the order of the bias: 1 keeps the past where it is open, −1 overwrites it, 0 neither */
    private ChronoWeights(Weights weights, String bias, int maxLag, int... signs) {
        this.weights = weights;
        this.bias = bias;
        this.maxLag = maxLag;
        this.signs = signs;
    }

    /**
     * The weights for a layer; as they are where the spec names no lag.
     *
     * @param layer prefix of the layer's weights
     * @throws IllegalArgumentException when the kind has no gate that keeps
     */
    static Weights of(CellSpec spec, CellKind kind, Weights weights, String layer) {
        int lag = spec.maxLag();
        if (lag == 0) {
            return weights;
        }
        return switch (kind) {
            case LSTM, LSTM_PEEPHOLE, LSTM_DEPTH_GATED -> new ChronoWeights(weights, layer + "/bias", lag, -1, 0, 1, 0);
            case GRID_LSTM -> new ChronoWeights(weights, layer + "/time/bias", lag, -1, 0, 1, 0);
            case LSTM_COUPLED -> new ChronoWeights(weights, layer + "/bias", lag, 0, 1, 0);
            case GRU -> new ChronoWeights(weights, layer + "/gates/bias", lag, 0, 1);
            case VRNN -> new ChronoWeights(weights, layer + "/recurrence/gates/bias", lag, 0, 1);
            case MGU -> new ChronoWeights(weights, layer + "/gate/bias", lag, -1);
            case MINGRU -> new ChronoWeights(weights, layer + "/bias", lag, -1, 0);
            case MINLSTM -> new ChronoWeights(weights, layer + "/bias", lag, 1, -1, 0);
            default ->
                throw new IllegalArgumentException("cell '" + kind.specName() + "' takes no max-lag; expected one of "
                        + String.join(", ", CellSpec.LAG_KINDS));
        };
    }

    @Override
    public Operand<TFloat32> get(String name, Initializer initializer, int... shape) {
        return weights.get(
                name, name.equals(bias) ? (s, random) -> values(s[0] / signs.length, random) : initializer, shape);
    }

    private float[] values(int units, java.util.Random random) {
        float[] values = new float[units * signs.length];
        for (int u = 0; u < units; u++) {
            float keep = (float) Math.log(1 + random.nextDouble() * (maxLag - 2));
            for (int g = 0; g < signs.length; g++) {
                values[g * units + u] = signs[g] * keep;
            }
        }
        return values;
    }
}
