package dev.sequitur.model.evaluate;

/**
 * One figure of an evaluation.
 *
 * @param field of the spec, or END, or empty for the whole event
 * @param name of the metric
 * @param unit empty for a share
 * @param count of predictions or events that it is the mean over
 */
public record Metric(String field, String name, double value, String unit, long count) {}
