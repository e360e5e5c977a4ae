package dev.sequitur.model.network;

import dev.sequitur.model.cell.Cell;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.head.MemberMixture;
import dev.sequitur.model.network.SequenceNetwork.Outputs;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Networks of the same spec side by side, each with its own weights and its own part of the state row; what they expect
 * is mixed ({@link MemberMixture}). An ensemble of one is that network.
 */
public final class EnsembleNetwork {
    private final List<SequenceNetwork> members;
    private final List<Slice> states = new ArrayList<>();
    private final MemberMixture mixture;
    private final StepShape shape;

    /** @param weights of each member */
    public EnsembleNetwork(PipelineSpec spec, Map<String, LearnedField> learned, List<Weights> weights) {
        members =
                weights.stream().map(w -> new SequenceNetwork(spec, learned, w)).toList();
        mixture = new MemberMixture(new HeadLayout(spec, learned), members.size());
        int state = 0;
        for (SequenceNetwork member : members) {
            Slice slice =
                    new Slice("member" + states.size(), state, member.shape().state());
            states.add(slice);
            state = slice.end();
        }
        HeadLayout heads = new HeadLayout(spec, learned, members.size());
        shape = new StepShape(members.get(0).shape().features(), state, heads.surprises(), heads.parameters());
    }

    /** Whether one operation takes all steps of a block, however many. */
    public boolean sweeps() {
        return members.get(0).sweeps();
    }

    public StepShape shape() {
        return shape;
    }

    /** The slices of a state row: one member's after the other's, {@code member0/layer0/hidden} and so on. */
    public List<Slice> stateSlices() {
        if (members.size() == 1) {
            return members.get(0).stateSlices();
        }
        List<Slice> slices = new ArrayList<>();
        for (int m = 0; m < members.size(); m++) {
            Slice own = states.get(m);
            for (Slice part : members.get(m).stateSlices()) {
                slices.add(new Slice(own.name() + "/" + part.name(), own.offset() + part.offset(), part.width()));
            }
        }
        return slices;
    }

    /** {@link SequenceNetwork#step}. */
    public Outputs step(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> state) {
        return mixed(tf, state, (member, own) -> member.step(tf, rows, own));
    }

    /** {@link SequenceNetwork#unroll}, as it is outside training. */
    public Outputs unroll(Ops tf, int steps, Operand<TFloat32> rows, Operand<TInt32> lengths, Operand<TFloat32> state) {
        return mixed(tf, state, (member, own) -> member.unroll(tf, steps, rows, lengths, own, null));
    }

    /** {@link SequenceNetwork#attention}: the mean of the members', who count the same in the mixture. */
    public Optional<Operand<TFloat32>> attention(Ops tf, Operand<TFloat32> state) {
        if (members.size() == 1) {
            return members.get(0).attention(tf, state);
        }
        List<Operand<TFloat32>> weights = new ArrayList<>();
        for (int m = 0; m < members.size(); m++) {
            members.get(m).attention(tf, Columns.of(tf, state, states.get(m))).ifPresent(weights::add);
        }
        return weights.isEmpty()
                ? Optional.empty()
                : Optional.of(tf.math.div(tf.math.addN(weights), tf.constant((float) members.size())));
    }

    /**
     * {@link SequenceNetwork#look} into every member; of several, each has a prefix: {@code member0/1.forget} and so on.
     */
    public Operand<TFloat32> look(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> state, Cell.Signals signals) {
        if (members.size() == 1) {
            return members.get(0).look(tf, rows, state, signals);
        }
        List<Operand<TFloat32>> after = new ArrayList<>();
        for (int m = 0; m < members.size(); m++) {
            Slice own = states.get(m);
            after.add(members.get(m).look(tf, rows, Columns.of(tf, state, own), signals.under(own.name() + "/")));
        }
        return Columns.join(tf, after);
    }

    private Outputs mixed(
            Ops tf, Operand<TFloat32> state, BiFunction<SequenceNetwork, Operand<TFloat32>, Outputs> call) {
        if (members.size() == 1) {
            return call.apply(members.get(0), state);
        }
        List<Outputs> outputs = new ArrayList<>();
        for (int m = 0; m < members.size(); m++) {
            outputs.add(call.apply(members.get(m), Columns.of(tf, state, states.get(m))));
        }
        return new Outputs(
                mixture.surprise(tf, outputs.stream().map(Outputs::surprise).toList()),
                mixture.parameters(tf, outputs.stream().map(Outputs::expected).toList()),
                mixture.parameters(tf, outputs.stream().map(Outputs::prediction).toList()),
                Columns.join(tf, outputs.stream().map(Outputs::state).toList()));
    }
}
