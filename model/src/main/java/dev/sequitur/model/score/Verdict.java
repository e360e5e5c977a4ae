package dev.sequitur.model.score;

/**
 * What an event means for its entity.
 *
 * @param surprise nats, over the fields that alarms look at
 * @param score in [0,1]; its meaning is the scorer's
 * @param alarm whether an alarm starts with this event
 * @param alarming whether the entity is in an alarm, from its first event on
 */
public record Verdict(double surprise, double score, boolean alarm, boolean alarming) {}
