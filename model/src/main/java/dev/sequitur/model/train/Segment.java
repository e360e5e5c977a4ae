package dev.sequitur.model.train;

/**
 * Encoded events of one entity that are trained or validated in one go, from a fresh state.
 *
 * @param rows {@code [length, I]}
 * @param from events before this one only warm the state up; they don't count in the loss
 */
record Segment(float[] rows, int length, int from) {}
