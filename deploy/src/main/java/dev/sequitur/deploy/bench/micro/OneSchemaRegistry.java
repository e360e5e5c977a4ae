package dev.sequitur.deploy.bench.micro;

import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.UnknownSchemaException;
import org.apache.avro.Schema;

/** A registry in memory that knows one schema. */
record OneSchemaRegistry(Schema known) implements SchemaRegistry {
    private static final int ID = 1;

    @Override
    public Schema schema(int id) throws UnknownSchemaException {
        if (id != ID) {
            throw new UnknownSchemaException("there is the schema " + ID + " alone, got " + id);
        }
        return known;
    }

    @Override
    public int id(String subject, Schema schema) {
        if (!schema.equals(known)) {
            throw new IllegalArgumentException(
                    "there is " + known.getFullName() + " alone, got " + schema.getFullName());
        }
        return ID;
    }
}
