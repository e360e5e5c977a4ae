package dev.sequitur.deploy.replay;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Puts scores and predictions, which come in any order, together and back into the order of the timeline. */
final class Results {
    private final Timeline timeline;
    private final Replay.Visitor visitor;
    /** By partition and offset of the event: the step. An event's offset is its place in the partition's sending. */
    private final List<Map<Long, Integer>> stepAt = new ArrayList<>();

    private final long[] nextOffset;
    private final Map<Integer, Score> scores = new HashMap<>();
    private final Map<Integer, Prediction> predictions = new HashMap<>();
    private int expected;
    private int delivered;

    Results(Timeline timeline, int partitions, Replay.Visitor visitor) {
        this.timeline = timeline;
        this.visitor = visitor;
        this.nextOffset = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            stepAt.add(new HashMap<>());
        }
    }

    /** The next step of the timeline was sent to that partition. */
    void expect(int partition) {
        stepAt.get(partition).put(nextOffset[partition]++, expected++);
    }

    /** Steps that were handed to the visitor. */
    int delivered() {
        return delivered;
    }

    /** @throws UserException when an event was dead-lettered, or a result comes twice */
    void add(ConsumerRecord<byte[], byte[]> record) {
        switch (record.topic()) {
            case Replay.SCORES -> {
                Score score = Replay.SCORE.deserializer().deserialize(record.topic(), record.value());
                put(scores, score.getPartition(), score.getOffset(), score);
            }
            case Replay.PREDICTIONS -> {
                Prediction prediction = Replay.PREDICTION.deserializer().deserialize(record.topic(), record.value());
                put(predictions, prediction.getPartition(), prediction.getOffset(), prediction);
            }
            default ->
                throw new UserException("An event of entity '"
                        + new String(record.key(), StandardCharsets.UTF_8) + "' was dead-lettered: "
                        + header(record, "__streams.errors.message") + ". The file was read with the same spec, so this"
                        + " is a defect of Sequitur");
        }
        deliver();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "no reason given" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private <T> void put(Map<Integer, T> into, int partition, long offset, T result) {
        Integer step = stepAt.get(partition).get(offset);
        if (step == null || into.put(step, result) != null) {
            throw new UserException("A second " + result.getClass().getSimpleName() + " came for offset " + offset
                    + " of partition " + partition + ": exactly once is broken, this is a defect of Sequitur");
        }
    }

    private void deliver() {
        while (delivered < expected) {
            Timeline.Step step = timeline.steps().get(delivered);
            boolean last = step.end() || step.event().last();
            Score score = scores.get(delivered);
            Prediction prediction = predictions.get(delivered);
            if (score == null || (prediction == null && !last)) {
                return;
            }
            scores.remove(delivered);
            predictions.remove(delivered);
            stepAt.get(score.getPartition()).remove(score.getOffset());
            visitor.result(delivered, new StepResult(score, Optional.ofNullable(prediction)));
            delivered++;
        }
    }
}
