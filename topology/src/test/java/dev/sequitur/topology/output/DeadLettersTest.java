package dev.sequitur.topology.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.internals.ExceptionHandlerUtils;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private static final Exception WHY = new IllegalArgumentException("it is wrong");

    private static DeadLetters letters(int maxBytes) {
        return DeadLetters.configured(Map.of("errors.dead.letter.queue.topic.name", "dlq"), maxBytes);
    }

    private static ConsumerRecord<byte[], byte[]> event(int key, int value, int header, long timestamp) {
        Headers headers = new RecordHeaders();
        if (header > 0) {
            headers.add("own", new byte[header]);
        }
        return new ConsumerRecord<>(
                "in",
                3,
                77,
                timestamp,
                TimestampType.CREATE_TIME,
                key,
                value,
                new byte[key],
                new byte[value],
                headers,
                Optional.empty());
    }

    private static DeadLetter letter(Record<String, Outcome> record) {
        return ((Outcome.Rejected) record.value()).letter();
    }

    private static String text(Record<?, ?> record, String header) {
        var last = record.headers().lastHeader(header);
        return last == null ? null : new String(last.value(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldUseTheHeaderNamesOfKafkaStreams() {
        // Internal to Kafka Streams, and read here alone: a new version that renames them fails this test.
        assertThat(DeadLetterHeaders.EXCEPTION).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_EXCEPTION_NAME);
        assertThat(DeadLetterHeaders.MESSAGE).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_EXCEPTION_MESSAGE_NAME);
        assertThat(DeadLetterHeaders.STACKTRACE).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_STACKTRACE_NAME);
        assertThat(DeadLetterHeaders.TOPIC).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_TOPIC_NAME);
        assertThat(DeadLetterHeaders.PARTITION).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_PARTITION_NAME);
        assertThat(DeadLetterHeaders.OFFSET).isEqualTo(ExceptionHandlerUtils.HEADER_ERRORS_OFFSET_NAME);
    }

    @Test
    void shouldTellWhatWhereAndWhy() {
        Record<String, Outcome> record = letters(1000).letter(event(2, 3, 4, 99), "wrong", WHY);
        assertThat(letter(record).topic()).isEqualTo("dlq");
        assertThat(letter(record).key()).hasSize(2);
        assertThat(letter(record).value()).hasSize(3);
        assertThat(record.timestamp()).isEqualTo(99);
        assertThat(record.headers().lastHeader("own").value()).hasSize(4);
        assertThat(text(record, "__streams.errors.exception")).isEqualTo("java.lang.IllegalArgumentException");
        assertThat(text(record, "__streams.errors.message")).isEqualTo("it is wrong");
        assertThat(text(record, "__streams.errors.stacktrace")).contains("DeadLettersTest");
        assertThat(text(record, "__streams.errors.topic")).isEqualTo("in");
        assertThat(text(record, "__streams.errors.partition")).isEqualTo("3");
        assertThat(text(record, "__streams.errors.offset")).isEqualTo("77");
        assertThat(text(record, "sequitur.reason")).isEqualTo("wrong");
        assertThat(text(record, "sequitur.truncated-from")).isNull();
    }

    @Test
    void shouldKeepAValueOfJustTheLimit() {
        Record<String, Outcome> record = letters(2000).letter(event(10, 1990, 0, 0), "wrong", WHY);
        assertThat(letter(record).value()).hasSize(1990);
        assertThat(text(record, "sequitur.truncated-from")).isNull();
    }

    @Test
    void shouldCutAValueToWhatKeyAndHeadersLeave() {
        Record<String, Outcome> record = letters(2000).letter(event(10, 5000, 97, 0), "wrong", WHY);
        // The header "own" takes 3 bytes for its name, and up to 10 for the lengths of name and value.
        assertThat(letter(record).value()).hasSize(2000 - 10 - 110);
        assertThat(letter(record).key()).hasSize(10);
        assertThat(text(record, "sequitur.truncated-from")).isEqualTo("5000");
    }

    @Test
    void shouldCutAKeyThatAloneIsTooLarge() {
        Record<String, Outcome> record = letters(2000).letter(event(5000, 5, 0, 0), "wrong", WHY);
        assertThat(letter(record).key()).hasSize(2000);
        assertThat(letter(record).value()).isEmpty();
        assertThat(text(record, "sequitur.key-truncated-from")).isEqualTo("5000");
        assertThat(text(record, "sequitur.truncated-from")).isEqualTo("5");
    }

    @Test
    void shouldDropHeadersThatAreTooLarge() {
        Record<String, Outcome> record = letters(2000).letter(event(10, 20, 1500, 0), "wrong", WHY);
        assertThat(record.headers().lastHeader("own")).isNull();
        assertThat(text(record, "sequitur.headers-dropped")).isEqualTo("1");
        assertThat(letter(record).value()).hasSize(20);
    }

    @Test
    void shouldCountWhatHeadersTakeBesideTheirValues() {
        ConsumerRecord<byte[], byte[]> many = event(1, 1, 0, 0);
        for (int i = 0; i < 100; i++) {
            many.headers().add("h", new byte[0]);
        }
        assertThat(text(letters(2000).letter(many, "wrong", WHY), "sequitur.headers-dropped"))
                .isEqualTo("100");
        ConsumerRecord<byte[], byte[]> wide = event(1, 1, 0, 0);
        wide.headers().add("€".repeat(400), new byte[0]);
        assertThat(text(letters(2000).letter(wide, "wrong", WHY), "sequitur.headers-dropped"))
                .isEqualTo("1");
    }

    @Test
    void shouldLeaveTheEventsOwnHeadersAlone() {
        ConsumerRecord<byte[], byte[]> event = event(1, 1, 4, 0);
        letters(2000).letter(event, "wrong", WHY);
        assertThat(event.headers()).hasSize(1);
    }

    @Test
    void shouldCutALongMessage() {
        Exception lengthy = new IllegalArgumentException("x".repeat(1_000_000));
        Record<String, Outcome> record = letters(2000).letter(event(1, 1, 0, 0), "wrong", lengthy);
        int bytes = 0;
        for (var header : record.headers()) {
            bytes += header.value().length;
        }
        assertThat(bytes).isLessThan(10_000);
    }

    @Test
    void shouldTakeARecordWithoutATimestamp() {
        Record<String, Outcome> record =
                letters(2000).letter(event(1, 1, 0, ConsumerRecord.NO_TIMESTAMP), "wrong", WHY);
        assertThat(record.timestamp()).isZero();
    }

    @Test
    void shouldRefuseToStartWithoutATopic() {
        assertThatThrownBy(() -> DeadLetters.configured(Map.of(), 1000))
                .isInstanceOf(StreamsException.class)
                .hasMessageContaining("errors.dead.letter.queue.topic.name is not set");
    }
}
