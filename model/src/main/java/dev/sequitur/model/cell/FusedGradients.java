package dev.sequitur.model.cell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.RawTensor;
import org.tensorflow.Tensor;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.op.nn.GRUBlockCell;
import org.tensorflow.op.nn.LSTMBlockCell;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Gradients of TensorFlow's fused cells. It has kernels for them, and joins them to no operation; this does, for every
 * graph of the process.
 *
 * <p>The gradient of {@code BlockLSTMV2} isn't its own {@code BlockLSTMGradV2}, which multiplies small matrices at every
 * step: here a step back is one {@code LSTMBlockCellGrad} and one product, and the gradients of kernel, bias and inputs
 * are one product each for the whole window: as fast with 64 units, twice as fast with 128 and more.
 *
 * <p>Shapes: input {@code [B,I]}, hidden and cell {@code [B,H]}, gates' gradients {@code [B,4H]}. Checked by {@code
 * FusedCellTest} and {@code CellReferenceTest}.
 *
 * <p>Threading: called by TensorFlow inside {@code Graph.addGradients}, which holds the graph's lock: asking an operation
 * for a shape there never returns.
 */
final class FusedGradients {
    /** Outputs of {@code LSTMBlockCell} and {@code BlockLSTMV2}. */
    private static final int CELL = 1;

    private static final int HIDDEN = 6;
    private static final int OUTPUTS = 7;

    static {
        // False where the process has one already, which computes the same.
        TensorFlow.registerCustomGradient(LSTMBlockCell.OP_NAME, FusedGradients::lstmStep);
        TensorFlow.registerCustomGradient(BlockLSTM.OP_NAME, FusedGradients::lstmWindow);
        TensorFlow.registerCustomGradient(GRUBlockCell.OP_NAME, FusedGradients::gruStep);
    }

    private FusedGradients() {}

    /** To be called before gradients of a fused cell are asked for. */
    static void register() {
        // The class is initialised, once.
    }

    private static List<Operand<?>> lstmStep(Ops tf, GraphOperation op, List<Output<?>> gradients) {
        Operand<TFloat32> x = input(op, 0);
        Operand<TFloat32> hidden = input(op, 2);
        Operand<TFloat32> kernel = input(op, 3);
        List<Operand<TFloat32>> outputs = outputs(op);
        var back = tf.nn.lSTMBlockCellGrad(
                x,
                input(op, 1),
                hidden,
                kernel,
                input(op, 4),
                input(op, 5),
                input(op, 6),
                input(op, 7),
                outputs.get(0),
                outputs.get(1),
                outputs.get(2),
                outputs.get(3),
                outputs.get(4),
                outputs.get(5),
                gradient(tf, gradients, CELL, outputs),
                gradient(tf, gradients, HIDDEN, outputs),
                op.attributes().getAttrBool("use_peephole"));
        Operand<TFloat32> gates = back.dicfo();
        Operand<TFloat32> both = tf.linalg.matMul(gates, kernel, MatMul.transposeB(true));
        Operand<TInt32> inputs = size(tf, x, 1);
        return List.of(
                tf.slice(both, tf.constant(new int[] {0, 0}), pair(tf, -1, inputs)),
                back.csPrevGrad(),
                tf.slice(both, pair(tf, 0, inputs), tf.constant(new int[] {-1, -1})),
                tf.linalg.matMul(tf.concat(List.of(x, hidden), tf.constant(1)), gates, MatMul.transposeA(true)),
                back.wciGrad(),
                back.wcfGrad(),
                back.wcoGrad(),
                tf.reduceSum(gates, tf.constant(0)));
    }

    /** The kernel and bias of a {@code BlockLSTMV2} have their columns in the order i, f, c̃, o. */
    private static List<Operand<?>> lstmWindow(Ops tf, GraphOperation op, List<Output<?>> gradients) {
        int steps = steps((GraphOperation) op.input(0).op());
        boolean peephole = op.attributes().getAttrBool("use_peephole");
        Operand<TFloat32> x = input(op, 1);
        Operand<TFloat32> kernel = input(op, 4);
        List<Operand<TFloat32>> outputs = outputs(op);
        List<List<Operand<TFloat32>>> of = new ArrayList<>();
        outputs.forEach(output -> of.add(steps(tf, output, steps)));
        List<Operand<TFloat32>> xs = steps(tf, x, steps);
        List<Operand<TFloat32>> cellGradients = steps(tf, gradient(tf, gradients, CELL, outputs), steps);
        List<Operand<TFloat32>> hiddenGradients = steps(tf, gradient(tf, gradients, HIDDEN, outputs), steps);
        Operand<TInt32> inputs = size(tf, x, 2);
        Operand<TFloat32> inputKernel = tf.slice(kernel, tf.constant(new int[] {0, 0}), pair(tf, inputs, -1));
        Operand<TFloat32> hiddenKernel = FusedLstmCell.swapInnerGates(
                tf, tf.slice(kernel, pair(tf, inputs, 0), tf.constant(new int[] {-1, -1})), 1);

        List<Operand<TFloat32>> cellsBefore = before(input(op, 2), of.get(CELL));
        List<Operand<TFloat32>> hiddensBefore = before(input(op, 3), of.get(HIDDEN));
        List<Operand<TFloat32>> gates = new ArrayList<>(Collections.nCopies(steps, null));
        List<List<Operand<TFloat32>>> peepholes = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Operand<TFloat32> cell = cellGradients.get(steps - 1);
        Operand<TFloat32> hidden = hiddenGradients.get(steps - 1);
        for (int t = steps - 1; t >= 0; t--) {
            var back = tf.nn.lSTMBlockCellGrad(
                    xs.get(t),
                    cellsBefore.get(t),
                    hiddensBefore.get(t),
                    kernel,
                    input(op, 5),
                    input(op, 6),
                    input(op, 7),
                    input(op, 8),
                    of.get(0).get(t),
                    of.get(1).get(t),
                    of.get(2).get(t),
                    of.get(3).get(t),
                    of.get(4).get(t),
                    of.get(5).get(t),
                    cell,
                    hidden,
                    peephole);
            gates.set(t, back.dicfo());
            peepholes.get(0).add(back.wciGrad());
            peepholes.get(1).add(back.wcfGrad());
            peepholes.get(2).add(back.wcoGrad());
            cell = back.csPrevGrad();
            hidden = tf.linalg.matMul(back.dicfo(), hiddenKernel, MatMul.transposeB(true));
            if (t > 0) {
                cell = tf.math.add(cell, cellGradients.get(t - 1));
                hidden = tf.math.add(hidden, hiddenGradients.get(t - 1));
            }
        }
        Operand<TFloat32> allGates = FusedLstmCell.swapInnerGates(tf, rows(tf, gates), 1);
        Operand<TFloat32> flat = tf.reshape(x, pair(tf, -1, inputs));
        Operand<TFloat32> both = tf.concat(List.of(flat, rows(tf, hiddensBefore)), tf.constant(1));
        List<Operand<?>> all = new ArrayList<>(Arrays.asList(
                tf.zerosLike(op.input(0)),
                tf.reshape(tf.linalg.matMul(allGates, inputKernel, MatMul.transposeB(true)), tf.shape(x)),
                cell,
                hidden,
                tf.linalg.matMul(both, allGates, MatMul.transposeA(true))));
        for (int p = 0; p < peepholes.size(); p++) {
            all.add(peephole ? tf.math.addN(peepholes.get(p)) : tf.zerosLike(input(op, 5 + p)));
        }
        all.add(tf.reduceSum(allGates, tf.constant(0)));
        return all;
    }

