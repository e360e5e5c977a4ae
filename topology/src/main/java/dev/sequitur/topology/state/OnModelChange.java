package dev.sequitur.topology.state;

/** What happens to a state that another model wrote. */
public enum OnModelChange {
    /** Processing stops; nothing is read or written. */
    FAIL,
    /** The entity starts anew with the loaded model; counted. */
    RESET
}
