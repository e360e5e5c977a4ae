package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The key of an entity: the value of its one column, or the values of several, joined by {@code |}. Inside the parts of
 * several, {@code |} and {@code \} are escaped by {@code \}, so that different parts never make the same key.
 *
 * <p>Threading: immutable.
 */
final class EntityKey {
    /** Of UTF-8. A key stands in every record and every state that Sequitur writes. */
    static final int MAX_BYTES = 1024;

    private final List<String> columns;

    EntityKey(List<String> columns) {
        this.columns = columns;
    }

    /** Null where the record has none of the columns. */
    String read(FieldValues record) throws MalformedEventException {
        if (columns.size() == 1) {
            return checked(part(record, columns.get(0)));
        }
        List<String> parts = new ArrayList<>(columns.size());
        String missing = null;
        for (String column : columns) {
            String part = part(record, column);
            if (part == null) {
                missing = missing == null ? column : missing;
            } else {
                parts.add(part);
            }
        }
        if (missing != null && !parts.isEmpty()) {
            throw Scalars.missing(where(missing), " Every column of the entity's key must be filled.");
        }
        return parts.isEmpty() ? null : checked(join(parts));
    }

    private static String part(FieldValues record, String column) throws MalformedEventException {
        return Scalars.text(record.value(column), where(column));
    }

    String where() {
        return "entity (column " + String.join(", ", columns) + ")";
    }

    private static String where(String column) {
        return "entity (column " + column + ")";
    }

    /** The key itself, or null. */
    String checked(String key) throws MalformedEventException {
        // No char takes more than three bytes.
        if (key != null && key.length() > MAX_BYTES / 3) {
            int bytes = key.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_BYTES) {
                throw new MalformedEventException(
                        Reason.TOO_LARGE,
                        where() + ": expected a key of at most " + MAX_BYTES + " bytes of UTF-8, got " + bytes
                                + ", starting with " + Scalars.show(key) + ".");
            }
        }
        return key;
    }

    static String join(List<String> parts) {
        StringBuilder key = new StringBuilder();
        for (String part : parts) {
            if (key.length() > 0) {
                key.append('|');
            }
            for (int i = 0; i < part.length(); i++) {
                char c = part.charAt(i);
                if (c == '|' || c == '\\') {
                    key.append('\\');
                }
                key.append(c);
            }
        }
        return key.toString();
    }

    /**
     * The value of each column.
     *
     * @throws IllegalArgumentException when the key hasn't one part for each column
     */
    List<String> split(String key) {
        if (columns.size() == 1) {
            return List.of(key);
        }
        List<String> parts = new ArrayList<>(columns.size());
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '|') {
                parts.add(part.toString());
                part.setLength(0);
            } else if (c == '\\' && i + 1 < key.length()) {
                part.append(key.charAt(++i));
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        if (parts.size() != columns.size()) {
            throw new IllegalArgumentException("expected a key with one part for each of " + columns
                    + ", joined by '|', got '" + key + "' with " + parts.size());
        }
        return parts;
    }
}
