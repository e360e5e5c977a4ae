package dev.sequitur.deploy.bench;

import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.spec.PipelineSpec;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Events of the benchmarks' model, one after the other: the same for the same seed.
 *
 * <p>Threading: belongs to one thread.
 */
final class BenchEvents {
    private final EventSchema schema;
    private final Random random;
    private long number;

    BenchEvents(PipelineSpec spec, long seed) {
        schema = new EventSchema(spec);
        random = new Random(seed);
    }

    /** Entities drawn by a distribution. */
    IntSupplier drawn(KeyDistribution distribution, int entities) {
        return distribution.draw(entities, random);
    }

    /** Every entity once, scattered. */
    static IntSupplier eachOnce(int entities) {
        return new IntSupplier() {
            private long next;

            @Override
            public int getAsInt() {
                return (int) (next++ * KeyDistribution.SCATTER % entities);
            }
        };
    }

    /** The entity's next event, a millisecond after the last one of any entity. */
    ProducerRecord<byte[], byte[]> next(String topic, int entity) {
        String key = "entity-" + entity;
        return new ProducerRecord<>(
                topic, key.getBytes(StandardCharsets.UTF_8), schema.encode(BenchModel.event(key, number++, random)));
    }
}
