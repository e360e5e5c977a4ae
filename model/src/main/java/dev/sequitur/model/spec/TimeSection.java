package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.TimeSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalQueries;
import java.util.List;

/** The {@code time} section: either a column, or a mapping. */
final class TimeSection {
    private static final List<String> FORMATS = List.of("epoch-millis", "epoch-seconds", "iso-8601");
    private static final ZonedDateTime PROBE = ZonedDateTime.of(2024, 5, 17, 13, 45, 28, 0, ZoneOffset.UTC);

    private TimeSection() {}

    static TimeSpec read(YamlValue value) {
        YamlMapping time;
        String column;
        if (value.isMapping()) {
            time = value.mapping();
            column = time.required("field", "Name the column of the event's time.")
                    .text("");
        } else {
            time = new YamlValue(null, value.path(), value.problems()).mapping();
            column = value.text("");
        }
        String format = time.value("format").parse("epoch-millis", "a time format", TimeSection::format);
        String zone = zone(time.value("zone"), "UTC");
        // A time of 0 is a default somewhere upstream far more often than an event of 1970.
        Instant earliest =
                time.value("earliest").parse(Instant.parse("1970-01-02T00:00:00Z"), "an instant", TimeSection::instant);
        Duration maxAhead = time.value("max-ahead").duration(Duration.ofDays(1), Duration.ZERO);
        time.rejectUnknownKeys();
        return new TimeSpec(column, format, zone, earliest, maxAhead);
    }

    static String zone(YamlValue value, String fallback) {
        return value.parse(fallback, "a time zone", text -> {
            try {
                return ZoneId.of(text).getId();
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(
                        "expected a time zone such as UTC, +02:00 or Europe/Berlin, got '" + text + "'."
                                + Suggestion.of(text, ZoneId.getAvailableZoneIds()),
                        e);
            }
        });
    }

    private static String format(String text) {
        if (FORMATS.contains(text)) {
            return text;
        }
        String expected = "expected " + String.join(", ", FORMATS)
                + " or a pattern of java.time.format.DateTimeFormatter with a date, got '" + text + "'";
        DateTimeFormatter formatter;
        try {
            formatter = TimeSpec.formatter(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    expected + ": " + e.getMessage() + "." + Suggestion.of(text, FORMATS), e);
        }
        if (!readsDates(formatter)) {
            throw new IllegalArgumentException(expected + ", which doesn't tell year, month and day.");
        }
        return text;
    }

    private static boolean readsDates(DateTimeFormatter formatter) {
        try {
            return formatter.parse(formatter.format(PROBE)).query(TemporalQueries.localDate()) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static Instant instant(String text) {
        try {
            Instant instant = Instant.parse(text);
            return Instant.ofEpochMilli(instant.toEpochMilli());
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "expected an instant such as 1970-01-02T00:00:00Z, got '" + text + "'.", e);
        }
    }
}
