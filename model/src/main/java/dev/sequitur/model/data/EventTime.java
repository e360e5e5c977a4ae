package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec.TimeSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;

/**
 * The event's time, read and within its bounds.
 *
 * <p>Threading: immutable.
 */
final class EventTime {
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    /** A longer number is no time that was meant exactly. */
    private static final int EXACT_DIGITS = 32;

    private static final DateTimeFormatter ISO_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter(Locale.ENGLISH);
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .append(ISO_TIME)
            .optionalEnd()
            .optionalStart()
            .appendLiteral(' ')
            .append(ISO_TIME)
            .optionalEnd()
            .toFormatter(Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);

    private final TimeSpec spec;
    private final Clock clock;
    private final ZoneId zone;
    private final BigDecimal millisPerUnit;
    private final DateTimeFormatter formatter;
    private final long earliestMs;
    private final long maxAheadMs;
    private final String where;

    EventTime(TimeSpec spec, Clock clock) {
        this.spec = spec;
        this.clock = clock;
        this.zone = ZoneId.of(spec.zone());
        this.millisPerUnit = switch (spec.format()) {
            case "epoch-millis" -> BigDecimal.ONE;
            case "epoch-seconds" -> THOUSAND;
            default -> null;
        };
        this.formatter = millisPerUnit != null
                ? null
                : spec.format().equals("iso-8601") ? ISO : TimeSpec.formatter(spec.format());
        this.earliestMs = spec.earliest().toEpochMilli();
        this.maxAheadMs = spec.maxAhead().toMillis();
        this.where = "time (column " + spec.column() + ")";
    }

    /** Milliseconds since the epoch. */
    long read(FieldValues record) throws MalformedEventException {
        Object value = record.value(spec.column());
        if (value == null
                || value instanceof CharSequence text && text.toString().isBlank()) {
            throw Scalars.missing(where, "");
        }
        long timeMs = millis(value);
        long latestMs = latestMs();
        if (timeMs < earliestMs || timeMs > latestMs) {
            throw outOfRange(value, Instant.ofEpochMilli(timeMs), latestMs);
        }
        return timeMs;
    }

    private long latestMs() {
        long now = clock.millis();
        return maxAheadMs > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + maxAheadMs;
    }

    private long millis(Object value) throws MalformedEventException {
        try {
            if (value instanceof Instant instant) {
                return instant.toEpochMilli();
            }
            return millisPerUnit != null ? fromEpoch(value) : fromText(value);
        } catch (ArithmeticException e) {
            throw outOfRange(value, "beyond any calendar", latestMs());
        }
    }

    private long fromEpoch(Object value) throws MalformedEventException {
        Long whole = Scalars.whole(value);
        if (whole != null) {
            return Math.multiplyExact(whole, millisPerUnit.longValueExact());
        }
        double number = Scalars.number(value, where);
        // A decimal in seconds is exact; one with an exponent could cost gigabytes, and is as exact as a double.
        BigDecimal exact = value instanceof CharSequence text && isShortDecimal(text)
                ? new BigDecimal(text.toString().strip())
                : BigDecimal.valueOf(number);
        return exact.multiply(millisPerUnit).setScale(0, RoundingMode.FLOOR).longValueExact();
    }

    private static boolean isShortDecimal(CharSequence text) {
        return text.length() <= EXACT_DIGITS && text.chars().noneMatch(c -> c == 'e' || c == 'E');
    }

    private long fromText(Object value) throws MalformedEventException {
        String text = Scalars.text(value, where);
        try {
            TemporalAccessor parsed = formatter.parse(text.strip());
            LocalDate date = parsed.query(TemporalQueries.localDate());
            if (date == null) {
                throw new DateTimeException("no date");
            }
            LocalTime time = parsed.query(TemporalQueries.localTime());
            ZoneId written = parsed.query(TemporalQueries.zone());
            return ZonedDateTime.of(date, time == null ? LocalTime.MIDNIGHT : time, written == null ? zone : written)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeException e) {
            throw Scalars.wrongType(where, "a time of the format " + spec.format(), value);
        }
    }

    private MalformedEventException outOfRange(Object value, Object read, long latestMs) {
        return new MalformedEventException(
                Reason.TIME_OUT_OF_RANGE,
                where + ": expected a time from " + spec.earliest() + " to " + Instant.ofEpochMilli(latestMs) + ", got "
                        + Scalars.show(value) + ", which is " + read + " as " + spec.format() + ".");
    }
}
