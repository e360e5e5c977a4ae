package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.data.EventSpool.Order;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec.By;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against {@link Sequences}, which does the same in memory. */
class EventSpoolTest {
    @TempDir
    Path directory;

    private GroupedEvents grouped(List<Event> events, Order order) throws IOException {
        try (EventSpool spool = new EventSpool(directory)) {
            for (Event event : events) {
                spool.add(event);
            }
            assertThat(spool.size()).isEqualTo(events.size());
            return spool.group(order);
        }
    }

    private static List<Event> all(GroupedEvents grouped) throws IOException {
        List<Event> events = new ArrayList<>();
        int[] last = {-1};
        long[] next = {0};
        grouped.forEach((entity, index, event) -> {
            if (entity != last[0]) {
                assertThat(entity).isEqualTo(last[0] + 1);
                assertThat(index).isZero();
                last[0] = entity;
                next[0] = 0;
            }
            assertThat(index).isEqualTo(next[0]++).isLessThan(grouped.events(entity));
            events.add(event);
        });
        assertThat(last[0]).isEqualTo(grouped.entities() - 1);
        return events;
    }

    private static List<Event> flat(List<EntitySequence> sequences) {
        return sequences.stream().flatMap(s -> s.events().stream()).toList();
    }

    private static void same(List<Event> expected, List<Event> got) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i).entity()).isEqualTo(expected.get(i).entity());
            assertThat(got.get(i).timeMs()).isEqualTo(expected.get(i).timeMs());
            assertThat(got.get(i).last()).isEqualTo(expected.get(i).last());
            assertThat(Arrays.deepEquals(got.get(i).values(), expected.get(i).values()))
                    .as("values of event %s", i)
                    .isTrue();
        }
    }

    /** Some entities with few events, one with most of them; values from none to far more than a buffer. */
    private static List<Event> mixture(int events) {
        Random random = new Random(events);
        List<Event> mixture = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            String entity = random.nextInt(3) > 0 ? "hot" : "entity ü" + random.nextInt(500);
            boolean[] flags = new boolean[random.nextInt(4)];
            mixture.add(new Event(
                    entity,
                    random.nextInt(50) - 25,
                    new Object[] {i % 7 == 0 ? null : (Double) (double) i, "text " + i, flags},
                    random.nextBoolean()));
        }
        String large = "€".repeat(3_000_000);
        mixture.add(1, new Event("hot", 3, new Object[] {null, large, new boolean[0]}, false));
        mixture.add(new Event("last", 3, new Object[] {Double.NaN, "", new boolean[] {true}}, true));
        return mixture;
    }

    @Test
    void shouldGroupByEntityInTheOrderOfArrival() throws IOException {
        List<Event> events = mixture(10_000);
        try (GroupedEvents grouped = grouped(events, Order.ARRIVAL)) {
            same(flat(Sequences.group(events)), all(grouped));
            assertThat(all(grouped)).as("a second time").hasSameSizeAs(events);
        }
    }

    @Test
    void shouldOrderByTheTimeOfTheFirstEventAndThenByName() throws IOException {
        List<Event> events = mixture(3000);
        try (GroupedEvents grouped = grouped(events, Order.TIME)) {
            same(Sequences.byEntity(events), all(grouped));
        }
    }

    @Test
    void shouldKeepEventsOfEveryKindOfField() throws IOException {
        List<Event> events = TinyPipeline.events(20, 30, 1);
        try (GroupedEvents grouped = grouped(events, Order.ARRIVAL)) {
            same(flat(Sequences.group(events)), all(grouped));
        }
    }

    @Test
    void shouldHoldNoEventsInMemoryButABuffer() throws IOException {
        try (EventSpool spool = new EventSpool(directory)) {
            for (int i = 0; i < 200_000; i++) {
                spool.add(new Event("e" + i % 100, i, new Object[] {(double) i, "some text"}, false));
                assertThat(spool.buffered()).isLessThanOrEqualTo(1 << 20);
            }
        }
    }

    @Test
    void shouldGroupNothing() throws IOException {
        try (GroupedEvents grouped = grouped(List.of(), Order.ARRIVAL)) {
            assertThat(all(grouped)).isEmpty();
            assertThat(grouped.entities()).isZero();
        }
    }

    @Test
    void shouldLeaveNoFileBehindAlsoWhenAnEventCanNotBeKept() throws IOException {
        grouped(mixture(100), Order.ARRIVAL).close();
        assertThatThrownBy(() -> grouped(List.of(new Event("a", 0, new Object[] {1}, false)), Order.ARRIVAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got a java.lang.Integer");
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSplitOnDiskAsInMemory(By by) throws IOException {
        List<Event> events = mixture(20_000);
        SplitSpec spec = new SplitSpec(by, 0.2, 0.1);
        List<EntitySequence> sequences = Sequences.group(events);
        Split inMemory = Split.of(sequences, spec);
        try (GroupedEvents grouped = grouped(events, Order.ARRIVAL)) {
            Split onDisk = Split.of(grouped, spec, directory);
            for (Split.Part part : Split.Part.values()) {
                assertThat(onDisk.count(part)).isEqualTo(inMemory.count(part));
            }
            grouped.forEach((entity, index, event) ->
                    assertThat(onDisk.part(entity, event.timeMs())).isEqualTo(inMemory.part(entity, event.timeMs())));
        }
    }
}
