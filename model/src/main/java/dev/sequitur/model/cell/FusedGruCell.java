package dev.sequitur.model.cell;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * {@link GruCell}, its weights and its function, by TensorFlow's fused kernel {@code GRUBlockCell}: its u is z, which
 * keeps the past, and its r works before the product, as in Cho et al. 2014. Of its gates it says nothing. Checked by {@code FusedCellTest}.
 */
final class FusedGruCell implements Cell {
    private final int units;
    private final Operand<TFloat32> gateKernel;
    private final Operand<TFloat32> gateBias;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    /**
     * @param gateKernel {@code [I+H, 2H]}, columns r, z
     * @param gateBias {@code [2H]}
     * @param kernel {@code [I+H, H]}
     * @param bias {@code [H]}
     */
    FusedGruCell(
            int units,
            Operand<TFloat32> gateKernel,
            Operand<TFloat32> gateBias,
            Operand<TFloat32> kernel,
            Operand<TFloat32> bias) {
        this.units = units;
        this.gateKernel = gateKernel;
        this.gateBias = gateBias;
        this.kernel = kernel;
        this.bias = bias;
        FusedGradients.register();
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        return List.of(tf.nn.gRUBlockCell(input, state.get(0), gateKernel, kernel, gateBias, bias)
                .h());
    }
}
