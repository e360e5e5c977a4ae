package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Timeline.Part;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.SpecException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final String FIELDS = "x: {kind: numeric}";

    /** An event a letter; the time of each is its index. */
    private static List<Event> events(String entities) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < entities.length(); i++) {
            events.add(Specs.event(entities.substring(i, i + 1), i, 1.0));
        }
        return events;
    }

    /** Entity and time of each step: {@code a0}, its end {@code a.}; in capitals where it isn't counted. */
    private static String text(Timeline timeline) {
        StringBuilder text = new StringBuilder();
        for (Timeline.Step step : timeline.steps()) {
            String one = step.entity() + (step.end() ? "." : step.event().timeMs());
            text.append(step.counted() ? one : one.toUpperCase(java.util.Locale.ROOT))
                    .append(' ');
        }
        return text.toString().strip();
    }

    private static String text(PipelineSpec spec, List<Event> events, Part part) {
        return text(Timeline.of(spec, events, part));
    }

    @Test
    void shouldKeepTheOrderOfTheSourceAndEndEachEntityAfterItsLastEvent() {
        Timeline timeline = Timeline.of(Specs.of(FIELDS, "end: last"), events("abacba"), Part.ALL);

        assertThat(text(timeline)).isEqualTo("a0 b1 a2 c3 c. b4 b. a5 a.");
        assertThat(timeline.steps()).extracting(Timeline.Step::sequence).containsExactly(0, 1, 0, 2, 2, 1, 1, 0, 0);
        assertThat(timeline.sequences()).isEqualTo(3);
    }

    @Test
    void shouldEndNothingWhereTheSpecKnowsNoEnd() {
        assertThat(text(Specs.of(FIELDS), events("aba"), Part.ALL)).isEqualTo("a0 b1 a2");
    }

    @Test
    void shouldTakeAllOfDataTooSmallToSplit() {
        PipelineSpec spec = Specs.of(FIELDS);

        assertThat(text(spec, events("a"), Part.ALL)).isEqualTo("a0");
        assertThatThrownBy(() -> Timeline.of(spec, events("a"), Part.TEST)).isInstanceOf(SpecException.class);
    }

    @Test
    void shouldHoldTheEntitiesOfItsPartAlone() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last", "training: {split: {test: 1/4, validation: 1/3}}");
        List<Event> events = events("abcdabcd");

        assertThat(text(spec, events, Part.TRAIN)).isEqualTo("a0 b1 a4 a. b5 b.");
        assertThat(text(spec, events, Part.VALIDATION)).isEqualTo("c2 c6 c.");
        assertThat(text(spec, events, Part.TEST)).isEqualTo("d3 d7 d.");
    }

    @Test
    void shouldCountTheTimesOfItsPartAndBringTheStateThere() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last", "training: {split: {by: time, test: 1/4, validation: 1/3}}");
        // Times 0 to 3 train, 4 and 5 validate, 6 and 7 test; c is over before.
        List<Event> events = events("abcaabba");

        assertThat(text(spec, events, Part.TRAIN)).isEqualTo("a0 b1 c2 c. a3 A4 B5 B6 B. A7 A.");
        assertThat(text(spec, events, Part.VALIDATION)).isEqualTo("A0 B1 A3 a4 b5 B6 B. A7 A.");
        assertThat(text(spec, events, Part.TEST)).isEqualTo("A0 B1 A3 A4 B5 b6 b. a7 a.");
    }

    @Test
    void shouldGiveEachStepTheClockThatItFinds() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last", "session: {gap: 10ms}");
        List<Event> events = List.of(
                Specs.event("a", 100, 1.0),
                Specs.event("a", 110, 1.0),
                Specs.event("b", 111, 1.0),
                Specs.event("a", 105, 1.0),
                Specs.event("a", 121, 1.0));

        assertThat(Timeline.of(spec, events, Part.ALL).steps())
                .extracting(Timeline.Step::clock)
                .containsExactly(
                        EntityClock.START,
                        new EntityClock(1, 100, 100),
                        EntityClock.START,
                        new EntityClock(1, 111, 111),
                        new EntityClock(2, 100, 110),
                        // 11 ms after 110: a new session.
                        EntityClock.START,
                        new EntityClock(1, 121, 121));
    }

    @Test
    void shouldStartAnewAfterAnEventThatClosesItsSequence() {
        PipelineSpec spec = Specs.of(FIELDS, "end: {field: x, values: [closed]}");
        List<Event> events = List.of(
                Specs.event("a", 1, 1.0), new Event("a", 2, new Object[] {1.0}, true), Specs.event("a", 3, 1.0));

        assertThat(Timeline.of(spec, events, Part.ALL).steps())
                .extracting(Timeline.Step::clock)
                .containsExactly(EntityClock.START, new EntityClock(1, 1, 1), EntityClock.START);
    }
}
