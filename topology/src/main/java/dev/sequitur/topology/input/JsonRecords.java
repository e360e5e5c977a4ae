package dev.sequitur.topology.input;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Plain JSON as Avro records of a schema. Nothing is converted that JSON tells apart: a text is no number, a number no text,
 * null no value. What JSON has no type for stands as follows.
 *
 * <ul>
 *   <li>int, long: numbers without a fraction, {@code 5} or {@code 5.0}
 *   <li>timestamps and dates: numbers in the unit of the logical type, or ISO 8601 text ({@code 2024-01-01T00:00:00Z}; a
 *       local timestamp without an offset)
 *   <li>decimals: numbers, or text, which keeps every digit
 *   <li>bytes, fixed: text whose characters are the bytes, up to U+00FF, as in Avro's own JSON
 * </ul>
 *
 * <p>Threading: stateless.
 */
final class JsonRecords {
    private static final int SHOWN = 80;
    /** From here on a double may stand for several whole numbers. */
    private static final double EXACT = 0x1p53;
    /** A longer text is no decimal that was meant: its digits could cost their square. */
    private static final int DECIMAL_CHARS = 100;

    private JsonRecords() {}

    /** Where in the JSON; made a text only where something is wrong. */
    private record Path(Path parent, String step) {
        static final Path ROOT = new Path(null, "$");

        Path then(String next) {
            return new Path(this, next);
        }

        @Override
        public String toString() {
            return parent == null ? step : parent + step;
        }
    }

    /** @param schema a record */
    static GenericRecord read(JsonNode json, Schema schema) throws MalformedEventException {
        return record(json, schema, Path.ROOT);
    }

