package dev.sequitur.model.score;

/**
 * What an event's surprise means.
 *
 * <p>Threading: immutable.
 */
public interface Scorer {
    /** Share of normal events that surprise at most as much, in [0,1]; never falls as the surprise grows. */
    double score(double surprise);

    /** Whether an event with this surprise raises an alarm. */
    boolean alarm(double surprise);
}
