package dev.sequitur.deploy.application;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * Bounds the native memory of a partition's store to {@value #MEMTABLES} memtables of 4 MiB and 16 MiB of blocks, indexes
 * and filters among them, where Kafka Streams' defaults allow 48 MB of memtables, 50 MB of blocks, and indexes without a
 * bound. To be named as {@code rocksdb.config.setter}.
 *
 * <p>Threading: Kafka Streams makes one for each store and calls it from one thread.
 */
public final class BoundedStores implements RocksDBConfigSetter {
    private static final int MEMTABLES = 2;
    private static final long MEMTABLE_BYTES = 4L << 20;
    private static final long BLOCK_CACHE_BYTES = 16L << 20;

    private Cache blocks;

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setMaxWriteBufferNumber(MEMTABLES);
        options.setWriteBufferSize(MEMTABLE_BYTES);
        blocks = new LRUCache(BLOCK_CACHE_BYTES);
        // The format that Kafka Streams has set keeps its filters.
        BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
        tables.setBlockCache(blocks);
        tables.setCacheIndexAndFilterBlocks(true);
        tables.setCacheIndexAndFilterBlocksWithHighPriority(true);
        tables.setPinTopLevelIndexAndFilter(true);
        options.setTableFormatConfig(tables);
    }

    @Override
    public void close(String storeName, Options options) {
        blocks.close();
    }
}
