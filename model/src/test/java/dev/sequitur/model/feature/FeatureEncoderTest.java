package dev.sequitur.model.feature;

import static dev.sequitur.model.Specs.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec;
import java.time.Instant;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureEncoderTest {
    private static final PipelineSpec SPEC = Specs.of(
            """
            load: {kind: numeric, optional: true}
            mode: {kind: categorical, optional: true}
            lamps: {kind: flags, flags: [oil, water, brake]}
            gap: {kind: since-previous}
            age: {kind: since-start}
            place: {kind: position}
            """,
            "end: last");
    private static final Map<String, LearnedField> LEARNED = Map.of(
            "load", new Scale(0, 10, 2),
            "mode", new Vocabulary(List.of("run", "idle"), 2),
            "gap", new Scale(1000, 1, 2),
            "age", new Scale(1000, 2, 4),
            "place", new Scale(1, 0, 0.5));
    private static final FeatureEncoder ENCODER = new FeatureEncoder(SPEC, LEARNED);

    private static float[] encode(FeatureEncoder encoder, Event event, EntityClock clock) {
        float[] row = new float[encoder.width()];
        encoder.encode(event, clock, row, 0);
        return row;
    }

    private static Event loaded(long timeMs, Double load, String mode) {
        return event("a", timeMs, load, mode, new boolean[] {true, false, true}, null, null, null);
    }

    @Test
    void shouldWriteEveryKindAtItsPlace() {
        float[] row = encode(ENCODER, loaded(9000, 13.0, "idle"), new EntityClock(3, 2000, 6000));

        assertThat(row)
                .containsExactly(
                        new float[] {
                            0, // start
                            0, // END
                            1.5f,
                            1, // load
                            3, // mode
                            1,
                            0,
                            1, // lamps
                            (float) ((Math.log(1 + 3) - 1) / 2),
                            1, // gap of 3 s
                            (float) ((Math.log(1 + 7) - 2) / 4), // age of 7 s
                            (float) (Math.log(1 + 3) / 0.5) // the fourth event
                        },
                        within(1e-6f));
    }

    @Test
    void shouldMarkTheFirstEventOfASessionAndLeaveItsGapOut() {
        float[] row = encode(ENCODER, loaded(9000, 13.0, "run"), EntityClock.START);

        assertThat(row[0]).isEqualTo(1);
        assertThat(List.of(row[8], row[9])).as("gap").containsExactly(0f, 0f);
        assertThat(row[10]).as("age").isEqualTo(-0.5f);
        assertThat(row[11]).as("place").isZero();
    }

    @Test
    void shouldTellMissingFromTheMeanAndFromUnknown() {
        EntityClock clock = new EntityClock(1, 0, 0);
        float[] missing = encode(ENCODER, loaded(1, null, null), clock);
        float[] mean = encode(ENCODER, loaded(1, 10.0, "never seen"), clock);

        assertThat(List.of(missing[2], missing[3], missing[4])).containsExactly(0f, 0f, 1f);
        assertThat(List.of(mean[2], mean[3], mean[4])).containsExactly(0f, 1f, 0f);
    }

    @Test
    void shouldTakeNoTimeForALateEvent() {
        float[] late = encode(ENCODER, loaded(1000, 0.0, "run"), new EntityClock(2, 5000, 6000));

        assertThat(late[8]).as("gap").isEqualTo((float) ((0 - 1) / 2.0));
        assertThat(late[9]).as("there is a previous event").isEqualTo(1);
        assertThat(late[10]).as("age").isEqualTo((float) ((0 - 2) / 4.0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e30, 1e300, Double.MAX_VALUE})
    void shouldCutExtremeNumbersSoThatSquaresStayFinite(double extreme) {
        for (double load : new double[] {extreme, -extreme}) {
            float[] row = encode(ENCODER, loaded(1, load, "run"), EntityClock.START);

            assertThat(row[2]).isEqualTo((float) (Math.signum(load) * 1e4));
            // The narrowest normal of a head has a deviation of e^-6.
            float distance = 2 * row[2] * (float) Math.exp(6);
            assertThat(distance * distance).isFinite();
        }
    }

    @Test
    void shouldCutWhatADegenerateScaleBlowsUp() {
        FeatureEncoder encoder = new FeatureEncoder(
                Specs.of("x: {kind: numeric}"), Map.of("x", new Scale(Double.MIN_VALUE, -1e308, 1e-300)));

        assertThat(encode(encoder, event("a", 0, Double.MAX_VALUE), EntityClock.START)[1])
                .isEqualTo(1e4f);
    }

    @Test
    void shouldWriteOnlyItsOwnRowAndClearWhatStoodThere() {
        float[] rows = new float[3 * ENCODER.width()];
        java.util.Arrays.fill(rows, 7f);

        ENCODER.encode(loaded(1, null, null), EntityClock.START, rows, ENCODER.width());

        for (int i = 0; i < rows.length; i++) {
            boolean own = i >= ENCODER.width() && i < 2 * ENCODER.width();
            assertThat(rows[i] == 7f).as("float %s", i).isEqualTo(!own);
        }
    }

    @Test
    void shouldWriteTheEndAsARowOfNothingElse() {
        float[] row = new float[ENCODER.width() + 2];
        java.util.Arrays.fill(row, 7f);

        ENCODER.encodeEnd(row, 1);

        float[] expected = new float[ENCODER.width() + 2];
        expected[0] = 7;
        expected[2] = 1;
        expected[expected.length - 1] = 7;
        assertThat(row).containsExactly(expected);
    }

    @Test
    void shouldRefuseAnEndThatTheSpecDoesntKnow() {
        FeatureEncoder encoder = new FeatureEncoder(Specs.of("x: {kind: numeric}"), Map.of("x", new Scale(0, 0, 1)));

        assertThatThrownBy(() -> encoder.encodeEnd(new float[3], 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("end: last");
    }

    @Test
    void shouldRefuseLearningsOfAnotherSpec() {
        assertThatThrownBy(() -> new FeatureEncoder(SPEC, Map.of("load", new Vocabulary(List.of(), 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'load'")
                .hasMessageContaining("scale");
    }

    private static FeatureEncoder calendar(String zone) {
        return new FeatureEncoder(
                Specs.of(
                        """
                        x: {kind: flags, flags: [a]}
                        when: {kind: calendar, zone: %s, parts: [hour-of-day, day-of-week, day-of-month, day-of-year]}
                        """
                                .formatted(zone)),
                Map.of());
    }

    /** Angles of the four parts as shares of a turn, in [0,1). */
    private static double[] turns(FeatureEncoder encoder, long timeMs) {
        float[] row = encode(encoder, event("a", timeMs, new boolean[1], null), EntityClock.START);
        double[] turns = new double[4];
        for (int i = 0; i < 4; i++) {
            float sine = row[2 + 2 * i];
            float cosine = row[3 + 2 * i];
            assertThat(Math.hypot(sine, cosine)).isCloseTo(1, within(1e-6));
            double turn = Math.atan2(sine, cosine) / (2 * Math.PI);
            turns[i] = turn < 0 ? turn + 1 : turn;
        }
        return turns;
    }

    @ParameterizedTest
    @CsvSource({
        // 1970-01-01 was a Thursday, 2024-02-29 too; 2024 is a leap year.
        "1970-01-01T06:00:00Z, UTC, 0.25, 3.25, 0.25, 31, 0.25, 365",
        "2024-02-29T12:00:00Z, UTC, 0.5, 3.5, 28.5, 29, 59.5, 366",
        "2023-12-31T18:00:00Z, UTC, 0.75, 6.75, 30.75, 31, 364.75, 365",
        // In Berlin it is two in the morning of Tuesday, the 2nd of July.
        "2024-07-02T00:00:00Z, Europe/Berlin, 0.0833333333, 1.0833333333, 1.0833333333, 31, 183.0833333333, 366",
        // Before the epoch, a Wednesday.
        "1969-12-31T12:00:00Z, UTC, 0.5, 2.5, 30.5, 31, 364.5, 365"
    })
    void shouldPutTimeOnTheCirclesOfTheCalendar(
            Instant time,
            String zone,
            double day,
            double weekday,
            double monthDay,
            int monthDays,
            double yearDay,
            int yearDays) {
        assertThat(turns(calendar(zone), time.toEpochMilli()))
                .containsExactly(
                        new double[] {day, weekday / 7, monthDay / monthDays, yearDay / yearDays}, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"})
    void shouldAgreeWithTheOldCalendarAtAnyTime(String zone) {
        FeatureEncoder encoder = calendar(zone);
        Calendar oracle = new GregorianCalendar(TimeZone.getTimeZone(zone), Locale.ROOT);
        Random random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            long timeMs = (long) (random.nextDouble() * 4e12);
            oracle.setTimeInMillis(timeMs);
            double day = (oracle.get(Calendar.HOUR_OF_DAY) * 3600
                            + oracle.get(Calendar.MINUTE) * 60
                            + oracle.get(Calendar.SECOND))
                    / 86400.0;
            double[] expected = {
                day,
                ((oracle.get(Calendar.DAY_OF_WEEK) + 5) % 7 + day) / 7,
                (oracle.get(Calendar.DAY_OF_MONTH) - 1 + day) / oracle.getActualMaximum(Calendar.DAY_OF_MONTH),
                (oracle.get(Calendar.DAY_OF_YEAR) - 1 + day) / oracle.getActualMaximum(Calendar.DAY_OF_YEAR)
            };
            double[] turns = turns(encoder, timeMs);
            for (int part = 0; part < 4; part++) {
                double distance = Math.abs(turns[part] - expected[part]);
                // Around the circle; less than a second of a day.
                assertThat(Math.min(distance, 1 - distance))
                        .as("part %s at %s", part, timeMs)
                        .isLessThan(1e-6);
            }
        }
    }
}
