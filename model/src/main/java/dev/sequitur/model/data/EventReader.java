package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Records to events, checked as the spec says. The one way in, for training and for serving.
 *
 * <p>Threading: immutable; used by many threads at once.
 */
public final class EventReader {
    /** The value of one field of an event. */
    private interface Column {
        Object read(FieldValues record) throws MalformedEventException;
    }

    private static final Column DERIVED = record -> null;

    private final EntityKey entity;
    private final EventTime time;
    private final Column[] columns;
    private final String endColumn;
    private final Set<String> endValues;

    public EventReader(PipelineSpec spec) {
        this(spec, Clock.systemUTC());
    }

    /** @param clock what an event's time may not be too far ahead of */
    public EventReader(PipelineSpec spec, Clock clock) {
        this.entity = new EntityKey(spec.entity());
        this.time = new EventTime(spec.time(), clock);
        this.columns = spec.fields().stream().map(EventReader::column).toArray(Column[]::new);
        if (spec.end() instanceof EndSpec.Value end) {
            this.endColumn = end.column();
            this.endValues = Set.copyOf(end.values());
        } else {
            this.endColumn = null;
            this.endValues = Set.of();
        }
    }

    /** The event of a record that names its entity. */
    public Event read(FieldValues record) throws MalformedEventException {
        return read(entity(record), record);
    }

    /**
     * The event of a record that came with a key. The key is the entity where the record has none of the entity's columns,
     * and must agree with them where it has.
     *
     * @param entityFromKey null or empty where the record came without a key
     */
    public Event read(FieldValues record, String entityFromKey) throws MalformedEventException {
        String key = entityFromKey == null || entityFromKey.isEmpty() ? null : entity.checked(entityFromKey);
        String named = entity.read(record);
        if (key == null && named == null) {
            throw new MalformedEventException(
                    Reason.NULL_KEY, entity.where() + ": expected a key or a value in the record, got neither.");
        }
        if (key != null && named != null && !key.equals(named)) {
            throw new MalformedEventException(
                    Reason.KEY_MISMATCH,
                    entity.where() + ": expected the entity of the record's key, " + Scalars.show(key) + ", got "
                            + Scalars.show(named) + ".");
        }
        return read(named == null ? key : named, record);
    }

    /** The entity that a record names; what a topic is keyed by. */
    public String entity(FieldValues record) throws MalformedEventException {
        String key = entity.read(record);
        if (key == null) {
            throw Scalars.missing(entity.where(), "");
        }
        return key;
    }

    private Event read(String key, FieldValues record) throws MalformedEventException {
        long timeMs = time.read(record);
        Object[] values = new Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            values[i] = columns[i].read(record);
        }
        return new Event(key, timeMs, values, last(record));
    }

    private boolean last(FieldValues record) throws MalformedEventException {
        if (endColumn == null) {
            return false;
        }
        String value = Scalars.text(record.value(endColumn), "end (column " + endColumn + ")");
        return value != null && endValues.contains(value);
    }

    private static Column column(FieldSpec field) {
        if (field instanceof FieldSpec.Numeric numeric) {
            String where = where(numeric, numeric.column());
            return record -> present(Scalars.number(record.value(numeric.column()), where), numeric.optional(), where);
        }
        if (field instanceof FieldSpec.Categorical categorical) {
            String where = where(categorical, categorical.column());
            return record ->
                    present(Scalars.text(record.value(categorical.column()), where), categorical.optional(), where);
        }
        if (field instanceof FieldSpec.Flags flags) {
            return flags.listed() ? listed(flags) : separate(flags);
        }
        return DERIVED;
    }

    private static String where(FieldSpec field, String column) {
        return "field " + field.name() + " (column " + column + ")";
    }

    private static Object present(Object value, boolean optional, String where) throws MalformedEventException {
        if (value == null && !optional) {
            throw Scalars.missing(where, " If it may be missing, set optional: true.");
        }
        return value;
    }

    private static Column listed(FieldSpec.Flags flags) {
        String where = where(flags, flags.column());
        Pattern separator = Pattern.compile(flags.separator(), Pattern.LITERAL);
        Map<String, Integer> index = new HashMap<>();
        flags.flags().forEach(flag -> index.put(flag, index.size()));
        return record -> {
            boolean[] set = new boolean[flags.flags().size()];
            for (Object element : elements(record.value(flags.column()), separator, where)) {
                String flag = Scalars.text(element, where);
                if (flag == null) {
                    continue;
                }
                Integer at = index.get(flag);
                if (at == null) {
                    throw Scalars.wrongType(where, "flags that the spec names", flag);
                }
                set[at] = true;
            }
            return set;
        };
    }

    /** An empty text lists no flag; that is a value, so only an absent one is missing. */
    private static Collection<?> elements(Object value, Pattern separator, String where)
            throws MalformedEventException {
        if (value == null) {
            throw Scalars.missing(where, "");
        }
        if (value instanceof Collection<?> collection) {
            return collection;
        }
        String text = Scalars.text(value, where);
        return text == null ? List.of() : List.of(separator.split(text));
    }

    private static Column separate(FieldSpec.Flags flags) {
        List<String> names = flags.flags();
        String[] where = names.stream().map(name -> where(flags, name)).toArray(String[]::new);
        return record -> {
            boolean[] set = new boolean[names.size()];
            for (int i = 0; i < set.length; i++) {
                Boolean truth = Scalars.truth(record.value(names.get(i)), where[i]);
                if (truth == null) {
                    throw Scalars.missing(where[i], "");
                }
                set[i] = truth;
            }
            return set;
        };
    }
}
