package dev.sequitur.model.data;

import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import dev.sequitur.model.spec.SpecException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The columns that a spec reads. */
final class SpecColumns {
    private SpecColumns() {}

    /** Each once: the entity's, the time's, the fields', the end's. */
    static Set<String> of(PipelineSpec spec) {
        Set<String> columns = new LinkedHashSet<>(spec.entity());
        columns.add(spec.time().column());
        spec.fields().forEach(field -> columns.addAll(of(field)));
        if (spec.end() instanceof EndSpec.Value end) {
            columns.add(end.column());
        }
        return columns;
    }

    static List<String> of(FieldSpec field) {
        if (field instanceof FieldSpec.Numeric numeric) {
            return List.of(numeric.column());
        }
        if (field instanceof FieldSpec.Categorical categorical) {
            return List.of(categorical.column());
        }
        if (field instanceof FieldSpec.Flags flags) {
            return flags.listed() ? List.of(flags.column()) : flags.flags();
        }
        return List.of();
    }

    /** @throws SpecException when a source lacks columns that the spec reads */
    static void requireAll(PipelineSpec spec, String source, Collection<String> lacking, Collection<String> present) {
        if (!lacking.isEmpty()) {
            throw new SpecException(source + " lacks what the spec '" + spec.name() + "' reads: expected "
                    + String.join(", ", lacking) + ", got only " + String.join(", ", present)
                    + ". Mend the columns in the spec, or give another file.");
        }
    }
}
