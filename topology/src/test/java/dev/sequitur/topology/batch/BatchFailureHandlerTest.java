package dev.sequitur.topology.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler.Response;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler.Result;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class BatchFailureHandlerTest {
    private static ConsumerRecord<byte[], byte[]> event() {
        return new ConsumerRecord<>(
                "events",
                0,
                7,
                0,
                TimestampType.CREATE_TIME,
                1,
                1,
                new byte[] {1},
                new byte[] {2},
                new RecordHeaders(),
                Optional.empty());
    }

    private static Response handled(ConsumerRecord<byte[], byte[]> source) {
        BatchFailureHandler handler = new BatchFailureHandler();
        handler.configure(Map.of(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "dead-letters"));
        return handler.handleError(
                new Source(source), new Record<>("a", "b", 0), new IllegalStateException("no device"));
    }

    @Test
    void shouldStopWithoutALetterThatHoldsACarrier() {
        Response response = handled(Carrier.of(List.of(event()), new Feed()));
        assertThat(response.result()).isEqualTo(Result.FAIL);
        assertThat(response.deadLetterQueueRecords()).isEmpty();
    }

    @Test
    void shouldDoAsKafkaStreamsDoesWithARecordOfItsOwn() {
        Response response = handled(event());
        assertThat(response.result()).isEqualTo(Result.FAIL);
        assertThat(response.deadLetterQueueRecords()).singleElement().satisfies(letter -> assertThat(letter.value())
                .containsExactly(2));
    }

    private record Source(ConsumerRecord<byte[], byte[]> record) implements ErrorHandlerContext {
        @Override
        public String topic() {
            return record.topic();
        }

        @Override
        public int partition() {
            return record.partition();
        }

        @Override
        public long offset() {
            return record.offset();
        }

        @Override
        public Headers headers() {
            return record.headers();
        }

        @Override
        public String processorNodeId() {
            return "score";
        }

        @Override
        public TaskId taskId() {
            return new TaskId(0, 0);
        }

        @Override
        public long timestamp() {
            return record.timestamp();
        }

        @Override
        public byte[] sourceRawKey() {
            return record.key();
        }

        @Override
        public byte[] sourceRawValue() {
            return record.value();
        }
    }
}
