package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A restoration that gives older states than the committed offsets: what a leader of a changelog does that no longer leads
 * and doesn't know. Here the changelog itself says so for a while.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class OldStatesOnBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ID = "old-states";
    private static final String CHANGELOG = ID + "-entity-state-changelog";

    @TempDir
    Path dir;

    /** What the changelog says for a while. */
    private interface Relapse {
        /**
         * @param old what it had after the first half
         * @param current what it has now
         */
        Collection<ProducerRecord<byte[], byte[]>> of(
                List<ConsumerRecord<byte[], byte[]>> old, List<ConsumerRecord<byte[], byte[]>> current);
    }

    @Test
    void shouldStepNoEventFromStatesThatLackEventsAndGoOnWhenTheyHaveThem() throws Exception {
        relapse((old, current) -> newest(old));
    }

    @Test
    void shouldStepNoEventWithoutStatesWhereEventsWereProcessedAndGoOnWhenTheyAreThere() throws Exception {
        relapse((old, current) -> newest(current).stream()
                .map(record -> new ProducerRecord<>(CHANGELOG, record.partition(), record.key(), (byte[]) null))
                .toList());
    }

    private void relapse(Relapse relapse) throws Exception {
        Path bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", bundle);
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                ModelBundle model = ModelBundle.load(bundle)) {
            List<Input> traffic = Traffic.of(model.spec(), 30, 20, 11);
            List<Sent> sent = new ArrayList<>();
            List<ConsumerRecord<byte[], byte[]>> old;
            try (LocalApplication first = start(broker, bundle, "first")) {
                traffic.subList(0, 200).forEach(first.input()::send);
                first.awaitOutcomes();
                old = changelog(broker);
                traffic.subList(200, 400).forEach(first.input()::send);
                first.awaitOutcomes();
                sent.addAll(first.input().sent());
            }
            List<ConsumerRecord<byte[], byte[]>> current = changelog(broker);
            write(broker, relapse.of(old, current));
            try (LocalApplication second = start(broker, bundle, "second")) {
                traffic.subList(400, traffic.size()).forEach(second.input()::send);
                second.input().flush();
                second.awaitFailedThread();
                assertThat(second.committed().outcomes()).isEqualTo(400);
                write(broker, newest(current));
                second.await(() -> second.outcomes() >= traffic.size(), () -> "the outcomes of all events");
                sent.addAll(second.input().sent());
                Expected expected = SequentialReference.of(model, bundle, sent);
                assertThat(ExactlyOnceCheck.problems(model.fingerprint(), expected, second.committed()))
                        .isEmpty();
            }
        }
    }

    /** On an empty disk. */
    private LocalApplication start(EmbeddedBroker broker, Path bundle, String disk) throws InterruptedException {
        return LocalApplication.start(
                broker,
                bundle,
                dir.resolve(disk),
                ID,
                Map.of("consumer.session.timeout.ms", "3000", "consumer.heartbeat.interval.ms", "700"));
    }

    /** Everything in the changelog, each partition's in its order. */
    private static List<ConsumerRecord<byte[], byte[]>> changelog(EmbeddedBroker broker) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(CHANGELOG).stream()
                    .map(info -> new TopicPartition(CHANGELOG, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            }
        }
        return records;
    }

    /** The newest record of each key and partition. */
    private static Collection<ProducerRecord<byte[], byte[]>> newest(List<ConsumerRecord<byte[], byte[]>> records) {
        record Place(int partition, Bytes key) {}
        Map<Place, ProducerRecord<byte[], byte[]>> newest = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            newest.put(
                    new Place(record.partition(), Bytes.wrap(record.key())),
                    new ProducerRecord<>(CHANGELOG, record.partition(), record.key(), record.value()));
        }
        return newest.values();
    }

    private static void write(EmbeddedBroker broker, Collection<ProducerRecord<byte[], byte[]>> records) {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            records.forEach(producer::send);
        }
    }
}
