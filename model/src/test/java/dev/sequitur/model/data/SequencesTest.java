package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.data.Split.Part;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec.By;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private static Event event(String entity, long timeMs) {
        return new Event(entity, timeMs, new Object[0], false);
    }

    private static EventSource source(Event... events) {
        Iterator<Event> iterator = List.of(events).iterator();
        return new EventSource() {
            @Override
            public Event next() {
                return iterator.hasNext() ? iterator.next() : null;
            }

            @Override
            public double progress() {
                return -1;
            }

            @Override
            public void close() {}
        };
    }

    private static EntitySequence sequence(String entity, long... times) {
        return new EntitySequence(
                entity,
                IntStream.range(0, times.length)
                        .mapToObj(i -> event(entity, times[i]))
                        .toList());
    }

    private static List<EntitySequence> sequences(int entities, int events) {
        return IntStream.range(0, entities)
                .mapToObj(i -> sequence(
                        "e" + i, IntStream.range(0, events).asLongStream().toArray()))
                .toList();
    }

    @Test
    void shouldOrderAnyMixtureOfPartitionsAlike() {
        Event late = event("a", 2);
        List<Event> a = List.of(event("a", 7), late, event("a", 9));
        List<Event> b = List.of(event("b", 4), event("b", 8));
        List<Event> c = List.of(event("c", 4));
        List<Event> expected = List.of(b.get(0), b.get(1), c.get(0), a.get(0), late, a.get(2));

        assertThat(Sequences.byEntity(List.of(a.get(0), b.get(0), late, c.get(0), b.get(1), a.get(2))))
                .isEqualTo(expected);
        assertThat(Sequences.byEntity(List.of(c.get(0), b.get(0), b.get(1), a.get(0), late, a.get(2))))
                .isEqualTo(expected);
    }

    @Test
    void shouldGroupByEntityInTheOrderOfArrival() throws IOException {
        Event b1 = event("b", 5);
        Event a1 = event("a", 3);
        Event b2 = event("b", 1);

        assertThat(Sequences.read(source(b1, a1, b2)))
                .containsExactly(new EntitySequence("b", List.of(b1, b2)), new EntitySequence("a", List.of(a1)));
    }

    @Test
    void shouldCutWholeEntitiesOffTheEnd() {
        Split split = Split.of(sequences(3804, 1), new SplitSpec(By.ENTITY, 1.0 / 3, 0.2));

        assertThat(split.count(Part.TRAIN)).isEqualTo(2029);
        assertThat(split.count(Part.VALIDATION)).isEqualTo(507);
        assertThat(split.count(Part.TEST)).isEqualTo(1268);
        assertThat(split.part(2028, 0)).isEqualTo(Part.TRAIN);
        assertThat(split.part(2029, 0)).isEqualTo(Part.VALIDATION);
        assertThat(split.part(2535, 0)).isEqualTo(Part.VALIDATION);
        assertThat(split.part(2536, 0)).isEqualTo(Part.TEST);
    }

    @Test
    void shouldKeepAllEventsOfAnEntityTogether() {
        Split split = Split.of(sequences(10, 7), new SplitSpec(By.ENTITY, 0.2, 0.25));

        for (int sequence = 0; sequence < 10; sequence++) {
            for (int event = 0; event < 7; event++) {
                assertThat(split.part(sequence, event))
                        .isEqualTo(sequence < 6 ? Part.TRAIN : sequence < 8 ? Part.VALIDATION : Part.TEST);
            }
        }
    }

    @Test
    void shouldCutTheLatestEventsOffEveryEntity() {
        // Times 0…9: two of ten are test, two of the other eight validation.
        List<EntitySequence> sequences = List.of(sequence("a", 0, 8, 2, 4), sequence("b", 9, 1, 3, 5, 6, 7));

        Split split = Split.of(sequences, new SplitSpec(By.TIME, 0.2, 0.25));

        for (int entity = 0; entity < 2; entity++) {
            for (int time = 0; time < 10; time++) {
                assertThat(split.part(entity, time))
                        .isEqualTo(time < 6 ? Part.TRAIN : time < 8 ? Part.VALIDATION : Part.TEST);
            }
        }
        assertThat(split.count(Part.TRAIN)).isEqualTo(6);
        assertThat(split.count(Part.VALIDATION)).isEqualTo(2);
        assertThat(split.count(Part.TEST)).isEqualTo(2);
    }

    @Test
    void shouldGiveAllEventsAtACutToTheLaterPart() {
        List<EntitySequence> sequences = List.of(sequence("a", 1, 1, 2, 2, 2, 3, 3, 3, 3, 3));

        Split split = Split.of(sequences, new SplitSpec(By.TIME, 0.1, 0.3));

        assertThat(split.count(Part.TEST)).isEqualTo(5);
        assertThat(split.count(Part.VALIDATION)).isEqualTo(3);
        assertThat(split.count(Part.TRAIN)).isEqualTo(2);
    }

    @Test
    void shouldCutNoTestOffWhereNoneIsAskedFor() {
        for (By by : By.values()) {
            Split split = Split.of(sequences(10, 10), new SplitSpec(by, 0, 0.1));

            assertThat(split.count(Part.TEST)).isZero();
            assertThat(split.count(Part.VALIDATION)).isEqualTo(10);
        }
    }

    @Test
    void shouldSayWhichPartComesOutEmpty() {
        assertThatThrownBy(() -> Split.of(sequences(4, 5), new SplitSpec(By.ENTITY, 0, 0.1)))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("leaves no event for VALIDATION of 4 entities");
        assertThatThrownBy(() -> Split.of(List.of(sequence("a", 1, 1, 1, 1)), new SplitSpec(By.TIME, 0, 0.5)))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("leaves no event for TRAIN");
    }
}
