package dev.sequitur.topology.query;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Events that someone makes up, from values by the names of the spec's fields; read and checked as those that come.
 *
 * <p>Threading: immutable.
 */
final class Hypothesis {
    /** Nothing that is only imagined is too far ahead. */
    private static final Clock NO_LIMIT = Clock.fixed(Instant.parse("9999-12-31T00:00:00Z"), ZoneOffset.UTC);

    private static final Pattern MESSAGE = Pattern.compile("(.*?): expected (.*?), got (.*)", Pattern.DOTALL);

    private final PipelineSpec spec;
    private final EventReader reader;
    /** What a value may be called: the field's name, or the column that it is read from. */
    private final Map<String, FieldSpec> byColumn = new HashMap<>();

    private final TreeSet<String> names = new TreeSet<>();

    Hypothesis(PipelineSpec spec) {
        this.spec = spec;
        this.reader = new EventReader(spec, NO_LIMIT);
        for (FieldSpec field : spec.fields()) {
            if (field instanceof FieldSpec.Numeric numeric) {
                byColumn.put(numeric.column(), field);
                names.add(field.name());
            } else if (field instanceof FieldSpec.Categorical categorical) {
                byColumn.put(categorical.column(), field);
                names.add(field.name());
            } else if (field instanceof FieldSpec.Flags flags) {
                (flags.listed() ? java.util.List.of(flags.column()) : flags.flags())
                        .forEach(column -> byColumn.put(column, field));
                names.add(field.name());
            }
        }
        if (spec.end() instanceof PipelineSpec.EndSpec.Value end && !byColumn.containsKey(end.column())) {
            names.add(end.column());
        }
    }

    /**
     * @param fields by the fields' names: {@link Number}, {@link String}, {@link Boolean}, of flags the names of those
     *     that are set, or null
     * @throws QueryException when it is no event of the spec
     */
    Event event(String entity, Instant time, Map<String, Object> fields) {
        for (String name : fields.keySet()) {
            if (!names.contains(name)) {
                throw new QueryException(
                        QueryException.Reason.WRONG,
                        "fields: '" + name + "' is no field that an event brings",
                        "some of " + String.join(", ", names),
                        name,
                        "Leave it out: what is derived from time follows from 'time'.");
            }
        }
        FieldValues record = column -> column.equals(spec.time().column()) ? time : value(column, fields);
        try {
            return reader.read(record, entity);
        } catch (MalformedEventException e) {
            Matcher parts = MESSAGE.matcher(e.getMessage());
            boolean known = parts.matches();
            throw new QueryException(
                    QueryException.Reason.WRONG,
                    known ? parts.group(1) : e.getMessage(),
                    known ? parts.group(2) : "an event of the spec '" + spec.name() + "'",
                    known ? parts.group(3).replaceFirst("\\.\\s.*|\\.$", "") : String.valueOf(fields),
                    "Give a value that the spec's field takes, in 'fields' by the field's name.");
        }
    }

    private Object value(String column, Map<String, Object> fields) {
        FieldSpec field = byColumn.get(column);
        if (field == null) {
            return spec.entity().contains(column) ? null : fields.get(column);
        }
        Object value = fields.get(field.name());
        if (field instanceof FieldSpec.Flags flags && !flags.listed()) {
            return value instanceof Collection<?> set ? (Object) set.contains(column) : value;
        }
        return value;
    }
}
