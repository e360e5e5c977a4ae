package dev.sequitur.topology.state;

/** A state of another model than the loaded one. */
final class OtherModelException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String model;
    private final int floats;
    private final int bytes;

    OtherModelException(String model, int floats, int bytes) {
        // As common as the entities when a model is replaced: no stack trace is filled in.
        super("written by model " + model, null, false, false);
        this.model = model;
        this.floats = floats;
        this.bytes = bytes;
    }

    String model() {
        return model;
    }

    /** Numbers of its row. */
    int floats() {
        return floats;
    }

    /** Of key and value. */
    int bytes() {
        return bytes;
    }
}
