package dev.sequitur.model.cell;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * One step of a recurrent network: a pure function {@code (input, state) → state}. The loop ({@code SequenceNetwork}) and
 * the stack ({@link StackedCell}) are not in the cell.
 *
 * <p>The output is a function of the state. So whatever is kept of an entity between two events is enough to say what
 * follows, and a prediction survives a restart without being stored.
 */
public interface Cell {
    /** A named part of the state. */
    record StateSlice(String name, int width) {}

    /** The parts of the state, in the order of the lists that {@link #step} takes and returns. */
    List<StateSlice> state();

    /** H, width of the output. */
    default int outputWidth() {
        return state().get(0).width();
    }

    /**
     * The output {@code [B,H]} that goes with a state of parts {@code [B,width]}: the first part, where a cell doesn't say
     * otherwise.
     */
    default Operand<TFloat32> output(Ops tf, List<Operand<TFloat32>> state) {
        return state.get(0);
    }

    /**
     * The state after an input.
     *
     * @param input {@code [B,I]}
     * @param state parts {@code [B,width]}
     */
    List<Operand<TFloat32>> step(Ops tf, Operand<TFloat32> input, List<Operand<TFloat32>> state);
}
