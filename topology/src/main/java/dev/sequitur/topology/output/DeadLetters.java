package dev.sequitur.topology.output;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Addresses dead letters to the topic that Kafka Streams' own dead letter queue uses, or to another one.
 *
 * <p>Threading: immutable.
 */
public final class DeadLetters {
    /** A quoted message or stack trace is cut to this many characters: it may quote what is wrong with the event. */
    private static final int MAX_TEXT = 4096;

    private final String topic;
    private final int maxBytes;

    private DeadLetters(String topic, int maxBytes) {
        this.topic = topic;
        this.maxBytes = maxBytes;
    }

    /**
     * @param appConfigs of the processor's context
     * @param maxBytes of key, value and original headers together
     * @throws StreamsException when no dead letter topic is configured
     */
    public static DeadLetters configured(Map<String, Object> appConfigs, int maxBytes) {
        String key = StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG;
        Object topic = appConfigs.get(key);
        if (topic == null || topic.toString().isBlank()) {
            throw new StreamsException(key + " is not set, expected the topic for events that can't be used; set it in"
                    + " the Streams properties, or let SequiturTopology.configure do it.");
        }
        return new DeadLetters(topic.toString(), maxBytes);
    }

    /** @param maxBytes of key, value and original headers together */
    public static DeadLetters to(String topic, int maxBytes) {
        return new DeadLetters(topic, maxBytes);
    }

    /**
     * A record without a key, since the event's own stands in the letter, with the event's timestamp and headers, and
     * the reason as headers. One that came from no topic has partition and offset -1 there.
     */
    public <K> Record<K, Outcome> letter(ConsumerRecord<byte[], byte[]> event, String reason, Exception why) {
        Headers headers = EventHeaders.copy(EventHeaders.kept(event.headers(), maxBytes / 2));
        int headerBytes = Math.toIntExact(EventHeaders.bytes(headers));
        byte[] key = cut(event.key(), maxBytes - headerBytes, headers, DeadLetterHeaders.KEY_TRUNCATED_FROM);
        int left = maxBytes - headerBytes - (key == null ? 0 : key.length);
        byte[] value = cut(event.value(), left, headers, DeadLetterHeaders.TRUNCATED_FROM);

        add(headers, DeadLetterHeaders.EXCEPTION, why.getClass().getName());
        add(headers, DeadLetterHeaders.MESSAGE, String.valueOf(why.getMessage()));
        add(headers, DeadLetterHeaders.STACKTRACE, stackTrace(why));
        if (!event.topic().isEmpty()) {
            add(headers, DeadLetterHeaders.TOPIC, event.topic());
        }
        add(headers, DeadLetterHeaders.PARTITION, Integer.toString(event.partition()));
        add(headers, DeadLetterHeaders.OFFSET, Long.toString(event.offset()));
        add(headers, DeadLetterHeaders.REASON, reason);
        return new Record<>(
                null, new Outcome.Rejected(new DeadLetter(topic, key, value)), Math.max(0, event.timestamp()), headers);
    }

    private static byte[] cut(byte[] bytes, int max, Headers headers, String header) {
        if (bytes == null || bytes.length <= max) {
            return bytes;
        }
        add(headers, header, Integer.toString(bytes.length));
        return Arrays.copyOf(bytes, Math.max(0, max));
    }

    private static void add(Headers headers, String name, String text) {
        String quoted = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
        headers.add(name, quoted.getBytes(StandardCharsets.UTF_8));
    }

    private static String stackTrace(Exception e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
