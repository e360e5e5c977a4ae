package dev.sequitur.model;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;

/** Pipeline specs and events in the few lines that a test is about. */
public final class Specs {
    private Specs() {}

    /**
     * @param fields lines of the section {@code fields}
     * @param more other top-level lines
     */
    public static PipelineSpec of(String fields, String... more) {
        return PipelineSpecReader.parse(yaml(fields, more), "test");
    }

    /** The text that {@link #of} reads. */
    public static String yaml(String fields, String... more) {
        return """
                name: test
                entity: id
                time: {field: ts}
                cell: {kind: gru, units: 4}
                """
                + String.join("\n", more)
                + "\nfields:\n"
                + fields.indent(2);
    }

    /** @param values one per field of the spec; null for a derived field */
    public static Event event(String entity, long timeMs, Object... values) {
        return new Event(entity, timeMs, values, false);
    }
}
