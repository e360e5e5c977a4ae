package dev.sequitur.deploy.demo;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.input.EventWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends a fleet's readings to a topic as time goes by, faster than real time by a factor.
 *
 * <p>Threading: runs on a thread of its own; {@link #stop} and the counters are safe for use by any thread.
 */
final class LiveFeed {
    private final Iterator<FleetReading> readings;
    private final PipelineSpec spec;
    private final EventWriter writer;
    private final Map<String, Object> clients;
    private final String topic;
    private final double speed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "fleet");

    /**
     * @param clients properties of Kafka's clients
     * @param speed event time that passes in a unit of real time
     */
    LiveFeed(
            Iterator<FleetReading> readings,
            PipelineSpec spec,
            EventWriter writer,
            Map<String, Object> clients,
            String topic,
            double speed) {
        this.readings = readings;
        this.spec = spec;
        this.writer = writer;
        this.clients = clients;
        this.topic = topic;
        this.speed = speed;
    }

    void start() {
        thread.start();
    }

    /** Stops sending and waits until all that was sent is acknowledged. */
    void stop() throws InterruptedException {
        stop.countDown();
        thread.join();
    }

    /** Events that the broker has. */
    long acknowledged() {
        return acknowledged.get();
    }

    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    private void run() {
        // The fleet's days lie in the past: whatever the spec says of the future, they are not in it.
        EventReader reader = new EventReader(spec, Clock.systemUTC());
        Map<String, Object> config = new HashMap<>(clients);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            long startNanos = System.nanoTime();
            long firstMs = -1;
            while (stop.getCount() > 0 && failure.get() == null) {
                FleetReading reading = readings.next();
                firstMs = firstMs < 0 ? reading.timeMs() : firstMs;
                long dueNanos = startNanos + (long) ((reading.timeMs() - firstMs) / speed * 1e6);
                if (stop.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    break;
                }
                Event event = reader.read(reading);
                producer.send(
                        new ProducerRecord<>(
                                topic,
                                null,
                                event.timeMs(),
                                event.entity().getBytes(StandardCharsets.UTF_8),
                                writer.value(event)),
                        (metadata, e) -> {
                            if (e == null) {
                                acknowledged.incrementAndGet();
                            } else {
                                failure.compareAndSet(null, e);
                            }
                        });
            }
        } catch (MalformedEventException e) {
            failure.compareAndSet(null, new IllegalStateException("the simulation makes events of its own spec", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }
}
