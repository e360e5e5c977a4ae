package dev.sequitur.topology.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ArrivalTimeTest {
    private static long extract(long timestamp, long partitionTime) {
        return new ArrivalTime()
                .extract(
                        new ConsumerRecord<>(
                                "t",
                                0,
                                0,
                                timestamp,
                                TimestampType.CREATE_TIME,
                                0,
                                0,
                                null,
                                null,
                                new RecordHeaders(),
                                Optional.empty()),
                        partitionTime);
    }

    @Test
    void shouldTakeTheRecordsTime() {
        assertThat(extract(5, 9)).isEqualTo(5);
    }

    @Test
    void shouldNeverBeNegativeSinceStreamsWouldSkipTheCarrier() {
        assertThat(extract(-1, 9)).isEqualTo(9);
        assertThat(extract(-1, -1)).isZero();
    }
}
