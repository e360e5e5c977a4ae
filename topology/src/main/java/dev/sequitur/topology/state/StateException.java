package dev.sequitur.topology.state;

import org.apache.kafka.streams.errors.StreamsException;

/** A stored state that can't be used with the loaded model. The message names store, entity and the way out. */
public final class StateException extends StreamsException {
    private static final long serialVersionUID = 1L;

    StateException(String message) {
        super(message);
    }

    StateException(String message, Throwable cause) {
        super(message, cause);
    }
}
