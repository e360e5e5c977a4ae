package dev.sequitur.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private static final PipelineSpec SPEC = PipelineSpecReader.parse(
            """
            name: test
            entity: id
            time: at
            end: last
            fields:
              kind: {kind: categorical}
              size: {kind: numeric}
              lamps: {kind: flags, flags: [oil, brake]}
            cell: {kind: gru}
            """,
            "test");

    /** Eight events of one entity, and its end; sizes from 0 to 7. */
    private final Evidence evidence = evidence();

    private static Evidence evidence() {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String kind = i % 4 == 0 ? "b" : "a";
            events.add(new Event("e", i, new Object[] {kind, (double) i, new boolean[] {true, i < 2}}, false));
        }
        Timeline timeline = Timeline.of(SPEC, events, Timeline.Part.ALL);
        Evidence evidence = new Evidence(SPEC, timeline, 3);
        for (int i = 0; i < timeline.steps().size(); i++) {
            boolean end = i == 8;
            List<Expectation> expected = List.of(
                    new Expectation("kind", new Categorical(List.of(new Probability("a", 0.71)))),
                    new Expectation("size", new Continuous(4.0, 1.0, 6.0)),
                    new Expectation(
                            "lamps",
                            new Flags(1.0, List.of(new Probability("oil", 1.0), new Probability("brake", 0.25)))),
                    new Expectation("END", new Binary(i == 7 ? 0.9 : 0.05)));
            List<FieldSurprise> fields = end
                    ? List.of(new FieldSurprise(0.1, "true", expected.get(3)))
                    : List.of(
                            new FieldSurprise(1.0, i % 4 == 0 ? "b" : "a", expected.get(0)),
                            new FieldSurprise(1.0, Double.toString(i), expected.get(1)),
                            new FieldSurprise(1.0, "oil", expected.get(2)),
                            new FieldSurprise(1.0, "false", expected.get(3)));
            evidence.add(
                    i,
                    new StepOutcome(
                            new Verdict(i % 5, 1 - 0.1 * (i + 0.5), false, false), fields, end ? List.of() : expected));
        }
        return evidence;
    }

    @Test
    void shouldBinStatedProbabilitiesAgainstWhatCame() {
        Evidence.Reliability kind = evidence.reliabilities().get("kind");
        assertThat(kind.count(7)).isEqualTo(8);
        assertThat(kind.stated(7)).isCloseTo(0.71, within(1e-12));
        assertThat(kind.came(7)).isEqualTo(0.75);
        Evidence.Reliability lamps = evidence.reliabilities().get("lamps");
        assertThat(lamps.count(9)).as("1 is in the last bin").isEqualTo(8);
        assertThat(lamps.came(9)).isEqualTo(1);
        assertThat(lamps.came(2)).isEqualTo(0.25);
        Evidence.Reliability end = evidence.reliabilities().get("END");
        assertThat(end.count(0)).as("eight events and the end itself").isEqualTo(8);
        assertThat(end.came(9)).isZero();
    }

    @Test
    void shouldCountWhereNumbersFell() {
        // Below 1: 0. Up to the median 4: 1, 2, 3. Up to 6: 4, 5, 6. Above: 7.
        assertThat(evidence.intervals().get("size")).containsExactly(1, 3, 3, 1);
    }

    @Test
    void shouldCompareAnswersWithWhatCameNext() {
        Evidence.Confusion kind = evidence.confusions().get("kind");
        // The first event follows no prediction; after the last one, END was likelier than a.
        assertThat(kind.count("a", "a")).isEqualTo(6);
        assertThat(kind.count("b", "a")).isEqualTo(1);
        assertThat(kind.count("END", "END")).isEqualTo(1);
        assertThat(kind.actual()).containsExactly("a", "END", "b");
    }

    @Test
    void shouldKeepTheMostSurprising() {
        assertThat(evidence.surprising())
                .extracting(s -> s.outcome().surprise())
                .containsExactly(4.0, 3.0, 3.0);
    }

    @Test
    void shouldCountScoresAboveALevel() {
        // Scores 0.95, 0.85, … 0.15.
        assertThat(evidence.exceeding(0.1)).isEqualTo(1.0 / 9);
        assertThat(evidence.exceeding(0.5)).isEqualTo(5.0 / 9);
        assertThat(evidence.exceeding(1)).isEqualTo(1);
        assertThat(evidence.scored()).isEqualTo(9);
    }
}