    /** The value of the constant that says how many steps there are. */
    private static int steps(GraphOperation constant) {
        try (Tensor value = constant.attributes().getAttrTensor("value")) {
            return Math.toIntExact(((RawTensor) value).data().asLongs().getLong(0));
        }
    }

    private static List<Operand<?>> gruStep(Ops tf, GraphOperation op, List<Output<?>> gradients) {
        Operand<TFloat32> x = input(op, 0);
        Operand<TFloat32> hidden = input(op, 1);
        Operand<TFloat32> r = output(op, 0);
        var back = tf.nn.gRUBlockCellGrad(
                x,
                hidden,
                input(op, 2),
                input(op, 3),
                input(op, 4),
                input(op, 5),
                r,
                output(op, 1),
                output(op, 2),
                gradients.get(3).expect(TFloat32.class));
        Operand<TFloat32> both = tf.concat(List.of(x, hidden), tf.constant(1));
        Operand<TFloat32> reset = tf.concat(List.of(x, tf.math.mul(r, hidden)), tf.constant(1));
        return List.of(
                back.dX(),
                back.dHPrev(),
                tf.linalg.matMul(both, back.dRBarUBar(), MatMul.transposeA(true)),
                tf.linalg.matMul(reset, back.dCBar(), MatMul.transposeA(true)),
                tf.reduceSum(back.dRBarUBar(), tf.constant(0)),
                tf.reduceSum(back.dCBar(), tf.constant(0)));
    }

    private static Operand<TFloat32> input(GraphOperation op, int index) {
        return op.input(index).expect(TFloat32.class);
    }

    private static Operand<TFloat32> output(GraphOperation op, int index) {
        return op.output(index).expect(TFloat32.class);
    }

    private static List<Operand<TFloat32>> outputs(GraphOperation op) {
        List<Operand<TFloat32>> outputs = new ArrayList<>();
        for (int i = 0; i < OUTPUTS; i++) {
            outputs.add(output(op, i));
        }
        return outputs;
    }

    /** Zeros for an output that nobody uses. */
    private static Operand<TFloat32> gradient(
            Ops tf, List<Output<?>> gradients, int output, List<Operand<TFloat32>> outputs) {
        Output<?> gradient = gradients.get(output);
        return gradient == null ? tf.zerosLike(outputs.get(output)) : gradient.expect(TFloat32.class);
    }

    private static List<Operand<TFloat32>> steps(Ops tf, Operand<TFloat32> window, int steps) {
        return new ArrayList<>(
                tf.unstack(window, (long) steps, Unstack.axis(0L)).output());
    }

    /** What each step found: the initial state, then the states after all steps but the last. */
    private static List<Operand<TFloat32>> before(Operand<TFloat32> initial, List<Operand<TFloat32>> after) {
        List<Operand<TFloat32>> before = new ArrayList<>(List.of(initial));
        before.addAll(after.subList(0, after.size() - 1));
        return before;
    }

    private static Operand<TFloat32> rows(Ops tf, List<Operand<TFloat32>> steps) {
        return steps.size() == 1 ? steps.get(0) : tf.concat(steps, tf.constant(0));
    }

    /** A dimension as {@code [1]}. */
    private static Operand<TInt32> size(Ops tf, Operand<TFloat32> tensor, int dimension) {
        return tf.slice(tf.shape(tensor), tf.constant(new int[] {dimension}), tf.constant(new int[] {1}));
    }

    private static Operand<TInt32> pair(Ops tf, int first, Operand<TInt32> second) {
        return tf.concat(List.of(tf.constant(new int[] {first}), second), tf.constant(0));
    }

    private static Operand<TInt32> pair(Ops tf, Operand<TInt32> first, int second) {
        return tf.concat(List.of(first, tf.constant(new int[] {second})), tf.constant(0));
    }
}
