package dev.sequitur.model.score;

import java.nio.ByteBuffer;

/**
 * How abnormal an event is, by its own surprise and what its entity's events were like before. A scorer has no state of
 * its own: what it has to know of an entity stands in that entity's memory, bytes of a fixed number that are stored with
 * the entity's state. So the same events give the same levels, to the last bit, wherever and after however many restarts
 * they are scored.
 *
 * <p>Threading: immutable, safe for use by many threads; a memory belongs to one thread.
 */
public interface Scorer {
    /** Bytes of an entity's memory; 0 for a scorer that judges each event by itself. */
    int memoryBytes();

    /**
     * How abnormal an event is, without bounds; the event goes into the memory.
     *
     * @param memory little endian, this scorer's at 0; all of them 0 before the entity's first event
     */
    double level(Observation event, ByteBuffer memory);

    /** What a level means, in [0,1]; never falls as the level grows. */
    double score(double level);

    /** The level above which an event is abnormal by the scorer's own parameters. */
    double threshold();

    /**
     * The score at or below which an event is calm, where alarms start above {@code threshold} and the spec doesn't say.
     */
    default double clear(double threshold) {
        return score(threshold);
    }
}
