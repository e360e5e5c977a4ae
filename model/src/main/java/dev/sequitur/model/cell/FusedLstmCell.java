package dev.sequitur.model.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.op.nn.LSTMBlockCell;
import org.tensorflow.types.TFloat32;

/**
 * {@link LstmCell} and {@link PeepholeLstmCell}, their weights and their function, by TensorFlow's fused kernels: {@code
 * LSTMBlockCell} for a step, {@code BlockLSTMV2} for a window. Of its gates it says nothing.
 *
 * <p>{@code LSTMBlockCell} has the gates' columns in the order i, c̃, f, o, {@code BlockLSTMV2} in the order i, f, c̃, o;
 * the weights here have the first. Neither clips, neither adds to the forget gate's bias. Checked by {@code
 * FusedCellTest}.
 */
final class FusedLstmCell implements Cell {
    /** What shuts a gate whatever else it is told: σ of it is 0 in float32, and so is its slope. */
    private static final float SHUT = -1e4f;

    private static final float NO_CLIP = -1f;

    private final int inputs;
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;
    private final List<Operand<TFloat32>> peepholes;

    /**
     * @param kernel {@code [I+H, 4H]}
     * @param bias {@code [4H]}
     * @param peepholes of i, f and o, each {@code [H]}; empty for none
     */
    FusedLstmCell(
            int inputs,
            int units,
            Operand<TFloat32> kernel,
            Operand<TFloat32> bias,
            List<Operand<TFloat32>> peepholes) {
        this.inputs = inputs;
        this.units = units;
        this.kernel = kernel;
        this.bias = bias;
        this.peepholes = peepholes;
        FusedGradients.register();
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units), new StateSlice("cell", units));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        List<Operand<TFloat32>> w = peepholes(tf);
        var cell = tf.nn.lSTMBlockCell(
                input,
                state.get(1),
                state.get(0),
                kernel,
                w.get(0),
                w.get(1),
                w.get(2),
                bias,
                LSTMBlockCell.forgetBias(0f),
                LSTMBlockCell.cellClip(NO_CLIP),
                LSTMBlockCell.usePeephole(!peepholes.isEmpty()));
        return List.of(cell.h(), cell.cs());
    }

    @Override
    public Optional<Sweep> sweep() {
        return Optional.of(this::sweep);
    }

    private List<Operand<TFloat32>> sweep(
            Ops tf,
            int steps,
            Operand<TFloat32> window,
            List<Operand<TFloat32>> state,
            Optional<Operand<TFloat32>> cleared) {
        Operand<TFloat32> x = window;
        Operand<TFloat32> weights = kernel;
        if (cleared.isPresent()) {
            // One more input, which shuts i and f: c = 0, so h = 0, and nothing flows back.
            x = tf.concat(List.of(window, cleared.get()), tf.constant(2));
            weights = tf.concat(
                    List.of(
                            tf.slice(kernel, tf.constant(new int[] {0, 0}), tf.constant(new int[] {inputs, -1})),
                            shutting(tf),
                            tf.slice(kernel, tf.constant(new int[] {inputs, 0}), tf.constant(new int[] {-1, -1}))),
                    tf.constant(0));
        }
        List<Operand<TFloat32>> w = peepholes(tf);
        var block = tf.nn.blockLSTM(
                tf.constant((long) steps),
                x,
                state.get(1),
                state.get(0),
                swapInnerGates(tf, weights, 1),
                w.get(0),
                w.get(1),
                w.get(2),
                swapInnerGates(tf, bias, 0),
                BlockLSTM.cellClip(NO_CLIP),
                BlockLSTM.usePeephole(!peepholes.isEmpty()));
        return List.of(block.h(), block.cs());
    }

    /** Row of the kernel, {@code [1, 4H]}. */
    private Operand<TFloat32> shutting(Ops tf) {
        float[] row = new float[4 * units];
        java.util.Arrays.fill(row, 0, units, SHUT);
        java.util.Arrays.fill(row, 2 * units, 3 * units, SHUT);
        return tf.constant(Shape.of(1, 4L * units), DataBuffers.of(row));
    }

    private List<Operand<TFloat32>> peepholes(Ops tf) {
        if (!peepholes.isEmpty()) {
            return peepholes;
        }
        Operand<TFloat32> none = tf.constant(new float[units]);
        return List.of(none, none, none);
    }

    /** From the order i, c̃, f, o to i, f, c̃, o, and back. */
    static Operand<TFloat32> swapInnerGates(Ops tf, Operand<TFloat32> gates, int axis) {
        List<Operand<TFloat32>> parts =
                new ArrayList<>(tf.split(tf.constant(axis), gates, 4L).output());
        java.util.Collections.swap(parts, 1, 2);
        return tf.concat(parts, tf.constant(axis));
    }
}
