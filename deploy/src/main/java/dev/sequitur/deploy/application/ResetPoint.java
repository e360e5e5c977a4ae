package dev.sequitur.deploy.application;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.apache.kafka.clients.admin.OffsetSpec;

/**
 * Where an application that is reset goes on to read.
 *
 * @param words as the user wrote it
 */
public record ResetPoint(String words, OffsetSpec offset) {
    /**
     * @param text {@code earliest}, {@code latest}, or a time in ISO-8601 ({@code 2026-01-31T12:00:00Z}): the first record
     *     whose timestamp isn't before it
     * @throws IllegalArgumentException when it is none of them
     */
    public static ResetPoint parse(String text) {
        try {
            return new ResetPoint(
                    text,
                    switch (text) {
                        case "earliest" -> OffsetSpec.earliest();
                        case "latest" -> OffsetSpec.latest();
                        default -> OffsetSpec.forTimestamp(Instant.parse(text).toEpochMilli());
                    });
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "expected earliest, latest, or a time such as 2026-01-31T12:00:00Z, got '" + text + "'", e);
        }
    }
}
