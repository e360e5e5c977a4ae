package dev.sequitur.topology.input;

import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.metrics.Count;
import dev.sequitur.topology.metrics.StageMetrics;
import dev.sequitur.topology.output.DeadLetters;
import dev.sequitur.topology.output.EventHeaders;
import dev.sequitur.topology.output.Outcome;
import java.util.EnumSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Puts events of a topic with any keys under their entities' keys; the values pass as they came. What names no entity
 * becomes a dead letter here, where its partition and offset are still those of the input topic.
 *
 * <p>Threading: the supplier is immutable; a processor belongs to the stream thread of its task.
 */
public final class Keying implements ProcessorSupplier<byte[], NaturalBatch, byte[], Outcome> {
    private final PipelineSpec spec;
    private final EventFormat format;
    private final int maxBytes;

    /** @param maxBytes of an event's key, value and headers together: it has to be written once more */
    public Keying(PipelineSpec spec, EventFormat format, int maxBytes) {
        this.spec = spec;
        this.format = format;
        this.maxBytes = maxBytes;
    }

    /**
     * Refuses at-least-once: an event that is written to the repartition topic twice has two offsets there, so nothing
     * behind it could tell that it is the same.
     *
     * @param guarantee the {@code processing.guarantee}
     */
    public static void requireExactlyOnce(Object guarantee) {
        if (StreamsConfig.AT_LEAST_ONCE.equals(guarantee)) {
            throw new ConfigException(
                    StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                    guarantee,
                    "must be " + StreamsConfig.EXACTLY_ONCE_V2
                            + " where events go through a repartition topic, in which"
                            + " one that is delivered again can't be told from a new one. Remove the setting, or write"
                            + " the events to a topic that is keyed by entity");
        }
    }

    @Override
    public Processor<byte[], NaturalBatch, byte[], Outcome> get() {
        return new KeyingProcessor();
    }

    private final class KeyingProcessor implements Processor<byte[], NaturalBatch, byte[], Outcome> {
        private final RecordReader reader = new RecordReader(spec, format);
        private ProcessorContext<byte[], Outcome> context;
        private DeadLetters deadLetters;
        private StageMetrics metrics;

        @Override
        public void init(ProcessorContext<byte[], Outcome> processorContext) {
            context = processorContext;
            requireExactlyOnce(context.appConfigs().get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
            deadLetters = DeadLetters.configured(context.appConfigs(), maxBytes);
            metrics = new StageMetrics(context, "key", EnumSet.of(Count.CONSUMED, Count.KEYED, Count.DEAD_LETTERED));
        }

        @Override
        public void process(Record<byte[], NaturalBatch> carrier) {
            RecordMetadata place = context.recordMetadata()
                    .orElseThrow(() -> new IllegalStateException("an event comes from a topic, got a record without"
                            + " one; connect the processor to a source"));
            for (ConsumerRecord<byte[], byte[]> event : carrier.value().events(carrier, place)) {
                metrics.add(Count.CONSUMED, 1);
                byte[] key;
                try {
                    key = key(event);
                } catch (MalformedEventException e) {
                    context.forward(deadLetters.letter(event, e.reason().code(), e), Outcome.Branch.NOT_KEYED);
                    metrics.deadLettered(e.reason().code());
                    continue;
                }
                context.forward(
                        new Record<>(
                                key, new Outcome.Keyed(event.value()), Math.max(0, event.timestamp()), event.headers()),
                        Outcome.Branch.KEYED);
                metrics.add(Count.KEYED, 1);
            }
        }

        private byte[] key(ConsumerRecord<byte[], byte[]> event) throws MalformedEventException {
            byte[] key = RecordKey.bytes(reader.entity(event.key(), event.value()));
            long bytes = key.length
                    + (event.value() == null ? 0 : event.value().length)
                    + EventHeaders.bytes(event.headers());
            if (bytes > maxBytes) {
                throw new MalformedEventException(
                        Reason.TOO_LARGE,
                        "the event under its entity's key takes " + bytes + " bytes, expected at most " + maxBytes
                                + "; raise maxRecordBytes together with the producer's max.request.size, or key the"
                                + " topic by entity");
            }
            return key;
        }

        @Override
        public void close() {
            // Streams closes a task that failed to initialise too.
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
