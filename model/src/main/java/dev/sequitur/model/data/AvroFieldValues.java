package dev.sequitur.model.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/**
 * An Avro record as it is checked. A column is a field's name; a dot leads into a nested record ({@code a.b}), null where
 * that record is null.
 *
 * <p>Timestamps and dates become an {@link Instant}, decimals a {@link BigDecimal}, whether the decoder converted logical
 * types or not. A local timestamp has no zone and becomes its ISO-8601 text, which the spec's zone then applies to.
 *
 * <p>Threading: as the record.
 */
public record AvroFieldValues(GenericRecord record) implements FieldValues {
    @Override
    public Object value(String column) {
        return value(record, column);
    }

    private static Object value(IndexedRecord record, String path) {
        Schema.Field field = record.getSchema().getField(path);
        if (field != null) {
            return converted(record.get(field.pos()), field.schema());
        }
        int dot = path.indexOf('.');
        field = dot < 0 ? null : record.getSchema().getField(path.substring(0, dot));
        Object nested = field == null ? null : record.get(field.pos());
        return nested instanceof IndexedRecord inner ? value(inner, path.substring(dot + 1)) : null;
    }

    /** Whether records of a schema have a column. */
    static boolean has(Schema schema, String path) {
        if (schema.isUnion()) {
            return schema.getTypes().stream().anyMatch(branch -> has(branch, path));
        }
        if (schema.getType() != Schema.Type.RECORD) {
            return false;
        }
        if (schema.getField(path) != null) {
            return true;
        }
        int dot = path.indexOf('.');
        Schema.Field field = dot < 0 ? null : schema.getField(path.substring(0, dot));
        return field != null && has(field.schema(), path.substring(dot + 1));
    }

    private static Object converted(Object value, Schema schema) {
        if (value instanceof CharSequence
                || value instanceof GenericEnumSymbol<?>
                || value instanceof Enum<?>
                || value instanceof LocalDateTime) {
            return value.toString();
        }
        if (value instanceof LocalDate date) {
            return date.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
        boolean raw = value instanceof Long
                || value instanceof Integer
                || value instanceof ByteBuffer
                || value instanceof GenericFixed
                || value instanceof Collection<?>;
        if (!raw) {
            return value;
        }
        Schema type = schema.isUnion() ? schema.getTypes().get(GenericData.get().resolveUnion(schema, value)) : schema;
        if (value instanceof Collection<?> elements && type.getType() == Schema.Type.ARRAY) {
            return elements.stream()
                    .map(element -> converted(element, type.getElementType()))
                    .collect(Collectors.toCollection(ArrayList::new));
        }
        return logical(value, type.getLogicalType());
    }

    private static Object logical(Object value, LogicalType type) {
        if (value instanceof Long number) {
            if (type instanceof LogicalTypes.TimestampMillis) {
                return instant(number, ChronoUnit.MILLIS);
            }
            if (type instanceof LogicalTypes.TimestampMicros) {
                return instant(number, ChronoUnit.MICROS);
            }
            if (type instanceof LogicalTypes.TimestampNanos) {
                return instant(number, ChronoUnit.NANOS);
            }
            if (type instanceof LogicalTypes.LocalTimestampMillis) {
                return local(number, ChronoUnit.MILLIS);
            }
            if (type instanceof LogicalTypes.LocalTimestampMicros) {
                return local(number, ChronoUnit.MICROS);
            }
            if (type instanceof LogicalTypes.LocalTimestampNanos) {
                return local(number, ChronoUnit.NANOS);
            }
        }
        if (value instanceof Integer days && type instanceof LogicalTypes.Date) {
            return Instant.EPOCH.plus(days, ChronoUnit.DAYS);
        }
        if (type instanceof LogicalTypes.Decimal decimal) {
            if (value instanceof ByteBuffer bytes) {
                byte[] unscaled = new byte[bytes.remaining()];
                bytes.duplicate().get(unscaled);
                return new BigDecimal(new BigInteger(unscaled), decimal.getScale());
            }
            if (value instanceof GenericFixed fixed) {
                return new BigDecimal(new BigInteger(fixed.bytes()), decimal.getScale());
            }
        }
        return value;
    }

    private static Instant instant(long number, ChronoUnit unit) {
        return Instant.EPOCH.plus(number, unit);
    }

    private static String local(long number, ChronoUnit unit) {
        return LocalDateTime.ofInstant(instant(number, unit), ZoneOffset.UTC).toString();
    }

    /** The columns of a record, without the nested ones; for a message. */
    static List<String> columns(Schema schema) {
        return schema.getFields().stream().map(Schema.Field::name).toList();
    }
}
