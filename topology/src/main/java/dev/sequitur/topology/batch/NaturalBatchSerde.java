package dev.sequitur.topology.batch;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Bytes of a topic that natural batches are read from. Writing takes single records only, their bytes unchanged.
 *
 * <p>Threading: stateless.
 */
public final class NaturalBatchSerde implements Serde<NaturalBatch> {
    @Override
    public Serializer<NaturalBatch> serializer() {
        return (topic, batch) -> {
            if (batch instanceof NaturalBatch.Single single) {
                return single.value();
            }
            throw new IllegalArgumentException("topic '" + topic + "' takes single records, got " + batch);
        };
    }

    @Override
    public Deserializer<NaturalBatch> deserializer() {
        return new BatchDeserializer();
    }

    private static final class BatchDeserializer implements Deserializer<NaturalBatch> {
        @Override
        public NaturalBatch deserialize(String topic, byte[] value) {
            return single(topic, value);
        }

        @Override
        public NaturalBatch deserialize(String topic, Headers headers, byte[] value) {
            return headers instanceof BatchHeaders batch
                    ? new NaturalBatch.Polled(batch.events(), batch.feed())
                    : single(topic, value);
        }

        private static NaturalBatch single(String topic, byte[] value) {
            if (Carrier.isMark(value)) {
                // An Error, not an Exception: no exception handler may skip the events that the carrier had.
                throw new AssertionError("a carrier of topic '" + topic
                        + "' came without its events: another consumer interceptor rebuilt the record. List "
                        + NaturalBatchInterceptor.class.getName() + " last in main.consumer.interceptor.classes.");
            }
            return new NaturalBatch.Single(value);
        }
    }
}
