package dev.sequitur.topology.registry;

import org.apache.avro.Schema;

/**
 * A registry of schemas, as Confluent's wire format needs one: each schema has a number, which is its own for ever. An
 * implementation keeps the schemas that it has looked up, since {@link #schema} is asked on stream threads.
 *
 * <p>Both calls may block, for less than a stream thread may be away from its consumer and its open transaction.
 *
 * <p>Threading: safe for use by many threads.
 */
public interface SchemaRegistry {
    /**
     * The Avro schema of an id.
     *
     * @throws UnknownSchemaException when the registry has answered, and has no Avro schema under this id: the event
     *     that names it becomes a dead letter
     * @throws SchemaRegistryException when nothing is known of the id because the registry couldn't be asked: the event
     *     must be read again
     */
    Schema schema(int id) throws UnknownSchemaException;

    /**
     * The id of a schema under a subject, which it is registered under first where that is allowed and it isn't yet.
     *
     * @throws SchemaRegistryException when the registry refuses the schema, doesn't have it and may not be told, or
     *     can't be asked; says which and what to do
     */
    int id(String subject, Schema schema);
}
