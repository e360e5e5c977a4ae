package dev.sequitur.topology.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts the pending events of many entities into calls of the step function: one event of each side by side (a wave), or
 * T events of each one after the other (a block), so that neither many calls nor much padding is paid.
 *
 * <p>Of all waves and blocks that could come next it takes the one with the most events for its cost, until none is
 * left. What a call costs: {@value #CALL} for itself, {@value #STEP} for each step that has to wait for the one before,
 * 1 for each slot, filled or not; proportions measured with an LSTM of 64 units.
 *
 * <p>Threading: immutable.
 */
public final class Packing {
    private static final int CALL = 40;
    private static final int STEP = 5;

    private final int[] steps;

    /** @param blocks the T that there are, beside single steps */
    public Packing(Collection<Integer> blocks) {
        steps = IntStream.concat(IntStream.of(1), blocks.stream().mapToInt(t -> t))
                .distinct()
                .toArray();
        for (int t : steps) {
            if (t < 1) {
                throw new IllegalArgumentException("a block has at least 1 step, got " + t);
            }
        }
    }

    /**
     * One call of the step function.
     *
     * @param steps T; 1 is a wave
     * @param lanes the entities that take part
     * @param lengths how many of its pending events each of them steps, in [1,T]
     */
    public record Call(int steps, int[] lanes, int[] lengths) {
        public int events() {
            return Arrays.stream(lengths).sum();
        }
    }

    /**
     * The calls, in an order that keeps each entity's events in theirs. They never cost more than waves alone.
     *
     * @param runs for each entity, the lengths of its runs of pending events, in order; a block never goes beyond a run
     */
    public List<Call> plan(List<int[]> runs) {
        List<Call> calls = plan(runs, steps);
        // What looks best at each turn may not be in the end.
        return costOfWaves(runs) < cost(calls) ? plan(runs, new int[] {1}) : calls;
    }

    private static long cost(List<Call> calls) {
        return calls.stream()
                .mapToLong(call -> CALL + (long) call.steps * (STEP + call.lanes.length))
                .sum();
    }

    /** Of waves alone, without planning them: as many as the busiest entity has events, and a slot for each event. */
    private static long costOfWaves(List<int[]> runs) {
        long most = 0;
        long all = 0;
        for (int[] run : runs) {
            int events = 0;
            for (int length : run) {
                events += length;
            }
            most = Math.max(most, events);
            all += events;
        }
        return most * (CALL + STEP) + all;
    }

    private static List<Call> plan(List<int[]> runs, int[] steps) {
        int lanes = runs.size();
        int[] run = new int[lanes];
        int[] left = new int[lanes];
        int pending = 0;
        for (int lane = 0; lane < lanes; lane++) {
            for (int length : runs.get(lane)) {
                if (length < 1) {
                    throw new IllegalArgumentException("a run has at least 1 event, got " + length);
                }
                pending += length;
            }
            left[lane] = runs.get(lane).length == 0 ? 0 : runs.get(lane)[0];
        }
        List<Call> calls = new ArrayList<>();
        while (pending > 0) {
            Call call = best(left, steps);
            for (int i = 0; i < call.lanes.length; i++) {
                int lane = call.lanes[i];
                left[lane] -= call.lengths[i];
                if (left[lane] == 0 && ++run[lane] < runs.get(lane).length) {
                    left[lane] = runs.get(lane)[run[lane]];
                }
            }
            pending -= call.events();
            calls.add(call);
        }
        return calls;
    }

    private static Call best(int[] left, int[] steps) {
        int[] longestFirst = longestFirst(left, Arrays.stream(steps).max().orElse(1));
        int bestSteps = 1;
        int bestLanes = 1;
        double bestWorth = 0;
        for (int t : steps) {
            int events = 0;
            for (int k = 1; k <= longestFirst.length; k++) {
                events += Math.min(t, left[longestFirst[k - 1]]);
                double worth = (double) events / (CALL + STEP * t + (double) t * k);
                if (worth > bestWorth) {
                    bestWorth = worth;
                    bestSteps = t;
                    bestLanes = k;
                }
            }
        }
        int[] lanes = Arrays.copyOf(longestFirst, bestLanes);
        int longest = bestSteps;
        return new Call(
                bestSteps,
                lanes,
                Arrays.stream(lanes).map(lane -> Math.min(longest, left[lane])).toArray());
    }

    /**
     * The lanes that have events left, by how many, where what is more than {@code most} counts as that: no call takes
     * more. Equal ones stand in their order. A counting sort, since this is done for every call.
     */
    private static int[] longestFirst(int[] left, int most) {
        int[] from = new int[most + 1];
        int lanes = 0;
        for (int events : left) {
            if (events > 0) {
                from[most - Math.min(most, events) + 1]++;
                lanes++;
            }
        }
        for (int i = 1; i <= most; i++) {
            from[i] += from[i - 1];
        }
        int[] sorted = new int[lanes];
        for (int lane = 0; lane < left.length; lane++) {
            if (left[lane] > 0) {
                sorted[from[most - Math.min(most, left[lane])]++] = lane;
            }
        }
        return sorted;
    }
}
