package dev.sequitur.topology.state;

import org.apache.kafka.streams.errors.StreamsException;

/**
 * States were restored that lack events whose offsets are committed. Nothing was done with them: restoring them once more,
 * on another stream thread, may give the right ones.
 */
public final class OldStatesException extends StreamsException {
    private static final long serialVersionUID = 1L;

    /** @param message what they lack, and what to do */
    public OldStatesException(String message) {
        super(message);
    }
}
