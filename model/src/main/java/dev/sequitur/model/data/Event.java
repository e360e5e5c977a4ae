package dev.sequitur.model.data;

/**
 * One event of one entity, read and checked.
 *
 * @param entity the entity's key
 * @param timeMs event time, milliseconds since the epoch
 * @param values one per field of the spec, in its order: {@link Double}, {@link String}, {@code boolean[]} as the
 *     field's kind says; null for a derived field and for a missing optional one
 * @param last whether the event closes its entity's sequence ({@code EndSpec.Value})
 */
public record Event(String entity, long timeMs, Object[] values, boolean last) {}
