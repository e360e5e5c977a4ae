package dev.sequitur.model.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EntityClockTest {
    private static final Duration GAP = Duration.ofMillis(100);

    @Test
    void shouldCountStepsAndKeepTheSessionsTimes() {
        EntityClock clock = EntityClock.START.after(1000).after(1010).after(1030);

        assertThat(clock).isEqualTo(new EntityClock(3, 1000, 1030));
    }

    @Test
    void shouldStartAnewOnlyAfterMoreThanTheGap() {
        EntityClock clock = EntityClock.START.after(1000);

        assertThat(clock.at(1100, GAP)).isSameAs(clock);
        assertThat(clock.at(1101, GAP)).isSameAs(EntityClock.START);
    }

    @Test
    void shouldMeasureTheGapFromTheLastEventNotFromTheSessionsStart() {
        EntityClock clock = EntityClock.START.after(1000).after(1090);

        assertThat(clock.at(1180, GAP)).isSameAs(clock);
        assertThat(clock.at(1191, GAP)).isSameAs(EntityClock.START);
    }

    @Test
    void shouldNeverStartAnewWithoutAGap() {
        EntityClock clock = EntityClock.START.after(0);

        assertThat(clock.at(Long.MAX_VALUE, null)).isSameAs(clock);
    }

    @Test
    void shouldNotLetTimeRunBackwardsForALateEvent() {
        EntityClock clock = EntityClock.START.after(1000).after(2000);

        assertThat(clock.at(500, GAP)).as("a late event starts no session").isSameAs(clock);
        assertThat(clock.after(500)).isEqualTo(new EntityClock(3, 1000, 2000));
    }

    @Test
    void shouldTakeATimeBeforeTheEpochAsTheFirst() {
        assertThat(EntityClock.START.at(-5, GAP).after(-5)).isEqualTo(new EntityClock(1, -5, -5));
    }
}
