package dev.sequitur.model.data;

/** A record before it is checked: a CSV row, an Avro record. */
@FunctionalInterface
public interface FieldValues {
    /**
     * The value of a column as the source has it: {@link String}, {@link Number}, {@link Boolean},
     * {@link java.time.Instant}, a {@link java.util.Collection} of these, or null where there is none.
     */
    Object value(String column);
}
