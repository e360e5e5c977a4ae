package dev.sequitur.model.train;

/**
 * Encoded events of one entity that are trained or validated in one go, from a fresh state.
 *
 * @param first place of its first row in the {@link RowFile}; its rows follow each other there
 * @param length rows
 * @param from events before this one only warm the state up; they don't count in the loss
 */
record Segment(long first, int length, int from) {}
