package dev.sequitur.model.data;

import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * The Avro records that carry the events of a spec on a topic. What {@link EventReader} reads of such a record is the event
 * that the record was made of.
 *
 * <p>Threading: immutable.
 */
public final class EventSchema {
    private static final String NAMESPACE = "dev.sequitur.events";

    /** What a column holds. Where several fields read one column, it holds the last of their types in this order. */
    private enum Type {
        BOOLEAN,
        NUMBER,
        TEXT,
        TIME,
        TEXTS;

        /** Whether a column of this type can be read as the other one too. */
        boolean holds(Type other) {
            return this == other || compareTo(TEXT) <= 0 && other.compareTo(this) < 0;
        }

        Schema schema() {
            return switch (this) {
                case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
                case NUMBER -> Schema.create(Schema.Type.DOUBLE);
                case TEXT -> Schema.create(Schema.Type.STRING);
                case TIME -> LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
                case TEXTS -> Schema.createArray(Schema.create(Schema.Type.STRING));
            };
        }
    }

    /** What a column holds of an event. */
    private interface Source {
        Object of(Event event);
    }

    private record Column(Type type, boolean optional, Source source) {
        /** This column when something else reads it too. */
        Column and(Column other, String name) {
            if (!type.holds(other.type) && !other.type.holds(type)) {
                throw new SpecException("Column '" + name + "' is read as " + type + " and as " + other.type
                        + ", which no topic's schema can hold. Read one of the two from a column of its own.");
            }
            boolean wider = other.type.compareTo(type) > 0;
            // The one that must be there fills it.
            boolean filled = optional && !other.optional;
            return new Column(
                    wider ? other.type : type, optional && other.optional, wider || filled ? other.source : source);
        }
    }

    private final Schema schema;
    private final BinaryMessageEncoder<GenericRecord> encoder;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final List<Source> sources = new ArrayList<>();

    /** @throws SpecException when no schema can hold the spec's columns */
    public EventSchema(PipelineSpec spec) {
        Map<String, Column> columns = columns(spec);
        Map<String, String> columnOfName = new LinkedHashMap<>();
        List<Schema.Field> fields = new ArrayList<>();
        columns.forEach((column, content) -> {
            String name = legal(column);
            String other = columnOfName.put(name, column);
            if (other != null) {
                throw new SpecException("Columns '" + other + "' and '" + column + "' are both named '" + name
                        + "' in Avro, which knows letters, digits and '_' only. Rename one of them.");
            }
            names.put(column, name);
            sources.add(content.source());
            fields.add(field(name, column, content));
        });
        this.schema = Schema.createRecord(
                legal(spec.name()), "An event of the pipeline " + spec.name() + ".", NAMESPACE, false, fields);
        encoder = new BinaryMessageEncoder<>(GenericData.get(), schema);
    }

    private static Schema.Field field(String name, String column, Column content) {
        String doc = name.equals(column) ? null : "Column " + column + ".";
        Schema type = content.type().schema();
        return content.optional()
                ? new Schema.Field(
                        name,
                        Schema.createUnion(Schema.create(Schema.Type.NULL), type),
                        doc,
                        Schema.Field.NULL_DEFAULT_VALUE)
                : new Schema.Field(name, type, doc);
    }

    public Schema schema() {
        return schema;
    }

    /** @throws IllegalArgumentException when the event isn't one of the spec */
    public GenericRecord record(Event event) {
        GenericRecord record = new GenericData.Record(schema);
        for (int i = 0; i < sources.size(); i++) {
            record.put(i, sources.get(i).of(event));
        }
        return record;
    }

    /** A record of this schema under the names that the spec has for its columns. */
    public FieldValues values(GenericRecord record) {
        FieldValues values = new AvroFieldValues(record);
        return column -> {
            String name = names.get(column);
            return name == null ? null : values.value(name);
        };
    }

    private static Map<String, Column> columns(PipelineSpec spec) {
        Map<String, Column> columns = new LinkedHashMap<>();
        EntityKey key = new EntityKey(spec.entity());
        for (int i = 0; i < spec.entity().size(); i++) {
            int part = i;
            add(columns, spec.entity().get(i), new Column(Type.TEXT, false, event -> key.split(event.entity())
                    .get(part)));
        }
        add(columns, spec.time().column(), new Column(Type.TIME, false, Event::timeMs));
        for (int i = 0; i < spec.fields().size(); i++) {
            add(columns, spec.fields().get(i), i);
        }
        if (spec.end() instanceof EndSpec.Value end && !columns.containsKey(end.column())) {
            String value = end.values().get(0);
            columns.put(end.column(), new Column(Type.TEXT, true, event -> event.last() ? value : null));
        }
        return columns;
    }

    private static void add(Map<String, Column> columns, FieldSpec field, int index) {
        if (field instanceof FieldSpec.Numeric numeric) {
            add(columns, numeric.column(), new Column(Type.NUMBER, numeric.optional(), event -> event.values()[index]));
        } else if (field instanceof FieldSpec.Categorical categorical) {
            add(columns, categorical.column(), new Column(Type.TEXT, categorical.optional(), event -> event.values()[
                    index]));
        } else if (field instanceof FieldSpec.Flags flags && flags.listed()) {
            add(
                    columns,
                    flags.column(),
                    new Column(Type.TEXTS, false, event -> listed(flags, (boolean[]) event.values()[index])));
        } else if (field instanceof FieldSpec.Flags flags) {
            for (int i = 0; i < flags.flags().size(); i++) {
                int flag = i;
                add(columns, flags.flags().get(i), new Column(Type.BOOLEAN, false, event -> ((boolean[])
                                event.values()[index])
                        [flag]));
            }
        }
    }

    private static void add(Map<String, Column> columns, String name, Column column) {
        columns.merge(name, column, (first, second) -> first.and(second, name));
    }

    private static List<String> listed(FieldSpec.Flags flags, boolean[] set) {
        return IntStream.range(0, set.length)
                .filter(flag -> set[flag])
                .mapToObj(flags.flags()::get)
                .toList();
    }

    /** The event as topics carry it: {@link #record} in Avro single-object encoding. Safe for use by many threads. */
    public byte[] encode(Event event) {
        try {
            ByteBuffer bytes = encoder.encode(record(event));
            byte[] value = new byte[bytes.remaining()];
            bytes.get(value);
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException("an event in memory is always encoded", e);
        }
    }

    /** A name of letters, digits and {@code _} that doesn't start with a digit. */
    private static String legal(String name) {
        String legal = name.replaceAll("[^A-Za-z0-9_]", "_");
        return Character.isDigit(legal.charAt(0)) ? "_" + legal : legal;
    }
}