    private static GenericRecord record(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (!json.isObject()) {
            throw wrong(json, "an object", path);
        }
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            JsonNode value = json.get(field.name());
            Path at = path.then("." + field.name());
            if (value != null) {
                record.put(field.pos(), value(value, field.schema(), at));
            } else if (field.hasDefaultValue()) {
                record.put(field.pos(), GenericData.get().getDefaultValue(field));
            } else {
                throw new MalformedEventException(
                        Reason.MISSING_FIELD, at + ": expected " + name(field.schema()) + ", the field is missing");
            }
        }
        return record;
    }

    private static Object value(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        return switch (schema.getType()) {
            case RECORD -> record(json, schema, path);
            case UNION -> union(json, schema, path);
            case ARRAY -> array(json, schema, path);
            case MAP -> map(json, schema, path);
            case ENUM -> symbol(json, schema, path);
            case STRING -> text(json, schema, path);
            case BYTES, FIXED -> bytes(json, schema, path);
            case INT, LONG -> whole(json, schema, path);
            case FLOAT, DOUBLE -> real(json, schema, path);
            case BOOLEAN -> {
                if (!json.isBoolean()) {
                    throw wrong(json, schema, path);
                }
                yield json.booleanValue();
            }
            case NULL -> {
                if (!json.isNull()) {
                    throw wrong(json, schema, path);
                }
                yield null;
            }
        };
    }

    private static Object union(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        MalformedEventException first = null;
        int tried = 0;
        for (Schema branch : schema.getTypes()) {
            if ((branch.getType() == Schema.Type.NULL) != json.isNull()) {
                continue;
            }
            try {
                return value(json, branch, path);
            } catch (MalformedEventException e) {
                first = first == null ? e : first;
                tried++;
            }
        }
        // Where there was no choice, that branch knows best, and its path may lead further.
        throw tried == 1 ? first : wrong(json, schema, path);
    }

    private static List<Object> array(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (!json.isArray()) {
            throw wrong(json, "an array", path);
        }
        List<Object> elements = new ArrayList<>(json.size());
        for (JsonNode element : json) {
            elements.add(value(element, schema.getElementType(), path.then("[" + elements.size() + "]")));
        }
        return elements;
    }

    private static Map<String, Object> map(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (!json.isObject()) {
            throw wrong(json, "an object", path);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> entries = json.fields(); entries.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = entries.next();
            values.put(
                    entry.getKey(),
                    value(entry.getValue(), schema.getValueType(), path.then("['" + entry.getKey() + "']")));
        }
        return values;
    }

    private static Object symbol(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (json.isTextual() && schema.hasEnumSymbol(json.textValue())) {
            return new GenericData.EnumSymbol(schema, json.textValue());
        }
        if (json.isTextual() && schema.getEnumDefault() != null) {
            return new GenericData.EnumSymbol(schema, schema.getEnumDefault());
        }
        throw wrong(json, "one of " + schema.getEnumSymbols(), path);
    }

    private static Object text(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (!json.isTextual()) {
            throw wrong(json, schema, path);
        }
        return json.textValue();
    }

    private static Object bytes(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (schema.getLogicalType() instanceof LogicalTypes.Decimal) {
            return decimal(json, schema, path);
        }
        if (!json.isTextual() || json.textValue().chars().anyMatch(c -> c > 0xFF)) {
            throw wrong(json, "text of characters up to U+00FF, each a byte", path);
        }
        byte[] bytes = json.textValue().getBytes(StandardCharsets.ISO_8859_1);
        if (schema.getType() == Schema.Type.BYTES) {
            return ByteBuffer.wrap(bytes);
        }
        if (bytes.length != schema.getFixedSize()) {
            throw wrong(json, "text of " + schema.getFixedSize() + " characters", path);
        }
        return new GenericData.Fixed(schema, bytes);
    }

    private static BigDecimal decimal(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (json.isNumber()) {
            real(json, schema, path);
            return json.decimalValue();
        }
        if (json.isTextual() && json.textValue().length() <= DECIMAL_CHARS) {
            try {
                return new BigDecimal(json.textValue());
            } catch (NumberFormatException e) {
                throw wrong(json, "a decimal", path);
            }
        }
        throw wrong(json, "a decimal", path);
    }

    private static Object whole(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        LogicalType logical = schema.getLogicalType();
        if (logical != null && json.isTextual()) {
            return time(json, logical, path);
        }
        long value;
        if (json.isIntegralNumber() && json.canConvertToLong()) {
            value = json.longValue();
        } else if (json.isDouble()
                && json.doubleValue() == Math.rint(json.doubleValue())
                && Math.abs(json.doubleValue()) < EXACT) {
            value = (long) json.doubleValue();
        } else {
            throw wrong(json, schema, path);
        }
        if (schema.getType() == Schema.Type.LONG) {
            return value;
        }
        if (value != (int) value) {
            throw wrong(json, schema, path);
        }
        return (int) value;
    }

    /** As {@link dev.sequitur.model.data.AvroFieldValues} takes it. */
    private static Object time(JsonNode json, LogicalType logical, Path path) throws MalformedEventException {
        String text = json.textValue();
        try {
            if (logical instanceof LogicalTypes.TimestampMillis
                    || logical instanceof LogicalTypes.TimestampMicros
                    || logical instanceof LogicalTypes.TimestampNanos) {
                return OffsetDateTime.parse(text).toInstant();
            }
            if (logical instanceof LogicalTypes.LocalTimestampMillis
                    || logical instanceof LogicalTypes.LocalTimestampMicros
                    || logical instanceof LogicalTypes.LocalTimestampNanos) {
                return LocalDateTime.parse(text);
            }
            if (logical instanceof LogicalTypes.Date) {
                return LocalDate.parse(text);
            }
        } catch (DateTimeException e) {
            throw wrong(json, logical.getName() + ", a whole number or ISO 8601 text", path);
        }
        throw wrong(json, logical.getName() + ", a whole number", path);
    }

    private static Object real(JsonNode json, Schema schema, Path path) throws MalformedEventException {
        if (!json.isNumber()) {
            throw wrong(json, schema, path);
        }
        boolean single = schema.getType() == Schema.Type.FLOAT;
        double value = single ? json.floatValue() : json.doubleValue();
        if (!Double.isFinite(value)) {
            throw new MalformedEventException(
                    Reason.NOT_FINITE,
                    path + ": expected a number in the range of " + name(schema) + ", got " + show(json));
        }
        return single ? (Object) (float) value : (Object) value;
    }

    private static MalformedEventException wrong(JsonNode json, Schema schema, Path path) {
        return wrong(json, name(schema), path);
    }

    private static MalformedEventException wrong(JsonNode json, String expected, Path path) {
        return new MalformedEventException(Reason.WRONG_TYPE, path + ": expected " + expected + ", got " + show(json));
    }

    private static String name(Schema schema) {
        if (schema.isUnion()) {
            return String.join(
                    " or ", schema.getTypes().stream().map(JsonRecords::name).toList());
        }
        return schema.getLogicalType() == null
                ? schema.getFullName()
                : schema.getLogicalType().getName() + " (" + schema.getType().getName() + ")";
    }

    private static String show(JsonNode json) {
        String text = json.toString();
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
