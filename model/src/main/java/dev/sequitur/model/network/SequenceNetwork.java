package dev.sequitur.model.network;

import dev.sequitur.model.cell.AttentiveCell;
import dev.sequitur.model.cell.Cell;
import dev.sequitur.model.cell.StackedCell;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Dropout;
import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.head.HeadLayer;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.head.SampledClasses;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.Kernel;
import dev.sequitur.model.spec.Role;
import dev.sequitur.model.step.StepShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The network of a pipeline: input layer, stack of cells, heads. Before an event is stepped, the heads say what they
 * expected of it, given the state and the event's given fields; after it, what they expect next, given the state alone.
 *
 * <p>Written once for training ({@link #unroll} with dropout), for single steps and for blocks, so that all compute the
 * same function.
 */
public final class SequenceNetwork {
    private static final int OUTPUT_SALT = 0;
    private static final int GIVEN_SALT = 1;
    private static final int LAYER_SALT = 2;

    private final FeatureLayout features;
    private final HeadLayout headLayout;
    private final InputLayer inputs;
    private final InputLayer given;
    private final StackedCell stack;
    private final Optional<AttentiveCell> attentive;
    /** For single steps. */
    private final Cell cell;

    /** For many steps: the stack that computes the same in another way, where {@link Kernel} says so. */
    private final StackedCell unrolled;

    private final Operand<TFloat32> modulation;
    private final HeadLayer heads;

    /**
     * Outputs of a step, {@code [B,·]}, or of T steps, {@code [T·B,·]} with the step's index first.
     *
     * @param trained the surprise that a training loss is made of: {@code surprise}, or what sampled classes give of it
     * @param penalty {@code [T·B]}, nats: what a cell adds to the loss of an event while it is trained
     */
    public record Outputs(
            Operand<TFloat32> surprise,
            Operand<TFloat32> expected,
            Operand<TFloat32> prediction,
            Operand<TFloat32> state,
            Operand<TFloat32> trained,
            Optional<Operand<TFloat32>> penalty) {
        /** Outputs without a sample of classes and without a penalty. */
        public Outputs(
                Operand<TFloat32> surprise,
                Operand<TFloat32> expected,
                Operand<TFloat32> prediction,
                Operand<TFloat32> state) {
            this(surprise, expected, prediction, state, surprise, Optional.empty());
        }
    }

    /**
     * What training does to an unrolled network.
     *
     * @param dropout of layers' outputs
     * @param givenDropout of the given fields, by row
     * @param noise of cells that sample
     * @param sampled classes of the fields whose softmax is over a sample
     */
    public record Regularization(
            Dropout dropout, Dropout givenDropout, Noise noise, Map<String, SampledClasses> sampled) {}

    public SequenceNetwork(PipelineSpec spec, Map<String, LearnedField> learned, Weights weights) {
        features = new FeatureLayout(spec);
        headLayout = new HeadLayout(spec, learned);
        inputs = new InputLayer(features, spec.fields(Role.INPUT), learned, weights);
        stack = StackedCell.of(spec.cell(), weights, inputs.width());
        attentive = spec.cell().attention() == 0
                ? Optional.empty()
                : Optional.of(new AttentiveCell(weights, stack, spec.cell().attention()));
        cell = attending(spec.cell().kernel() == Kernel.FUSED ? stack.fused() : stack);
        unrolled = spec.cell().kernel() == Kernel.PLAIN ? stack : stack.fused();
        List<FieldSpec> givenFields = spec.fields(Role.GIVEN);
        int known = cell.outputWidth();
        if (givenFields.isEmpty()) {
            given = null;
            modulation = null;
        } else {
            given = new InputLayer(features, givenFields, learned, weights);
            int width = given.width() + 1;
            modulation = weights.get("given/modulation", Initializer.glorotUniform(), width, cell.outputWidth());
            known = 2 * cell.outputWidth() + width;
        }
        heads = new HeadLayer(features, headLayout, learned, weights, known);
    }

    private Cell attending(StackedCell form) {
        return attentive.<Cell>map(a -> a.over(form)).orElse(form);
    }

    public StepShape shape() {
        int state = cell.state().stream().mapToInt(Cell.StateSlice::width).sum();
        return new StepShape(features.width(), state, headLayout.surprises(), headLayout.parameters());
    }

    /** The slices of a state row. */
    public List<Slice> stateSlices() {
        List<Slice> slices = new ArrayList<>();
        int at = 0;
        for (Cell.StateSlice part : cell.state()) {
            slices.add(new Slice(part.name(), at, part.width()));
            at += part.width();
        }
        return slices;
    }

    /**
     * What the prediction that a state gives looks at.
     *
     * @param state {@code [B,S]}
     * @return weights {@code [B,W]} of the last W events, newest first; empty where the spec asks for no attention
     */
    public Optional<Operand<TFloat32>> attention(Ops tf, Operand<TFloat32> state) {
        return attentive.map(a -> a.attention(tf, parts(tf, state)));
    }

    /**
     * One event of each entity.
     *
     * @param rows {@code [B,I]}
     * @param state {@code [B,S]}
     */
    public Outputs step(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> state) {
        List<Operand<TFloat32>> before = keep(tf, rows, parts(tf, state));
        Operand<TFloat32> expectedRaw = heads.raw(tf, known(tf, cell.output(tf, before), rows, null));
        List<Operand<TFloat32>> after = cell.step(tf, inputs.of(tf, rows), before);
        Operand<TFloat32> nextRaw = heads.raw(tf, known(tf, cell.output(tf, after), null, null));
        return new Outputs(
                heads.surprise(tf, expectedRaw, rows),
                heads.parameters(tf, expectedRaw),
                heads.parameters(tf, nextRaw),
                row(tf, after));
    }

    /**
     * One event of each entity, with what the cells compute on the way. By the plain form of each cell, as fused kernels
     * say nothing of their gates; it computes what {@link #step} does.
     *
     * @param rows {@code [B,I]}
     * @param state {@code [B,S]}
     * @param signals hears of the layers' signals, {@code 1.forget} and so on
     * @return the state {@code [B,S]} after the event
     */
    public Operand<TFloat32> look(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> state, Cell.Signals signals) {
        List<Operand<TFloat32>> before = keep(tf, rows, parts(tf, state));
        return row(tf, attending(stack).step(tf, inputs.of(tf, rows), before, List.of(), signals));
    }

    /**
     * T events of each entity, one after the other.
     *
     * @param rows {@code [T,B,I]}. With lengths, a session starts with an entity's first row or with none; without them,
     *     anywhere, and the prediction after the event before is void
     * @param lengths {@code [B]}: an entity's state is that after so many events; null: all have T
     * @param state {@code [B,S]}
     * @param regularization null outside training
     */
    public Outputs unroll(
            Ops tf,
            int steps,
            Operand<TFloat32> rows,
            Operand<TInt32> lengths,
            Operand<TFloat32> state,
            Regularization regularization) {
        Operand<TFloat32> flat = tf.reshape(rows, tf.constant(new int[] {-1, features.width()}));
        Operand<TFloat32> flatInputs = inputs.of(tf, flat);
        Operand<TFloat32> window = tf.reshape(
                flatInputs,
                tf.concat(
                        List.of(
                                tf.slice(tf.shape(rows), tf.constant(new int[] {0}), tf.constant(new int[] {2})),
                                tf.constant(new int[] {inputs.width()})),
                        tf.constant(0)));
        Cell stepped = attending(regularization == null ? unrolled : masked(tf, regularization.dropout(), state));
        List<Operand<TFloat32>> parts = parts(tf, state);
        if (stepped.sweep().isPresent()) {
            return swept(tf, steps, rows, lengths, regularization, stepped, window, parts);
        }
        List<? extends Operand<TFloat32>> rowOfStep = unstack(tf, rows, steps);
        List<? extends Operand<TFloat32>> inputOfStep = unstack(tf, window, steps);
        List<Operand<TFloat32>> outputsBefore = new ArrayList<>();
        List<Operand<TFloat32>> outputsAfter = new ArrayList<>();
        List<Operand<TFloat32>> penalties = new ArrayList<>();
        for (int t = 0; t < steps; t++) {
            List<Operand<TFloat32>> before = keep(tf, rowOfStep.get(t), parts);
            Operand<TFloat32> input = inputOfStep.get(t);
            Cell.Observation event = regularization == null
                    ? new Cell.Observation(
                            stepped.output(tf, before), stepped.step(tf, input, before), Optional.empty())
                    : stepped.observe(
                            tf, input, before, List.of(), regularization.noise().at(t));
            outputsBefore.add(event.output());
            event.penalty().ifPresent(penalties::add);
            List<Operand<TFloat32>> after = event.state();
            parts = lengths == null ? after : chosen(tf, behind(tf, t, lengths), after, parts);
            outputsAfter.add(stepped.output(tf, after));
        }
        return outputs(
                tf,
                flat,
                rowsOf(tf, outputsBefore),
                rowsOf(tf, outputsAfter),
                parts,
                penalties.isEmpty() ? Optional.empty() : Optional.of(rowsOf(tf, penalties)),
                regularization);
    }

    private Outputs outputs(
            Ops tf,
            Operand<TFloat32> flat,
            Operand<TFloat32> outputsBefore,
            Operand<TFloat32> outputsAfter,
            List<Operand<TFloat32>> parts,
            Optional<Operand<TFloat32>> penalty,
            Regularization regularization) {
        Operand<TFloat32> known = known(tf, outputsBefore, flat, regularization);
        Operand<TFloat32> expectedRaw = heads.raw(tf, known);
        Operand<TFloat32> nextRaw = heads.raw(tf, known(tf, outputsAfter, null, null));
        Operand<TFloat32> surprise = heads.surprise(tf, expectedRaw, flat);
        boolean sampling = regularization != null && !regularization.sampled().isEmpty();
        return new Outputs(
                surprise,
                heads.parameters(tf, expectedRaw),
                heads.parameters(tf, nextRaw),
                row(tf, parts),
                sampling ? heads.surprise(tf, known, flat, regularization.sampled()) : surprise,
                penalty);
    }

    /** Whether one operation takes all steps of a block, however many. */
    public boolean sweeps() {
        return attending(unrolled).sweep().isPresent();
    }

    /** Training knows no lengths and no prediction, serving no start inside a block: what a sweep can do. */
    private Outputs swept(
            Ops tf,
            int steps,
            Operand<TFloat32> rows,
            Operand<TInt32> lengths,
            Regularization regularization,
            Cell unrolledCell,
            Operand<TFloat32> window,
            List<Operand<TFloat32>> parts) {
        Operand<TFloat32> flat = tf.reshape(rows, tf.constant(new int[] {-1, features.width()}));
        Slice start = features.start();
        Operand<TFloat32> starts = tf.slice(
                rows, tf.constant(new int[] {0, 0, start.offset()}), tf.constant(new int[] {-1, -1, start.width()}));
        Operand<TFloat32> first = tf.reshape(
                tf.slice(rows, tf.constant(new int[] {0, 0, 0}), tf.constant(new int[] {1, -1, -1})),
                tf.constant(new int[] {-1, features.width()}));
        SweptWindow swept = new SweptWindow(
                tf,
                steps,
                unrolledCell,
                window,
                keep(tf, first, parts),
                lengths == null ? Optional.of(starts) : Optional.empty());
        return outputs(
                tf,
                flat,
                swept.outputsBefore(),
                swept.outputsAfter(),
                lengths == null
                        ? swept.state()
                        // Where there was no event, no start counts.
                        : chosen(tf, behind(tf, 0, lengths), swept.state(lengths), parts),
                Optional.empty(),
                regularization);
    }

    private static List<? extends Operand<TFloat32>> unstack(Ops tf, Operand<TFloat32> values, int steps) {
        return tf.unstack(values, (long) steps, Unstack.axis(0L)).output();
    }

    private Operand<TFloat32> rowsOf(Ops tf, List<Operand<TFloat32>> outputs) {
        return outputs.size() == 1 ? outputs.get(0) : tf.concat(outputs, tf.constant(0));
    }

    private StackedCell masked(Ops tf, Dropout dropout, Operand<TFloat32> state) {
        List<Operand<TFloat32>> masks = new ArrayList<>();
        for (int width : stack.innerWidths()) {
            Operand<TInt32> rows = tf.slice(tf.shape(state), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
            Operand<TInt32> shape = tf.concat(List.of(rows, tf.constant(new int[] {width})), tf.constant(0));
            masks.add(dropout.mask(tf, tf.fill(shape, tf.constant(0f)), LAYER_SALT + masks.size()));
        }
        return unrolled.withMasks(masks);
    }

    /** The parts of the state, zero where a row says that a session starts. */
    private List<Operand<TFloat32>> keep(Ops tf, Operand<TFloat32> rows, List<? extends Operand<TFloat32>> parts) {
        Operand<TFloat32> keep = tf.math.sub(tf.constant(1f), Columns.of(tf, rows, features.start()));
        List<Operand<TFloat32>> kept = new ArrayList<>();
        for (Operand<TFloat32> part : parts) {
            kept.add(tf.math.mul(part, keep));
        }
        return kept;
    }

    /** {@code [B,1]}: whether an entity has more than t events. */
    private static Operand<TBool> behind(Ops tf, int t, Operand<TInt32> lengths) {
        return tf.expandDims(tf.math.less(tf.constant(t), lengths), tf.constant(1));
    }

    private static List<Operand<TFloat32>> chosen(
            Ops tf, Operand<TBool> condition, List<Operand<TFloat32>> yes, List<Operand<TFloat32>> no) {
        List<Operand<TFloat32>> parts = new ArrayList<>();
        for (int i = 0; i < yes.size(); i++) {
            parts.add(tf.select(condition, yes.get(i), no.get(i)));
        }
        return parts;
    }

    private List<Operand<TFloat32>> parts(Ops tf, Operand<TFloat32> state) {
        List<Operand<TFloat32>> parts = new ArrayList<>();
        for (Slice slice : stateSlices()) {
            parts.add(Columns.of(tf, state, slice));
        }
        return parts;
    }

    private static Operand<TFloat32> row(Ops tf, List<Operand<TFloat32>> parts) {
        return parts.size() == 1 ? tf.identity(parts.get(0)) : tf.concat(parts, tf.constant(1));
    }

    /**
     * What the heads get. Given fields g modulate the output h: {@code [h, h ∘ (M g), g]}, so that each given value can
     * read the state in its own way; a last column of g says whether they are known.
     *
     * @param rows of the event whose given fields are known, or null
     */
    private Operand<TFloat32> known(
            Ops tf, Operand<TFloat32> output, Operand<TFloat32> rows, Regularization regularization) {
        Operand<TFloat32> hidden = output;
        if (regularization != null) {
            hidden = tf.math.mul(hidden, regularization.dropout().mask(tf, hidden, OUTPUT_SALT));
        }
        if (given == null) {
            return hidden;
        }
        Operand<TFloat32> zero = tf.math.mul(Columns.of(tf, output, 0, 1), tf.constant(0f));
        Operand<TFloat32> values;
        if (rows == null) {
            values = tf.concat(java.util.Collections.nCopies(given.width() + 1, zero), tf.constant(1));
        } else {
            Operand<TFloat32> shown = tf.math.add(zero, tf.constant(1f));
            if (regularization != null) {
                // The mask is 0 or 1/keep; its sign says whether the row's given fields are shown.
                shown = tf.math.minimum(shown, regularization.givenDropout().mask(tf, shown, GIVEN_SALT));
            }
            values = tf.concat(List.of(tf.math.mul(given.of(tf, rows), shown), shown), tf.constant(1));
        }
        Operand<TFloat32> modulated = tf.math.mul(hidden, tf.linalg.matMul(values, modulation));
        return tf.concat(List.of(hidden, modulated, values), tf.constant(1));
    }
}
