package dev.sequitur.topology.scoring;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * Tells a processor of the commit to come, before the offsets to commit are collected: what it writes and forwards then is
 * in that commit. Kafka Streams has no public callback there, but it flushes the caches of the task's stores; so this is a
 * store without data whose cache is what the processor has collected. It is the only class that touches internals of Kafka
 * Streams; docs/adr/0008-before-every-commit.md says why, and what it relies on.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class BeforeCommit implements StateStore, CachedStateStore<Object, Object> {
    static final String STORE = "sequitur-before-commit";

    private static final Runnable NOTHING = () -> {};

    private InternalProcessorContext<?, ?> context;
    private ProcessorNode<?, ?, ?, ?> node;
    private Runnable work = NOTHING;
    private List<StateStore> written = List.of();
    private boolean open;

    private BeforeCommit() {}

    static StoreBuilder<BeforeCommit> builder() {
        return new Builder();
    }

    /**
     * From now on {@code work} runs before every commit, in the processor's place of the topology, until {@link #forget}.
     * It runs too when the task closes after a failure: what it does then is never committed.
     *
     * @param processorContext of the processor, while it is initialised
     * @param stores that the work writes to: the task may have flushed their caches before this one
     */
    void run(ProcessorContext<?, ?> processorContext, Runnable work, List<StateStore> stores) {
        this.context = (InternalProcessorContext<?, ?>) processorContext;
        this.node = context.currentNode();
        this.written = List.copyOf(stores);
        this.work = work;
    }

    void forget() {
        work = NOTHING;
    }

    @Override
    public void flushCache() {
        if (work == NOTHING) {
            return;
        }
        // There is no current node between records, and nothing could be forwarded.
        ProcessorNode<?, ?, ?, ?> currentNode = context.currentNode();
        ProcessorRecordContext currentRecord = context.recordContext();
        try {
            context.setCurrentNode(node);
            work.run();
            for (StateStore store : written) {
                if (store instanceof CachedStateStore<?, ?> cached) {
                    cached.flushCache();
                }
            }
        } finally {
            context.setCurrentNode(currentNode);
            context.setRecordContext(currentRecord);
        }
    }

    /** Does something on behalf of an event that came before: its place, timestamp and headers are the context's. */
    void inPlaceOf(ConsumerRecord<byte[], byte[]> event, Runnable action) {
        ProcessorRecordContext currentRecord = context.recordContext();
        try {
            context.setRecordContext(new ProcessorRecordContext(
                    Math.max(0, event.timestamp()),
                    event.offset(),
                    event.partition(),
                    event.topic().isEmpty() ? null : event.topic(),
                    event.headers()));
            action.run();
        } finally {
            context.setRecordContext(currentRecord);
        }
    }

    @Override
    public void init(StateStoreContext storeContext, StateStore root) {
        storeContext.register(root, (key, value) -> {
            throw new IllegalStateException("store '" + STORE + "' has no changelog to restore");
        });
        open = true;
    }

    @Override
    public void clearCache() {}

    @Override
    public boolean setFlushListener(CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public String name() {
        return STORE;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    /** There is nothing that could be cached or logged. */
    private static final class Builder implements StoreBuilder<BeforeCommit> {
        @Override
        public BeforeCommit build() {
            return new BeforeCommit();
        }

        @Override
        public StoreBuilder<BeforeCommit> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<BeforeCommit> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<BeforeCommit> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<BeforeCommit> withLoggingDisabled() {
            return this;
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }

        @Override
        public String name() {
            return STORE;
        }
    }
}
