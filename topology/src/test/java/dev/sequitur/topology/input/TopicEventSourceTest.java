package dev.sequitur.topology.input;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.data.MalformedRows;
import dev.sequitur.model.data.TooManyMalformedRowsException;
import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.fixture.TestModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TopicEventSourceTest {
    private static final TopicPartition P0 = new TopicPartition("history", 0);
    private static final TopicPartition P1 = new TopicPartition("history", 1);

    private final TestModel model = TestModel.endless();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name());
    private final MalformedRows malformed = new MalformedRows(2);

    private void topic(Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        consumer.updatePartitions(
                "history",
                begins.keySet().stream()
                        .map(p -> new PartitionInfo(p.topic(), p.partition(), null, null, null))
                        .toList());
        consumer.updateBeginningOffsets(begins);
        consumer.updateEndOffsets(ends);
    }

    private void add(TopicPartition partition, long offset, String key, byte[] value) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                value));
    }

    private TopicEventSource source(TestModel read, boolean keyed, Duration patience) throws IOException {
        return new TopicEventSource(
                consumer, "history", keyed, read.spec(), EventFormat.singleObject(), malformed, patience);
    }

    private TopicEventSource source() throws IOException {
        return source(model, true, Duration.ofSeconds(30));
    }

    private static List<Double> values(TopicEventSource source, String device) throws IOException {
        List<Double> values = new ArrayList<>();
        for (Event event = source.next(); event != null; event = source.next()) {
            assertThat(event.entity()).isEqualTo(device);
            values.add((Double) event.values()[0]);
        }
        return values;
    }

    @Test
    void shouldReadEveryPartitionInItsOrder() throws IOException {
        topic(Map.of(P0, 0L, P1, 5L), Map.of(P0, 2L, P1, 7L));
        consumer.schedulePollTask(() -> {
            add(P0, 0, "a", model.event("a", T0, 1));
            add(P0, 1, "a", model.event("a", T0, 2));
            add(P1, 5, "b", model.event("b", T0, 3));
            add(P1, 6, "b", model.event("b", T0, 4));
        });
        List<Event> events = new ArrayList<>();
        try (TopicEventSource source = source()) {
            for (Event event = source.next(); event != null; event = source.next()) {
                events.add(event);
            }
            assertThat(source.progress()).isEqualTo(1);
            assertThat(source.next()).isNull();
        }
        assertThat(events.stream()
                        .filter(e -> e.entity().equals("a"))
                        .map(e -> e.values()[0])
                        .toList())
                .isEqualTo(List.of(1.0, 2.0));
        assertThat(events.stream()
                        .filter(e -> e.entity().equals("b"))
                        .map(e -> e.values()[0])
                        .toList())
                .isEqualTo(List.of(3.0, 4.0));
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void shouldFailWhereARegistryCanNotBeAskedInsteadOfSkippingTheEvent() throws IOException {
        MapRegistry registry = new MapRegistry();
        registry.put(7, model.schema());
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        consumer.schedulePollTask(() -> {
            add(P0, 0, "a", MapRegistry.framed(7, model.record("a", T0, 1, "a")));
            add(P0, 1, "a", MapRegistry.framed(8, model.record("a", T0, 2, "a")));
        });
        try (TopicEventSource source = new TopicEventSource(
                consumer,
                "history",
                true,
                model.spec(),
                EventFormat.confluent(registry),
                malformed,
                Duration.ofSeconds(30))) {
            assertThat(source.next().values()[0]).isEqualTo(1.0);
            registry.goDown();
            assertThatThrownBy(source::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("history")
                    .hasMessageContaining("the registry is down");
            assertThat(malformed.count()).isZero();
        }
    }

    @Test
    void shouldStopWhereTheTopicEndedWhenItWasOpened() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        consumer.schedulePollTask(() -> {
            for (int i = 0; i < 5; i++) {
                add(P0, i, "a", model.event("a", T0, i));
            }
        });
        try (TopicEventSource source = source()) {
            assertThat(values(source, "a")).containsExactly(0.0, 1.0);
        }
    }

    @Test
    void shouldReadOverGapsOfCompactionAndEndInOne() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 100L));
        consumer.schedulePollTask(() -> add(P0, 40, "a", model.event("a", T0, 1)));
        // The last records were aborted: the position moves, and no record comes.
        consumer.schedulePollTask(() -> consumer.seek(P0, 100));
        try (TopicEventSource source = source()) {
            assertThat(source.progress()).isZero();
            assertThat(source.next()).isNotNull();
            assertThat(source.progress()).isCloseTo(0.41, within(1e-9));
            assertThat(source.next()).isNull();
            assertThat(source.progress()).isEqualTo(1);
        }
    }

    @Test
    void shouldEndWhereOnlyLaterRecordsAreLeftOfAPartition() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 10L));
        consumer.schedulePollTask(() -> add(P0, 12, "a", model.event("a", T0, 1)));
        try (TopicEventSource source = source()) {
            assertThat(source.next()).isNull();
        }
    }

    @Test
    void shouldReadNothingOfAnEmptyTopic() throws IOException {
        topic(Map.of(P0, 7L), Map.of(P0, 7L));
        try (TopicEventSource source = source()) {
            assertThat(source.progress()).isEqualTo(1);
            assertThat(source.next()).isNull();
        }
    }

    @Test
    void shouldReportMalformedRecordsWithTheirPlace() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 4L));
        consumer.schedulePollTask(() -> {
            add(P0, 0, "a", new byte[] {1, 2});
            add(P0, 1, "a", model.event("a", T0, 1));
            add(P0, 2, null, model.event("a", T0, 2));
            add(P0, 3, "a", model.event("a", T0, 3));
        });
        try (TopicEventSource source = source()) {
            assertThat(values(source, "a")).containsExactly(1.0, 3.0);
        }
        assertThat(malformed.count()).isEqualTo(2);
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.count(Reason.NULL_KEY)).isEqualTo(1);
        assertThat(malformed.report()).contains("history-0@0", "history-0@2");
    }

    @Test
    void shouldStopAtMoreMalformedRecordsThanAllowed() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 3L));
        consumer.schedulePollTask(() -> {
            for (int i = 0; i < 3; i++) {
                add(P0, i, "a", null);
            }
        });
        try (TopicEventSource source = source()) {
            assertThatThrownBy(source::next)
                    .isInstanceOf(TooManyMalformedRowsException.class)
                    .hasMessageContaining("history-0@2");
        }
    }

    @Test
    void shouldPassOverTombstonesWhereTheyEndASequence() throws IOException {
        TestModel ending = TestModel.endingWithTombstone();
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        consumer.schedulePollTask(() -> {
            add(P0, 0, "a", ending.event("a", T0, 1));
            add(P0, 1, "a", null);
        });
        try (TopicEventSource source = source(ending, true, Duration.ofSeconds(30))) {
            assertThat(values(source, "a")).containsExactly(1.0);
        }
        assertThat(malformed.count()).isZero();
    }

    @Test
    void shouldTakeTheEntityFromTheValueOfATopicThatIsNotKeyed() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        consumer.schedulePollTask(() -> {
            add(P0, 0, "any", model.event("a", T0, 1));
            add(P0, 1, null, model.event("a", T0, 2));
        });
        try (TopicEventSource source = source(model, false, Duration.ofSeconds(30))) {
            assertThat(values(source, "a")).containsExactly(1.0, 2.0);
        }
    }

    @Test
    void shouldSayThatThereIsNoSuchTopic() {
        assertThatThrownBy(this::source).isInstanceOf(IOException.class).hasMessageContaining("No topic 'history'");
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void shouldGiveUpOnAClusterThatServesNothing() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        try (TopicEventSource source = source(model, true, Duration.ZERO)) {
            assertThatThrownBy(source::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("'history'")
                    .hasMessageContaining("2 offsets before its end");
        }
    }

    @Test
    void shouldTellWhatTheClusterSaid() throws IOException {
        topic(Map.of(P0, 0L), Map.of(P0, 2L));
        try (TopicEventSource source = source()) {
            consumer.setPollException(new KafkaException("not authorized"));
            assertThatThrownBy(source::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("'history'")
                    .hasMessageContaining("not authorized");
        }
    }
}
