package dev.sequitur.model.score;

/**
 * What a scorer sees of an event.
 *
 * @param surprise nats, over the fields that alarms look at
 * @param rank of what came among the values of a categorical field, the likeliest first, from 1; the largest of several
 *     fields. Known where the spec's scorer needs it, 1 otherwise
 * @param values scaled values of the numeric fields that the spec's scorer looks at, NaN where one is missing
 */
public record Observation(double surprise, int rank, float[] values) {
    private static final float[] NONE = {};

    /** Without values. */
    public Observation(double surprise, int rank) {
        this(surprise, rank, NONE);
    }
}
