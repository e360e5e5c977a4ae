package dev.sequitur.model.score;

/**
 * What a scorer sees of an event.
 *
 * @param surprise nats, over the fields that alarms look at
 * @param rank of what came among the values of a categorical field, the likeliest first, from 1; the largest of several
 *     fields. Known where the spec's scorer needs it, 1 otherwise
 */
public record Observation(double surprise, int rank) {}
