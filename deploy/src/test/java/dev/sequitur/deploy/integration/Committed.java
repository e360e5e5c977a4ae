package dev.sequitur.deploy.integration;

import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.state.EntityStates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What an application has committed to its topics, in the order of each partition.
 *
 * @param states the changelog, compacted by key; null where the entity's last record is a tombstone
 */
record Committed(
        List<Score> scores,
        List<Prediction> predictions,
        List<ConsumerRecord<byte[], byte[]>> deadLetters,
        Map<String, EntityState> states) {
    Committed() {
        this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
    }

    /** Records of the input topic that have an outcome. */
    int outcomes() {
        return scores.size() + deadLetters.size();
    }

    void add(OutputTopics topics, ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(topics.scores())) {
            Score score = decode(Score.getDecoder(), record);
            requireKey(score.getEntity(), record);
            scores.add(score);
        } else if (record.topic().equals(topics.predictions())) {
            Prediction prediction = decode(Prediction.getDecoder(), record);
            requireKey(prediction.getEntity(), record);
            predictions.add(prediction);
        } else if (record.topic().equals(topics.deadLetters())) {
            deadLetters.add(record);
        } else if (EntityStates.isEntity(record.key())) {
            EntityState state = record.value() == null ? null : decode(EntityState.getDecoder(), record);
            // Without a step it is kept for its base alone, until an END is committed.
            boolean ended = state == null || state.getSteps() == 0;
            states.put(new String(record.key(), StandardCharsets.UTF_8), ended ? null : state);
        }
    }

    private static void requireKey(String entity, ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (!key.equals(entity)) {
            throw new AssertionError("a record of " + record.topic() + " has the key '" + key
                    + "', expected its entity, '" + entity + "'");
        }
    }

    private static <T> T decode(BinaryMessageDecoder<T> decoder, ConsumerRecord<byte[], byte[]> record) {
        try {
            return decoder.decode(ByteBuffer.wrap(record.value()));
        } catch (IOException e) {
            throw new UncheckedIOException(record.topic() + "-" + record.partition() + "@" + record.offset(), e);
        }
    }
}
