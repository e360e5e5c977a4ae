package dev.sequitur.topology;

import dev.sequitur.topology.batch.BatchFailureHandler;
import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.scoring.RequiredSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Adds to a user's Streams properties what the topology needs; what he set stays. */
final class StreamsSettings {
    /** A changelog record is about as large as a state; Kafka's 16 KB hold too few of them for one request. */
    private static final int PRODUCER_BATCH_BYTES = 256 * 1024;
    /** Counts carriers, each of many events. */
    private static final int BUFFERED_CARRIERS = 8;
    /** Records of a poll in carriers: a poll is spread over the thread's partitions. */
    private static final int CARRIERS_PER_POLL = 4;

    /** How long a client may take a broker for a changelog's leader that no longer is. */
    private static final int RESTORE_METADATA_MS = 10_000;

    private final Properties properties = new Properties();

    StreamsSettings(Properties user) {
        // Properties may stand on others, which putAll leaves out.
        user.stringPropertyNames().forEach(name -> properties.put(name, user.getProperty(name)));
        properties.putAll(user);
    }

    /** @throws org.apache.kafka.common.config.ConfigException when the user's properties can't be kept */
    Properties complete(Set<String> packedTopics, int maxBatchEvents, String deadLetters) {
        properties.putIfAbsent(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        RequiredSettings.check(properties);
        properties.putIfAbsent(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, deadLetters);
        properties.putIfAbsent(
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, BatchFailureHandler.class.getName());
        properties.putIfAbsent(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        if (!properties.containsKey(ProducerConfig.BATCH_SIZE_CONFIG)) {
            properties.putIfAbsent(
                    StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG),
                    Integer.toString(PRODUCER_BATCH_BYTES));
        }
        properties.putIfAbsent(
                StreamsConfig.restoreConsumerPrefix(ConsumerConfig.METADATA_MAX_AGE_CONFIG),
                Integer.toString(RESTORE_METADATA_MS));
        if (!packedTopics.isEmpty()) {
            pack(packedTopics, maxBatchEvents);
        }
        return properties;
    }

    private void pack(Set<String> topics, int maxBatchEvents) {
        properties.putIfAbsent(
                StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, Integer.toString(BUFFERED_CARRIERS));
        if (mainConsumer(ConsumerConfig.MAX_POLL_RECORDS_CONFIG) == null) {
            properties.put(
                    StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
                    Integer.toString(Math.max(1000, Math.multiplyExact(CARRIERS_PER_POLL, maxBatchEvents))));
        }
        List<String> interceptors = names(mainConsumer(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG));
        interceptors.remove(NaturalBatchInterceptor.class.getName());
        interceptors.add(NaturalBatchInterceptor.class.getName());
        properties.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG),
                String.join(",", interceptors));
        String topicsKey = StreamsConfig.mainConsumerPrefix(NaturalBatchInterceptor.TOPICS);
        Set<String> packed = new TreeSet<>(names(properties.get(topicsKey)));
        packed.addAll(topics);
        properties.put(topicsKey, String.join(",", packed));
        properties.putIfAbsent(
                StreamsConfig.mainConsumerPrefix(NaturalBatchInterceptor.MAX_EVENTS), Integer.toString(maxBatchEvents));
    }

    /** The setting that Streams would give to its main consumer; null where there is none. */
    private Object mainConsumer(String key) {
        Object own = properties.get(StreamsConfig.mainConsumerPrefix(key));
        if (own != null) {
            return own;
        }
        Object shared = properties.get(StreamsConfig.consumerPrefix(key));
        return shared != null ? shared : properties.get(key);
    }

    /** A list setting in any of the forms that Kafka takes: text with commas, a class, a list of either. */
    private static List<String> names(Object setting) {
        List<String> names = new ArrayList<>();
        if (setting instanceof Collection<?> list) {
            list.forEach(item -> names.addAll(names(item)));
        } else if (setting instanceof Class<?> type) {
            names.add(type.getName());
        } else if (setting != null) {
            Arrays.stream(setting.toString().split(","))
                    .map(String::trim)
                    .filter(name -> !name.isEmpty())
                    .forEach(names::add);
        }
        return names;
    }
}
