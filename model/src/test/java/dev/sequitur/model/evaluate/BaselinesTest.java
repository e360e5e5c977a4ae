package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BaselinesTest {
    private static final long DAY = 86_400_000;
    private static final String FIELDS =
            """
            kind: {kind: categorical, optional: true}
            size: {kind: numeric, optional: true}
            gap: {kind: since-previous, role: [input, target]}
            """;

    /** An entity a word, an event a letter, a day between them; {@code -} is missing. */
    private static Timeline timeline(PipelineSpec spec, String... words) {
        List<Event> events = new ArrayList<>();
        for (int w = 0; w < words.length; w++) {
            for (int i = 0; i < words[w].length(); i++) {
                String kind = words[w].substring(i, i + 1);
                events.add(Specs.event("e" + w, i * DAY, kind.equals("-") ? null : kind, null, null));
            }
        }
        return Timeline.of(spec, events, Timeline.Part.ALL);
    }

    private static void assertMetric(List<Metric> metrics, String field, String name, double value, long count) {
        Metric metric = metrics.stream()
                .filter(m -> m.field().equals(field) && m.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " of " + field + " in " + metrics));
        assertThat(metric.value()).as(name).isCloseTo(value, within(1e-12));
        assertThat(metric.count()).as("count of %s", name).isEqualTo(count);
    }

    @Test
    void shouldAnswerWhatMostOftenFollowedAndMayEnd() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        // After a: b b c. After b: END END END a. After c: END.
        Timeline learned = timeline(spec, "ab", "abab", "ac", "b");
        // a→b right, b→END right; a→c wrong, c→b wrong (END), b→END right; z is new: z→a wrong, a→END wrong (b).
        Timeline asked = timeline(spec, "ab", "acb", "za");

        List<Metric> metrics = new Baselines(spec).measure(List.of(learned), asked);

        assertMetric(metrics, "kind", "accuracy, Markov-1", 1.0 / 4, 4);
        assertMetric(metrics, "kind", "accuracy with END, Markov-1", 3.0 / 7, 7);
        // Never ending: b→a; c→nothing is known.
        assertMetric(metrics, "kind", "accuracy, Markov-1 that never ends", 1.0 / 4, 4);
        assertMetric(metrics, "kind", "accuracy with END, Markov-1 that never ends", 1.0 / 7, 7);
    }

    @Test
    void shouldGainFromNeverEndingWhereAnEventCame() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        Timeline learned = timeline(spec, "a", "a", "ab");

        List<Metric> metrics = new Baselines(spec).measure(List.of(learned), timeline(spec, "ab"));

        assertMetric(metrics, "kind", "accuracy, Markov-1", 0, 1);
        assertMetric(metrics, "kind", "accuracy, Markov-1 that never ends", 1, 1);
        assertMetric(metrics, "kind", "accuracy with END, Markov-1", 0.5, 2);
    }

    @Test
    void shouldSpeakOfNoEndWhereTheSpecKnowsNone() {
        PipelineSpec spec = Specs.of(FIELDS);

        List<Metric> metrics =
                new Baselines(spec).measure(List.of(timeline(spec, "abab", "ac")), timeline(spec, "abc"));

        assertThat(metrics)
                .extracting(Metric::name)
                .contains("accuracy, Markov-1")
                .noneMatch(n -> n.contains("END"));
        assertMetric(metrics, "kind", "accuracy, Markov-1", 0.5, 2);
    }

    @Test
    void shouldTakeMissingForAValueOfItsOwn() {
        PipelineSpec spec = Specs.of(FIELDS);

        List<Metric> metrics = new Baselines(spec)
                .measure(List.of(timeline(spec, "a-b", "a-b", "ac")), timeline(spec, "a-", "-b", "ac"));

        assertMetric(metrics, "kind", "accuracy, Markov-1", 2.0 / 3, 3);
    }

    @Test
    void shouldLearnFromSeveralTimelines() {
        PipelineSpec spec = Specs.of(FIELDS);

        List<Metric> metrics = new Baselines(spec)
                .measure(List.of(timeline(spec, "ab"), timeline(spec, "ac", "ac")), timeline(spec, "ac"));

        assertMetric(metrics, "kind", "accuracy, Markov-1", 1, 1);
    }

    @Test
    void shouldCountNothingBeforeTheLeastPrefix() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last", "task: {min-prefix: 2}");

        List<Metric> metrics =
                new Baselines(spec).measure(List.of(timeline(spec, "abc", "abc")), timeline(spec, "abc", "x"));

        // b→c and c→END; the entity x ends after one event.
        assertMetric(metrics, "kind", "accuracy, Markov-1", 1, 1);
        assertMetric(metrics, "kind", "accuracy with END, Markov-1", 1, 2);
    }

    private static Timeline times(PipelineSpec spec, Object... kindsAndDays) {
        List<Event> events = new ArrayList<>();
        double day = 0;
        for (int i = 0; i < kindsAndDays.length; i += 2) {
            day += ((Number) kindsAndDays[i + 1]).doubleValue();
            events.add(Specs.event("e", Math.round(day * DAY), kindsAndDays[i], null, null));
        }
        return Timeline.of(spec, events, Timeline.Part.ALL);
    }

    @Test
    void shouldExpectTheMedianTimeAfterTheLastCategory() {
        PipelineSpec spec = Specs.of(FIELDS);
        // After a: 1, 2, 9, median 2. After b: 4, 6, median 5. Of all: 1 2 4 6 9, median 4.
        Timeline learned = times(spec, "a", 0, "a", 1, "a", 2, "b", 9, "b", 4, "z", 6);
        // After a 5 days: 3 off; after b 5 days: exact; after q, which is new, 3 days: 1 off.
        Timeline asked = times(spec, "a", 0, "b", 5, "q", 5, "a", 3);

        List<Metric> metrics = new Baselines(spec).measure(List.of(learned), asked);

        assertMetric(metrics, "gap", "mean absolute error, median time by kind", 4.0 / 3, 3);
        assertThat(metrics)
                .filteredOn(m -> m.field().equals("gap"))
                .extracting(Metric::unit)
                .containsOnly("days");
    }

    @Test
    void shouldExpectTheMedianOfAllTimesWithoutACategory() {
        PipelineSpec spec = Specs.of("gap: {kind: since-previous, role: [input, target]}");
        List<Event> learned = List.of(time(0), time(1), time(3), time(10));
        List<Event> asked = List.of(time(0), time(2.5));

        List<Metric> metrics = new Baselines(spec)
                .measure(
                        List.of(Timeline.of(spec, learned, Timeline.Part.ALL)),
                        Timeline.of(spec, asked, Timeline.Part.ALL));

        assertMetric(metrics, "gap", "mean absolute error, median time", 0.5, 1);
    }

    private static Event time(double days) {
        return Specs.event("e", Math.round(days * DAY), new Object[] {null});
    }

    @Test
    void shouldExpectANumberToStayAsItIs() {
        PipelineSpec spec = Specs.of(FIELDS);
        List<Event> events = new ArrayList<>();
        for (Double size : new Double[] {1.0, 4.0, null, 5.0, 5.5}) {
            events.add(Specs.event("e", events.size(), "k", size, null));
        }
        Timeline asked = Timeline.of(spec, events, Timeline.Part.ALL);

        List<Metric> metrics = new Baselines(spec).measure(List.of(), asked);

        // 1→4 and 5→5.5; nothing was known beside the missing one.
        assertMetric(metrics, "size", "mean absolute error, last value", 1.75, 2);
    }

    @Test
    void shouldNotPairEventsOfTwoSessions() {
        PipelineSpec spec = Specs.of(FIELDS, "session: {gap: 2d}");
        Timeline learned = times(spec, "a", 0, "b", 1, "a", 5, "c", 1, "a", 5, "c", 1);

        List<Metric> metrics = new Baselines(spec).measure(List.of(learned), times(spec, "b", 0, "a", 9, "c", 1));

        assertMetric(metrics, "kind", "accuracy, Markov-1", 1, 1);
        assertMetric(metrics, "gap", "mean absolute error, median time by kind", 0, 1);
    }
}
