package dev.sequitur.topology.batch;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Headers without a header, by which a carrier holds its events: the one part of a consumer record that reaches the
 * deserializer as an object, so that no byte is copied or framed on the way.
 */
final class BatchHeaders implements Headers {
    private final List<ConsumerRecord<byte[], byte[]>> events;
    private final Feed feed;

    BatchHeaders(List<ConsumerRecord<byte[], byte[]>> events, Feed feed) {
        this.events = events;
        this.feed = feed;
    }

    List<ConsumerRecord<byte[], byte[]>> events() {
        return events;
    }

    Feed feed() {
        return feed;
    }

    @Override
    public Headers add(Header header) {
        throw new IllegalStateException("the headers of a carrier can't be changed, got header '" + header.key()
                + "'; list " + NaturalBatchInterceptor.class.getName() + " last among the interceptors");
    }

    @Override
    public Headers add(String key, byte[] value) {
        throw new IllegalStateException("the headers of a carrier can't be changed, got header '" + key + "'; list "
                + NaturalBatchInterceptor.class.getName() + " last among the interceptors");
    }

    @Override
    public Headers remove(String key) {
        return this;
    }

    @Override
    public Header lastHeader(String key) {
        return null;
    }

    @Override
    public Iterable<Header> headers(String key) {
        return List.of();
    }

    @Override
    public Header[] toArray() {
        return new Header[0];
    }

    @Override
    public Iterator<Header> iterator() {
        return Collections.emptyIterator();
    }
}
