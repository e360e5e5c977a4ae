package dev.sequitur.model.feature;

import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where each field stands in a feature row of I floats. The row holds everything that the network needs of an event:
 * what it sees, what it is asked to predict, and whether a session starts or ends here.
 *
 * <ul>
 *   <li>{@code start} [1]: 1 where the state is reset before the event
 *   <li>{@code END} [1], only where the spec knows an end: 1 in the row that stands for the end, whose other fields are 0
 *   <li>numeric [2]: scaled value, 1 where present
 *   <li>categorical [1]: slot in the vocabulary
 *   <li>flags [n]: 0 or 1 each
 *   <li>since-previous [2]: scaled logarithm of the time, 1 where there is a previous event
 *   <li>since-start, position [1]: scaled logarithm
 *   <li>calendar [2 per part]: sine and cosine
 * </ul>
 */
public final class FeatureLayout {
    /** Column of {@code start}, whatever the fields. */
    public static final int START = 0;

    private final Map<String, Slice> slices = new LinkedHashMap<>();
    private final int width;

    public FeatureLayout(PipelineSpec spec) {
        int at = add("start", START, 1);
        if (spec.end() instanceof PipelineSpec.EndSpec.Last) {
            at = add(PipelineSpec.END, at, 1);
        }
        for (FieldSpec field : spec.fields()) {
            at = add(field.name(), at, width(field));
        }
        width = at;
    }

    private int add(String name, int at, int floats) {
        slices.put(name, new Slice(name, at, floats));
        return at + floats;
    }

    private static int width(FieldSpec field) {
        if (field instanceof FieldSpec.Numeric || field instanceof FieldSpec.SincePrevious) {
            return 2;
        } else if (field instanceof FieldSpec.Flags flags) {
            return flags.flags().size();
        } else if (field instanceof FieldSpec.Calendar calendar) {
            return 2 * calendar.parts().size();
        }
        return 1;
    }

    /** I. */
    public int width() {
        return width;
    }

    public Slice start() {
        return slices.get("start");
    }

    /** Present where the spec's end is {@code last}. */
    public Optional<Slice> end() {
        return Optional.ofNullable(slices.get(PipelineSpec.END));
    }

    public Slice of(FieldSpec field) {
        return slices.get(field.name());
    }

    /** All slices, in the order of the row. */
    public List<Slice> slices() {
        return new ArrayList<>(slices.values());
    }
}
