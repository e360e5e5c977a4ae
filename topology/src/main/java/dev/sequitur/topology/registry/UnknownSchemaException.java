package dev.sequitur.topology.registry;

/** A schema registry was asked for the schema of an id, and has no Avro schema there. */
public final class UnknownSchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnknownSchemaException(String message) {
        // Bad input may come by the million: no stack trace is filled in.
        super(message, null, false, false);
    }
}
