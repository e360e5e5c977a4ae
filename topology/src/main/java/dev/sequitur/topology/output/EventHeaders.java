package dev.sequitur.topology.output;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * The headers of an event, on records that are made of it. They come with the event, so nothing bounds them but what the
 * event's own record may take; a record that is larger by its value would then exceed the producer's limit, and stop the
 * stream.
 */
public final class EventHeaders {
    /** The lengths of a header's name and value take at most this. */
    private static final int LENGTHS = 10;

    private EventHeaders() {}

    /** At most that many bytes of a record. */
    public static long bytes(Headers headers) {
        long bytes = 0;
        for (Header header : headers) {
            bytes += LENGTHS
                    + header.key().getBytes(StandardCharsets.UTF_8).length
                    + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    /**
     * The headers themselves, or, where they take more than {@code maxBytes}, their number as {@link
     * DeadLetterHeaders#HEADERS_DROPPED}.
     */
    public static Headers kept(Headers headers, int maxBytes) {
        if (bytes(headers) <= maxBytes) {
            return headers;
        }
        byte[] dropped = Integer.toString(headers.toArray().length).getBytes(StandardCharsets.UTF_8);
        return copy(List.of()).add(DeadLetterHeaders.HEADERS_DROPPED, dropped);
    }

    /** Headers to fill: Kafka's public way to them is a record. */
    static Headers copy(Iterable<Header> headers) {
        return new ProducerRecord<byte[], byte[]>("unsent", null, null, null, headers).headers();
    }
}
