package dev.sequitur.model.evaluate;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.model.step.StepBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Scores a timeline without Kafka: up to {@value #SIDE_BY_SIDE} entities side by side, each in its own order. */
public final class OfflineScoring {
    private static final int SIDE_BY_SIDE = 256;

    private final SequenceModel model;
    private final StatePrecision precision;

    public OfflineScoring(SequenceModel model) {
        this(model, StatePrecision.FLOAT32);
    }

    /** @param precision that each state is rounded to after each step: what storing it so costs at most */
    public OfflineScoring(SequenceModel model, StatePrecision precision) {
        this.model = model;
        this.precision = precision;
    }

    /** Hears each outcome; an entity's in its order. */
    @FunctionalInterface
    public interface Visitor {
        /** @param step index in the timeline */
        void outcome(int step, StepOutcome outcome);
    }

    public void run(Timeline timeline, Visitor visitor) {
        List<Deque<Integer>> perEntity = new ArrayList<>();
        for (int i = 0; i < timeline.sequences(); i++) {
            perEntity.add(new ArrayDeque<>());
        }
        for (int i = 0; i < timeline.steps().size(); i++) {
            perEntity.get(timeline.steps().get(i).sequence()).add(i);
        }
        perEntity.removeIf(Deque::isEmpty);
        int stateWidth = model.step().shape().state();
        for (int from = 0; from < perEntity.size(); from += SIDE_BY_SIDE) {
            List<Deque<Integer>> active =
                    new ArrayList<>(perEntity.subList(from, Math.min(perEntity.size(), from + SIDE_BY_SIDE)));
            float[][] states = new float[active.size()][stateWidth];
            ByteBuffer[] memories = new ByteBuffer[active.size()];
            Arrays.setAll(memories, e -> model.alarms().memory());
            run(timeline, active, states, memories, visitor);
        }
    }

    private void run(
            Timeline timeline,
            List<Deque<Integer>> entities,
            float[][] states,
            ByteBuffer[] memories,
            Visitor visitor) {
        StepBatch batch = new StepBatch(model.step().shape());
        int features = batch.shape().features();
        int width = batch.shape().state();
        while (true) {
            int[] stepOf = new int[entities.size()];
            int[] entityOf = new int[entities.size()];
            int rows = 0;
            for (int e = 0; e < entities.size(); e++) {
                Integer next = entities.get(e).poll();
                if (next != null) {
                    stepOf[rows] = next;
                    entityOf[rows++] = e;
                }
            }
            if (rows == 0) {
                return;
            }
            batch.resize(rows);
            for (int row = 0; row < rows; row++) {
                Timeline.Step step = timeline.steps().get(stepOf[row]);
                if (step.end()) {
                    model.encoder().encodeEnd(batch.features, row * features);
                } else {
                    model.encoder().encode(step.event(), step.clock(), batch.features, row * features);
                }
                System.arraycopy(states[entityOf[row]], 0, batch.state, row * width, width);
            }
            model.step().step(batch);
            for (int row = 0; row < rows; row++) {
                keep(batch.state, row * width, states[entityOf[row]]);
                Timeline.Step step = timeline.steps().get(stepOf[row]);
                visitor.outcome(stepOf[row], outcome(step, batch, row, memories[entityOf[row]]));
                if (last(step)) {
                    memories[entityOf[row]] = model.alarms().memory();
                }
            }
        }
    }

    private void keep(float[] rows, int from, float[] state) {
        System.arraycopy(rows, from, state, 0, state.length);
        if (precision != StatePrecision.FLOAT32) {
            for (int i = 0; i < state.length; i++) {
                state[i] = precision.rounded(state[i]);
            }
        }
    }

    /** Nothing is kept of an entity after this step. */
    private static boolean last(Timeline.Step step) {
        return step.end() || step.event().last();
    }

    private StepOutcome outcome(Timeline.Step step, StepBatch batch, int row, ByteBuffer memory) {
        return new StepOutcome(
                model.judge(step.event(), step.clock(), batch, row, memory),
                model.explainer().explain(step.event(), step.clock(), batch, row),
                last(step) ? List.of() : model.explainer().predict(batch.prediction, row));
    }
}
