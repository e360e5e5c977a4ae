package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec.TimeSpec;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventTimeTest {
    private static final Instant NOW = Instant.parse("2024-05-17T13:45:28Z");
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

    private static long read(String format, String zone, Object value) throws MalformedEventException {
        TimeSpec spec = new TimeSpec("ts", format, zone, EARLIEST, Duration.ofHours(1));
        return new EventTime(spec, Clock.fixed(NOW, ZoneOffset.UTC)).read(column -> column.equals("ts") ? value : null);
    }

    static Stream<Arguments> times() {
        return Stream.of(
                Arguments.of("epoch-millis", "UTC", 1_334_000_000_123L, "2012-04-09T19:33:20.123Z"),
                Arguments.of("epoch-millis", "UTC", "1334000000123", "2012-04-09T19:33:20.123Z"),
                Arguments.of("epoch-millis", "UTC", 1_334_000_000_123.0, "2012-04-09T19:33:20.123Z"),
                Arguments.of("epoch-seconds", "UTC", 1_334_000_000, "2012-04-09T19:33:20Z"),
                Arguments.of("epoch-seconds", "UTC", "1334000000.123", "2012-04-09T19:33:20.123Z"),
                Arguments.of("epoch-seconds", "UTC", 1_334_000_000.123, "2012-04-09T19:33:20.123Z"),
                Arguments.of("epoch-seconds", "UTC", "1.334e9", "2012-04-09T19:33:20Z"),
                Arguments.of("epoch-seconds", "UTC", new BigDecimal("1334000000.123"), "2012-04-09T19:33:20.123Z"),
                Arguments.of("iso-8601", "UTC", "2012-04-09T19:33:20.123Z", "2012-04-09T19:33:20.123Z"),
                Arguments.of("iso-8601", "UTC", "2012-04-09T19:33:20+02:00", "2012-04-09T17:33:20Z"),
                Arguments.of("iso-8601", "UTC", "2012-04-09T19:33:20+0200", "2012-04-09T17:33:20Z"),
                Arguments.of("iso-8601", "UTC", "2012-04-09T19:33:20-03", "2012-04-09T22:33:20Z"),
                Arguments.of("iso-8601", "Europe/Berlin", "2012-04-09T19:33:20", "2012-04-09T17:33:20Z"),
                Arguments.of("iso-8601", "Europe/Berlin", "2012-01-09 19:33", "2012-01-09T18:33:00Z"),
                Arguments.of("iso-8601", "Europe/Berlin", "2012-04-09", "2012-04-08T22:00:00Z"),
                Arguments.of("yyyy-MM-dd HH:mm:ss", "UTC", "2012-04-09 19:33:20", "2012-04-09T19:33:20Z"),
                Arguments.of("yyyy-MM-dd HH:mm:ss", "America/New_York", "2012-04-09 19:33:20", "2012-04-09T23:33:20Z"),
                Arguments.of("dd/MMM/yyyy:HH:mm:ss Z", "UTC", "09/Apr/2012:19:33:20 +0200", "2012-04-09T17:33:20Z"),
                Arguments.of("M/d/yyyy h:mm a", "UTC", "4/9/2012 7:33 PM", "2012-04-09T19:33:00Z"),
                Arguments.of("yyyyMMdd", "UTC", 20120409, "2012-04-09T00:00:00Z"),
                Arguments.of("uuuuMMddHH", "UTC", "2012040919", "2012-04-09T19:00:00Z"),
                Arguments.of("yyyy-MM-dd", "UTC", Instant.parse("2012-04-09T19:33:20Z"), "2012-04-09T19:33:20Z"));
    }

    @ParameterizedTest
    @MethodSource("times")
    void shouldReadTimes(String format, String zone, Object value, String instant) throws MalformedEventException {
        assertThat(Instant.ofEpochMilli(read(format, zone, value))).isEqualTo(Instant.parse(instant));
    }

    static Stream<Arguments> noTimes() {
        return Stream.of(
                Arguments.of("epoch-millis", null, Reason.MISSING_FIELD),
                Arguments.of("epoch-millis", " ", Reason.MISSING_FIELD),
                Arguments.of("epoch-millis", "today", Reason.WRONG_TYPE),
                Arguments.of("epoch-millis", Double.NaN, Reason.NOT_FINITE),
                Arguments.of("epoch-millis", 0L, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-millis", EARLIEST.toEpochMilli() - 1, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-millis", NOW.toEpochMilli() + 3_600_001, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-millis", 1e300, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-millis", "1e-999999999", Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-millis", Instant.MAX, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("epoch-seconds", Long.MAX_VALUE, Reason.TIME_OUT_OF_RANGE),
                Arguments.of("iso-8601", "2012-04-0919:33", Reason.WRONG_TYPE),
                Arguments.of("iso-8601", "2012-04-31", Reason.WRONG_TYPE),
                Arguments.of("iso-8601", "1334000000", Reason.WRONG_TYPE),
                Arguments.of("yyyy-MM-dd", "2012-04-09 19:33", Reason.WRONG_TYPE),
                Arguments.of("yyyy-MM-dd", "2012-04-31", Reason.WRONG_TYPE),
                Arguments.of("[yyyy-MM-dd][HH:mm]", "19:33", Reason.WRONG_TYPE));
    }

    @ParameterizedTest
    @MethodSource("noTimes")
    void shouldRejectWhatIsNoTimeWithinItsBounds(String format, Object value, Reason reason) {
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> read(format, "UTC", value))
                .withMessageStartingWith("time (column ts): expected ")
                .extracting(MalformedEventException::reason)
                .isEqualTo(reason);
    }

    @Test
    void shouldIncludeTheBounds() throws MalformedEventException {
        long latest = NOW.plus(Duration.ofHours(1)).toEpochMilli();

        assertThat(read("epoch-millis", "UTC", EARLIEST.toEpochMilli())).isEqualTo(EARLIEST.toEpochMilli());
        assertThat(read("epoch-millis", "UTC", latest)).isEqualTo(latest);
    }

    @Test
    void shouldSayWhatATimeOutOfBoundsWasReadAs() {
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> read("epoch-millis", "UTC", 1_334_000_000))
                .withMessage("time (column ts): expected a time from 2000-01-01T00:00:00Z to 2024-05-17T14:45:28Z,"
                        + " got '1334000000', which is 1970-01-16T10:33:20Z as epoch-millis.");
    }
}
