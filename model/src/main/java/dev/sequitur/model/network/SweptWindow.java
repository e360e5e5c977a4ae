package dev.sequitur.model.network;

import dev.sequitur.model.cell.Cell;
import dev.sequitur.model.cell.Cell.StateSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * T steps of a cell that takes them in one operation ({@link Cell#sweep}).
 *
 * <p>Shapes: inputs {@code [T,B,I]}, outputs {@code [T·B,H]} with the step's index first, parts of the state {@code
 * [B,width]}.
 */
final class SweptWindow {
    private final Ops tf;
    private final int steps;
    private final Cell cell;
    /** States before the window and after each step, parts {@code [(T+1)·B,width]}. */
    private final List<Operand<TFloat32>> states = new ArrayList<>();

    /** B, as {@code [1]}. */
    private final Operand<TInt32> rows;

    /**
     * @param state before the window, reset where a session starts with its first event
     * @param starts {@code [T,B,1]}: 1 where a session starts inside the window, whose event finds a state of zeros. The
     *     output after the event before it is that of zeros too. Empty: none starts inside
     */
    SweptWindow(
            Ops tf,
            int steps,
            Cell cell,
            Operand<TFloat32> inputs,
            List<Operand<TFloat32>> state,
            Optional<Operand<TFloat32>> starts) {
        this.tf = tf;
        this.steps = steps;
        this.cell = cell;
        this.rows = tf.slice(tf.shape(state.get(0)), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
        List<Operand<TFloat32>> after =
                cell.sweep().orElseThrow().states(tf, steps, inputs, state, starts.map(this::cleared));
        for (int p = 0; p < state.size(); p++) {
            StateSlice slice = cell.state().get(p);
            Operand<TFloat32> flat = tf.reshape(after.get(p), tf.constant(new int[] {-1, slice.width()}));
            states.add(tf.concat(List.of(state.get(p), flat), tf.constant(0)));
        }
    }

    /** What each step clears: the state that the next one must find empty. */
    private Operand<TFloat32> cleared(Operand<TFloat32> starts) {
        Operand<TFloat32> later =
                tf.slice(starts, tf.constant(new int[] {1, 0, 0}), tf.constant(new int[] {-1, -1, -1}));
        Operand<TFloat32> first =
                tf.slice(starts, tf.constant(new int[] {0, 0, 0}), tf.constant(new int[] {1, -1, -1}));
        return tf.concat(List.of(later, tf.zerosLike(first)), tf.constant(0));
    }

    /** What the cell's output was when each event came. */
    Operand<TFloat32> outputsBefore() {
        List<Operand<TFloat32>> before = new ArrayList<>();
        Operand<TInt32> window = tf.math.mul(rows, tf.constant(steps));
        for (Operand<TFloat32> part : states) {
            before.add(tf.slice(
                    part,
                    tf.constant(new int[] {0, 0}),
                    tf.concat(List.of(window, tf.constant(new int[] {-1})), tf.constant(0))));
        }
        return cell.output(tf, before);
    }

    /** The cell's output after each event. */
    Operand<TFloat32> outputsAfter() {
        return cell.output(tf, after(rows));
    }

    /** The state after the last step. */
    List<Operand<TFloat32>> state() {
        return after(tf.math.mul(rows, tf.constant(steps)));
    }

    private List<Operand<TFloat32>> after(Operand<TInt32> skipped) {
        List<Operand<TFloat32>> after = new ArrayList<>();
        for (Operand<TFloat32> part : states) {
            after.add(tf.slice(
                    part,
                    tf.concat(List.of(skipped, tf.constant(new int[] {0})), tf.constant(0)),
                    tf.constant(new int[] {-1, -1})));
        }
        return after;
    }

    /** The state after each row's own number of steps. */
    List<Operand<TFloat32>> state(Operand<TInt32> lengths) {
        Operand<TInt32> count = tf.reshape(rows, tf.constant(new int[0]));
        Operand<TInt32> row = tf.range(tf.constant(0), count, tf.constant(1));
        Operand<TInt32> at = tf.math.add(tf.math.mul(lengths, rows), row);
        List<Operand<TFloat32>> own = new ArrayList<>();
        for (Operand<TFloat32> part : states) {
            own.add(tf.gather(part, at, tf.constant(0)));
        }
        return own;
    }
}
