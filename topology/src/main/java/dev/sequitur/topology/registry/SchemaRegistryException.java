package dev.sequitur.topology.registry;

/**
 * A schema registry couldn't be asked, or refused what was asked of it. It says nothing of the event that was being read:
 * a stream that meets this has to come back to the event, which it does when its thread fails and is replaced
 * ({@code REPLACE_THREAD}).
 */
public final class SchemaRegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SchemaRegistryException(String message) {
        super(message);
    }

    public SchemaRegistryException(String message, Throwable cause) {
        super(message, cause);
    }
}
