package dev.sequitur.deploy.bench.micro;

import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** A store with the value of one key, whatever that is. */
final class OneValueStore implements KeyValueStore<Bytes, byte[]> {
    private byte[] value;

    @Override
    public byte[] get(Bytes key) {
        return value;
    }

    @Override
    public void put(Bytes key, byte[] newValue) {
        value = newValue;
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] newValue) {
        byte[] before = value;
        if (before == null) {
            value = newValue;
        }
        return before;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte[] delete(Bytes key) {
        byte[] before = value;
        value = null;
        return before;
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        throw new UnsupportedOperationException("one value has no range");
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        throw new UnsupportedOperationException("the value's key isn't kept");
    }

    @Override
    public long approximateNumEntries() {
        return value == null ? 0 : 1;
    }

    @Override
    public String name() {
        return "one-value";
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        // Nothing to restore.
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
