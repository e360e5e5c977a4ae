package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Noise;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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

    /**
     * What training makes of an event.
     *
     * @param output {@code [B,H]}: what the heads get to predict the event itself
     * @param state parts {@code [B,width]} after the event
     * @param penalty {@code [B]}, nats: what training adds to the event's loss; none for most cells
     */
    record Observation(Operand<TFloat32> output, List<Operand<TFloat32>> state, Optional<Operand<TFloat32>> penalty) {}

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
     * @param below the parts of the state of the layer beneath after the same event, for a cell that looks at more of it
     *     than its output; empty at the lowest layer
     * @param signals hears what is computed on the way
     */
    List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals);

    /** The state after an input, with no layer beneath. */
    default List<Operand<TFloat32>> step(Ops tf, Operand<TFloat32> input, List<Operand<TFloat32>> state) {
        return step(tf, input, state, List.of(), Signals.NONE);
    }

    /**
     * Hears what a step computes between its input and its state: each gate, and each result of a pointwise operation, by
     * the names of the cell's paper. What a step only says and doesn't need is made only where someone listens.
     */
    @FunctionalInterface
    interface Signals {
        /** For a step that nobody looks into. */
        Signals NONE = (name, value) -> {};

        /** @param value makes {@code [B,width]} */
        void say(String name, Supplier<Operand<TFloat32>> value);

        /** @param value {@code [B,width]} */
        default void say(String name, Operand<TFloat32> value) {
            say(name, () -> value);
        }

        /** What is said to the result is said to this one with a prefix. */
        default Signals under(String prefix) {
            return (name, value) -> say(prefix + name, value);
        }
    }

    /**
     * An event as training sees it: the same as in serving, where a cell doesn't say otherwise. Without noise it is
     * always the same.
     *
     * @param below as {@link #step} has it
     * @param noise of this step
     */
    default Observation observe(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Noise noise) {
        return new Observation(output(tf, state), step(tf, input, state, below, Signals.NONE), Optional.empty());
    }

    /**
     * This cell by TensorFlow's fused kernels: the same weights, the same function (to 1e-5 in float32), the same
     * gradients. Itself where there are none.
     */
    default Cell fused() {
        return this;
    }

    /** Many steps in one operation, where the cell has one for them. */
    default Optional<Sweep> sweep() {
        return Optional.empty();
    }

    /** Steps a window. */
    @FunctionalInterface
    interface Sweep {
        /**
         * The states after each of T steps, parts {@code [T,B,width]}.
         *
         * @param inputs {@code [T,B,I]}
         * @param state before the first step, parts {@code [B,width]}
         * @param cleared {@code [T,B,1]}: 1 where the state after the step is to be zero, as a session starts with the
         *     next one; else 0
         */
        List<Operand<TFloat32>> states(
                Ops tf,
                int steps,
                Operand<TFloat32> inputs,
                List<Operand<TFloat32>> state,
                Optional<Operand<TFloat32>> cleared);
    }
}
