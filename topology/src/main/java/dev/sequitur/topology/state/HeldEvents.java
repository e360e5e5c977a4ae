package dev.sequitur.topology.state;

import dev.sequitur.schemas.HeldEvent;
import dev.sequitur.schemas.HeldHeader;
import dev.sequitur.schemas.HeldMark;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Events of a task that wait, in the order of event time and then of arrival, and how far that order has come. A key is
 * what it holds (a byte), and of an event its time (8 bytes, big endian, the sign flipped) and its place in the order of
 * arrival (8 bytes, big endian).
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
public final class HeldEvents {
    /** Name of the state store. */
    public static final String STORE = "held-events";

    private static final byte MARK = 0;
    private static final byte EVENT = 1;
    private static final int EVENT_KEY = 1 + 2 * Long.BYTES;
    private static final Bytes MARK_KEY = Bytes.wrap(new byte[] {MARK});

    private static final SingleObjectSerde<HeldEvent> EVENTS = new SingleObjectSerde<>(HeldEvent.class);
    private static final SingleObjectSerde<HeldMark> MARKS = new SingleObjectSerde<>(HeldMark.class);

    private final KeyValueStore<Bytes, byte[]> store;

    public HeldEvents(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** Without a record cache: what is held stays for longer than a commit, and would only push states out of it. */
    public static StoreBuilder<KeyValueStore<Bytes, byte[]>> storeBuilder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(Map.of())
                .withCachingDisabled();
    }

    /**
     * @param latestMs the latest event time that has come
     * @param releasedMs events up to this time wait no longer
     * @param arrivals events that have come
     * @param held events that wait
     */
    public record Mark(long latestMs, long releasedMs, long arrivals, long held) {
        /** Nothing has come. */
        public static final Mark START = new Mark(Long.MIN_VALUE, Long.MIN_VALUE, 0, 0);
    }

    /** @param arrival place of the event in the order of arrival */
    public record Held(long timeMs, long arrival, ConsumerRecord<byte[], byte[]> event) {}

    /** @throws StateException when it is damaged */
    public Mark mark() {
        byte[] value = store.get(MARK_KEY);
        if (value == null) {
            return Mark.START;
        }
        HeldMark mark = read(MARKS, value);
        return new Mark(mark.getLatest(), mark.getReleased(), mark.getArrivals(), mark.getHeld());
    }

    public void save(Mark mark) {
        store.put(
                MARK_KEY,
                MARKS.serializer()
                        .serialize(STORE, new HeldMark(mark.latestMs, mark.releasedMs, mark.arrivals, mark.held)));
    }

    public void put(Held held) {
        ConsumerRecord<byte[], byte[]> event = held.event;
        List<HeldHeader> headers = new ArrayList<>();
        for (Header header : event.headers()) {
            headers.add(new HeldHeader(header.key(), wrap(header.value())));
        }
        HeldEvent value = new HeldEvent(
                event.topic(),
                event.partition(),
                event.offset(),
                event.timestamp(),
                wrap(event.key()),
                wrap(event.value()),
                headers);
        store.put(key(held.timeMs, held.arrival), EVENTS.serializer().serialize(STORE, value));
    }

    public void delete(Held held) {
        store.delete(key(held.timeMs, held.arrival));
    }

    /** Events in their order; to be closed. Those that it has passed may be deleted meanwhile. */
    public interface InOrder extends Iterator<Held>, AutoCloseable {
        @Override
        void close();
    }

    /**
     * The events of these times, both included; what is read throws {@link StateException} where it is damaged.
     *
     * @param fromMs no event lies before: the store keeps the places of deleted ones for a while
     */
    public InOrder between(long fromMs, long toMs) {
        KeyValueIterator<Bytes, byte[]> rows = store.range(key(fromMs, 0), key(toMs, Long.MAX_VALUE));
        return new InOrder() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Held next() {
                KeyValue<Bytes, byte[]> row = rows.next();
                ByteBuffer key = ByteBuffer.wrap(row.key.get());
                if (key.remaining() != EVENT_KEY) {
                    throw damaged("expected keys of " + EVENT_KEY + " bytes, got one of " + key.remaining(), null);
                }
                return new Held(key.getLong(1) ^ Long.MIN_VALUE, key.getLong(1 + Long.BYTES), event(row.value));
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }

    private static Bytes key(long timeMs, long arrival) {
        return Bytes.wrap(ByteBuffer.allocate(EVENT_KEY)
                .put(EVENT)
                .putLong(timeMs ^ Long.MIN_VALUE)
                .putLong(arrival)
                .array());
    }

    private static ConsumerRecord<byte[], byte[]> event(byte[] value) {
        HeldEvent held = read(EVENTS, value);
        Headers headers = new ProducerRecord<byte[], byte[]>("unsent", null).headers();
        for (HeldHeader header : held.getHeaders()) {
            headers.add(header.getName(), unwrap(header.getValue()));
        }
        byte[] key = unwrap(held.getKey());
        byte[] bytes = unwrap(held.getValue());
        return new ConsumerRecord<>(
                held.getTopic(),
                held.getPartition(),
                held.getOffset(),
                held.getTimestamp(),
                TimestampType.CREATE_TIME,
                key.length,
                bytes == null ? ConsumerRecord.NULL_SIZE : bytes.length,
                key,
                bytes,
                headers,
                Optional.empty());
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static byte[] unwrap(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static <T extends SpecificRecord> T read(SingleObjectSerde<T> serde, byte[] value) {
        try {
            return serde.deserializer().deserialize(STORE, value);
        } catch (SerializationException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    private static StateException damaged(String what, Throwable cause) {
        return new StateException(
                "Store '" + STORE + "' is damaged: " + what
                        + ". Restore its changelog topic, or reset the application.",
                cause);
    }
}
