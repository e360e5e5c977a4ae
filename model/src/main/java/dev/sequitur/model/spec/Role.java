package dev.sequitur.model.spec;

/** What a field is to the network. A field may have several roles. */
public enum Role {
    /** The network sees the field once the event has come. */
    INPUT,
    /** The network predicts the field; its surprise is part of the event's. */
    TARGET,
    /** Known before the outcome: informs the prediction of the same event's targets. */
    GIVEN
}
