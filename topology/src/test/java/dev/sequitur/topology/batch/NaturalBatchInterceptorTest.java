package dev.sequitur.topology.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class NaturalBatchInterceptorTest {
    private static final TopicPartition OURS = new TopicPartition("events", 3);
    private static final TopicPartition OTHER = new TopicPartition("other", 0);

    private static List<ConsumerRecord<byte[], byte[]>> records(TopicPartition partition, long... offsets) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (long offset : offsets) {
            records.add(new ConsumerRecord<>(
                    partition.topic(),
                    partition.partition(),
                    offset,
                    1000 + offset,
                    TimestampType.CREATE_TIME,
                    2,
                    5,
                    new byte[2],
                    new byte[5],
                    new RecordHeaders(),
                    Optional.of(9)));
        }
        return records;
    }

    private static ConsumerRecords<byte[], byte[]> intercept(
            int maxEvents,
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled,
            Map<TopicPartition, OffsetAndMetadata> nextOffsets) {
        try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
            interceptor.configure(Map.of(
                    NaturalBatchInterceptor.TOPICS, "first, events", NaturalBatchInterceptor.MAX_EVENTS, maxEvents));
            return interceptor.onConsume(new ConsumerRecords<>(polled, nextOffsets));
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> events(ConsumerRecord<byte[], byte[]> carrier) {
        NaturalBatch batch =
                new NaturalBatchSerde().deserializer().deserialize(carrier.topic(), carrier.headers(), carrier.value());
        return ((NaturalBatch.Polled) batch).events();
    }

    @Test
    void shouldPackAPollIntoCarriersWithTheOffsetOfTheirFirstEvent() {
        List<ConsumerRecord<byte[], byte[]>> polled = records(OURS, 10, 11, 14, 15, 20);
        List<ConsumerRecord<byte[], byte[]>> carriers =
                intercept(2, Map.of(OURS, polled), Map.of()).records(OURS);

        assertThat(carriers).extracting(ConsumerRecord::offset).containsExactly(10L, 14L, 20L);
        assertThat(carriers).extracting(ConsumerRecord::timestamp).containsExactly(1010L, 1014L, 1020L);
        assertThat(carriers)
                .extracting(ConsumerRecord::leaderEpoch)
                .containsExactly(Optional.of(9), Optional.of(9), Optional.of(9));
        assertThat(carriers.stream().flatMap(c -> events(c).stream())).isEqualTo(polled);
        assertThat(carriers)
                .extracting(c -> c.serializedKeySize() + c.serializedValueSize())
                .containsExactly(14, 14, 7);
    }

    @Test
    void shouldPassOnTheNextOffsets() {
        Map<TopicPartition, OffsetAndMetadata> next = Map.of(OURS, new OffsetAndMetadata(25));
        assertThat(intercept(1000, Map.of(OURS, records(OURS, 10, 24)), next).nextOffsets())
                .isEqualTo(next);
    }

    @Test
    void shouldPassOnTheNextOffsetsOfAPollWithoutRecords() {
        Map<TopicPartition, OffsetAndMetadata> next = Map.of(OURS, new OffsetAndMetadata(25));
        assertThat(intercept(1000, Map.of(), next).nextOffsets()).isEqualTo(next);
    }

    @Test
    void shouldLeaveOtherTopicsAlone() {
        List<ConsumerRecord<byte[], byte[]>> other = records(OTHER, 1, 2);
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled = new LinkedHashMap<>();
        polled.put(OURS, records(OURS, 1, 2));
        polled.put(OTHER, other);
        ConsumerRecords<byte[], byte[]> out = intercept(1000, polled, Map.of());
        assertThat(out.records(OTHER)).isEqualTo(other);
        assertThat(out.records(OURS)).hasSize(1);
    }

    private static NaturalBatch.Polled batch(ConsumerRecord<byte[], byte[]> carrier) {
        return (NaturalBatch.Polled)
                new NaturalBatchSerde().deserializer().deserialize(carrier.topic(), carrier.headers(), carrier.value());
    }

    private static List<ConsumerRecord<byte[], byte[]>> poll(NaturalBatchInterceptor interceptor, long... offsets) {
        return interceptor
                .onConsume(new ConsumerRecords<>(Map.of(OURS, records(OURS, offsets)), Map.of()))
                .records(OURS);
    }

    @Test
    void shouldMakeSmallerCarriersWhereEventsAreSlow() {
        try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
            interceptor.configure(Map.of(NaturalBatchInterceptor.TOPICS, "events", "max.poll.interval.ms", 10_000));
            long[] offsets = LongStream.range(0, 400).toArray();
            List<ConsumerRecord<byte[], byte[]>> carriers = poll(interceptor, offsets);
            assertThat(carriers).hasSize(1);
            // A hundredth of the interval is 100 ms: 50 events of 2 ms.
            batch(carriers.get(0)).feed().processed(400, 800_000_000L);
            assertThat(poll(interceptor, offsets)).hasSize(8);
            // And one where each takes longer than that.
            for (int i = 0; i < 30; i++) {
                batch(carriers.get(0)).feed().processed(1, 5_000_000_000L);
            }
            assertThat(poll(interceptor, offsets)).hasSize(400);
        }
    }

    @Test
    void shouldTellTheProcessorHowFarWasPolledAndCommitted() {
        try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
            interceptor.configure(Map.of(NaturalBatchInterceptor.TOPICS, "events"));
            Feed feed = batch(poll(interceptor, 3, 4).get(0)).feed();
            assertThat(feed.polledTo()).isEqualTo(5);
            assertThat(feed.committed()).isEqualTo(-1);
            poll(interceptor, 7, 9);
            interceptor.onCommit(Map.of(OURS, new OffsetAndMetadata(5)));
            assertThat(feed.polledTo()).isEqualTo(10);
            assertThat(feed.committed()).isEqualTo(5);
        }
    }

    @Test
    void shouldStopOnACarrierThatLostItsEvents() {
        ConsumerRecord<byte[], byte[]> carrier = intercept(1000, Map.of(OURS, records(OURS, 1, 2)), Map.of())
                .records(OURS)
                .get(0);
        // An Error, since Streams' exception handlers may skip whatever throws an Exception.
        assertThatThrownBy(() -> new NaturalBatchSerde()
                        .deserializer()
                        .deserialize("events", new RecordHeaders(), carrier.value()))
                .isInstanceOf(Error.class)
                .hasMessageContaining("'events'")
                .hasMessageContaining("last in main.consumer.interceptor.classes");
    }

    @Test
    void shouldRefuseToStartWithoutTopics() {
        try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
            assertThatThrownBy(() -> interceptor.configure(Map.of()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(NaturalBatchInterceptor.TOPICS);
        }
    }

    @Test
    void shouldRefuseABatchOfNoEvents() {
        for (Object wrong : List.of(0, -1, "many")) {
            try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
                Map<String, Object> configs =
                        Map.of(NaturalBatchInterceptor.TOPICS, "events", NaturalBatchInterceptor.MAX_EVENTS, wrong);
                assertThatThrownBy(() -> interceptor.configure(configs))
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining(wrong.toString())
                        .hasMessageContaining(">= 1");
            }
        }
    }
}
