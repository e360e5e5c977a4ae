package dev.sequitur.topology.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;

/**
 * Packs what one poll brought for a partition into carrier records of up to {@link #MAX_EVENTS} events. Batches grow
 * with the load and are of one event when the stream is quiet; nothing waits. Belongs on the main consumer, last among
 * its interceptors; records of topics other than {@link #TOPICS} pass untouched.
 *
 * <p>Threading: one instance per consumer, called by the thread that polls.
 */
public final class NaturalBatchInterceptor implements ConsumerInterceptor<byte[], byte[]> {
    /** Names of the topics that are packed, separated by commas. */
    public static final String TOPICS = "sequitur.batch.topics";
    /** Most events of a carrier. */
    public static final String MAX_EVENTS = "sequitur.batch.max-events";

    public static final int DEFAULT_MAX_EVENTS = 4000;

    /** Carriers that a poll interval has time for: Streams looks at the clock between carriers, not within one. */
    private static final int CARRIERS_PER_INTERVAL = 100;

    private Set<String> topics = Set.of();
    private int maxEvents = DEFAULT_MAX_EVENTS;
    private long carrierNanos = Long.MAX_VALUE;
    private final Map<TopicPartition, Feed> feeds = new HashMap<>();

    @Override
    public void configure(Map<String, ?> configs) {
        Object names = configs.get(TOPICS);
        if (names == null) {
            throw new ConfigException(TOPICS + " is not set, expected the topics to pack, separated by commas; set it"
                    + " with the prefix 'main.consumer.', or let SequiturTopology.configure do it");
        }
        topics = Arrays.stream(names.toString().split(","))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
        Object max = configs.get(MAX_EVENTS);
        if (max != null) {
            maxEvents = positive(max.toString());
        }
        Object interval = configs.get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        if (interval != null) {
            carrierNanos = TimeUnit.MILLISECONDS.toNanos(
                            Long.parseLong(interval.toString().trim()))
                    / CARRIERS_PER_INTERVAL;
        }
    }

    private static int positive(String text) {
        try {
            int value = Integer.parseInt(text.trim());
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Reported below together with the numbers that are too small.
        }
        throw new ConfigException(MAX_EVENTS, text, "must be a whole number >= 1");
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
        if (records.isEmpty()) {
            return records;
        }
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> packed = new LinkedHashMap<>();
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> polled = records.records(partition);
            packed.put(partition, topics.contains(partition.topic()) ? pack(polled, feed(partition)) : polled);
        }
        // Without the next offsets Streams would commit the offset behind a carrier's first event as the next one.
        return new ConsumerRecords<>(packed, records.nextOffsets());
    }

    private List<ConsumerRecord<byte[], byte[]>> pack(List<ConsumerRecord<byte[], byte[]>> polled, Feed feed) {
        feed.polled(polled.get(polled.size() - 1).offset() + 1);
        int events = feed.within(carrierNanos, maxEvents);
        List<ConsumerRecord<byte[], byte[]>> carriers = new ArrayList<>(polled.size() / events + 1);
        for (int from = 0; from < polled.size(); from += events) {
            carriers.add(Carrier.of(polled.subList(from, Math.min(polled.size(), from + events)), feed));
        }
        return carriers;
    }

    private Feed feed(TopicPartition partition) {
        return feeds.computeIfAbsent(partition, unused -> new Feed());
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> feed(partition).committed(offset.offset()));
    }

    @Override
    public void close() {}
}
