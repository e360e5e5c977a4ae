package dev.sequitur.model.step;

import dev.sequitur.model.feature.FeatureLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What happened inside the cells while an entity's last events were stepped: the gates and the pointwise results by the
 * names of the cells' papers ({@code Cell.Signals}), computed again from a state row and the events' feature rows. Costs a
 * call of the network for each event, only when it is asked for; nothing is kept from stepping.
 *
 * <p>The steps are those of the stream to 1e-5, where its state is kept in {@link StatePrecision#FLOAT32}; in a shorter
 * format, to what that loses.
 *
 * <p>Threading: safe for use by many threads, until the model that it came from is closed.
 */
public final class CellView {
    private final TensorFlowStepFunction step;
    private final int members;

    /** @param members networks of the model, side by side */
    public CellView(TensorFlowStepFunction step, int members) {
        this.step = step;
        this.members = members;
    }

    /**
     * One event's step.
     *
     * @param start whether a session started with it, so that the state counted as zeros
     * @param signals one value a unit, by layer (the lowest is 1) and name: {@code 1.forget}, {@code 2.hidden}
     * @param attention what the prediction after the event looks at, {@code [W]}, the newest event first; empty where the
     *     model has no attention
     */
    public record Step(boolean start, SortedMap<String, float[]> signals, Optional<float[]> attention) {}

    /**
     * How the values of a signal spread over the units: mean, ends and quartiles, which are interpolated linearly between
     * the two nearest values (Hyndman and Fan 1996, definition 7).
     */
    public record Spread(double mean, double min, double p25, double p50, double p75, double max) {
        /** @param values at least one */
        public static Spread of(float[] values) {
            float[] sorted = values.clone();
            Arrays.sort(sorted);
            double sum = 0;
            for (float value : sorted) {
                sum += value;
            }
            return new Spread(
                    sum / sorted.length,
                    sorted[0],
                    quantile(sorted, 0.25),
                    quantile(sorted, 0.5),
                    quantile(sorted, 0.75),
                    sorted[sorted.length - 1]);
        }

        private static double quantile(float[] sorted, double share) {
            double at = share * (sorted.length - 1);
            int below = (int) at;
            int above = Math.min(below + 1, sorted.length - 1);
            return sorted[below] + (at - below) * ((double) sorted[above] - sorted[below]);
        }
    }

    /** Networks of the model; {@link #replay} looks into one of them. */
    public int members() {
        return members;
    }

    /**
     * Steps an entity again.
     *
     * @param member index of the network to look into, 0 where the model has one
     * @param base {@code [S]}, the state row before the first event; not changed
     * @param rows {@code [n,I]}, the encoded events in their order, row-major
     * @param last steps wanted; those of earlier events are taken but not told
     * @return the last steps, oldest first; fewer where there are fewer rows
     * @throws IllegalStateException when the model was written by a version that knew no signature {@code gates}
     * @throws IllegalArgumentException when there is no such member, or the rows aren't of the model's widths
     */
    public List<Step> replay(int member, float[] base, float[] rows, int last) {
        if (member < 0 || member >= members) {
            throw new IllegalArgumentException("member must be 0 to " + (members - 1) + ", got " + member);
        }
        int width = step.shape().features();
        if (base.length != step.shape().state() || rows.length % width != 0) {
            throw new IllegalArgumentException("expected a state row of "
                    + step.shape().state() + " floats and feature rows of " + width + ", got " + base.length + " and "
                    + rows.length + "; rows go with the model that made them, which is told by its fingerprint");
        }
        int events = rows.length / width;
        List<Step> steps = new ArrayList<>();
        float[] state = base;
        for (int i = 0; i < events; i++) {
            float[] row = Arrays.copyOfRange(rows, i * width, (i + 1) * width);
            TensorFlowStepFunction.Inside inside = step.look(row, state);
            state = inside.state();
            if (i >= events - last) {
                steps.add(new Step(
                        row[FeatureLayout.START] != 0,
                        members == 1 ? inside.signals() : signals("member" + member + "/", inside.signals()),
                        step.attends() ? Optional.of(step.attention(state)) : Optional.empty()));
            }
        }
        return steps;
    }

    private static SortedMap<String, float[]> signals(String prefix, SortedMap<String, float[]> all) {
        SortedMap<String, float[]> own = new TreeMap<>();
        all.forEach((name, values) -> {
            if (name.startsWith(prefix)) {
                own.put(name.substring(prefix.length()), values);
            }
        });
        return own;
    }
}
