package dev.sequitur.deploy.integration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes records to the input topic, in order and once, and remembers where the broker put each.
 *
 * <p>Threading: belongs to one thread.
 */
final class InputTopic implements AutoCloseable {
    private static final int ACKNOWLEDGED_S = 30;

    private record Pending(Input input, Future<RecordMetadata> metadata) {}

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private final List<Pending> pending = new ArrayList<>();

    InputTopic(String bootstrapServers, String topic) {
        this(bootstrapServers, topic, Map.of());
    }

    /** @param more settings of the producer */
    InputTopic(String bootstrapServers, String topic, Map<String, Object> more) {
        this.topic = topic;
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** To the partition of the record's key. */
    void send(Input input) {
        send(input, null);
    }

    /** @param partition null for the one of the record's key */
    void send(Input input, Integer partition) {
        pending.add(new Pending(
                input,
                producer.send(
                        new ProducerRecord<>(topic, partition, null, input.key(), input.value(), input.headers()))));
    }

    void flush() {
        producer.flush();
    }

    int size() {
        return pending.size();
    }

    /** Everything that was sent, in the order of sending: within a partition that of the offsets. */
    List<Sent> sent() throws ExecutionException, InterruptedException, TimeoutException {
        producer.flush();
        List<Sent> sent = new ArrayList<>(pending.size());
        for (Pending one : pending) {
            RecordMetadata metadata = one.metadata().get(ACKNOWLEDGED_S, TimeUnit.SECONDS);
            sent.add(new Sent(new Place(metadata.partition(), metadata.offset()), one.input()));
        }
        return sent;
    }

    @Override
    public void close() {
        producer.close();
    }
}
