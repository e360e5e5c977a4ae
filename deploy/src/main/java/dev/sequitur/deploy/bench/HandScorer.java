package dev.sequitur.deploy.bench;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.RecordReader;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Scores one event with one call of TensorFlow, as one would write it by hand: decode, read the state, step, encode. The
 * bytes that it gives are those that Sequitur stores and writes.
 *
 * <p>Threading: belongs to one thread.
 */
final class HandScorer {
    private static final String TOPIC = "by-hand";

    private final SequenceModel model;
    private final RecordReader reader;
    private final StepBatch batch;
    private final SingleObjectSerde<EntityState> states = new SingleObjectSerde<>(EntityState.class);
    private final SingleObjectSerde<Score> scores = new SingleObjectSerde<>(Score.class);

    /** What an event leaves: the entity's new state and the event's score, encoded. */
    record Scored(byte[] state, byte[] score) {}

    HandScorer(SequenceModel model) {
        this.model = model;
        this.reader = new RecordReader(model.spec(), EventFormat.singleObject());
        this.batch = new StepBatch(model.step().shape());
        batch.resize(1);
    }

    /** What an entity's second event leaves: the sizes of a stored state and of a score. */
    static Scored sample(SequenceModel model) {
        HandScorer scorer = new HandScorer(model);
        BenchEvents events = new BenchEvents(model.spec(), 1);
        Scored scored = null;
        for (int i = 0; i < 2; i++) {
            ProducerRecord<byte[], byte[]> event = events.next(TOPIC, 0);
            scored = scorer.score(
                    new String(event.key(), StandardCharsets.UTF_8),
                    event.value(),
                    scored == null ? null : scored.state());
        }
        return scored;
    }

    /** @param stored the entity's state; null where it has none */
    Scored score(String entity, byte[] value, byte[] stored) {
        Event event = read(entity, value);
        EntityClock clock = EntityClock.START;
        ByteBuffer memory = model.alarms().memory();
        if (stored == null) {
            Arrays.fill(batch.state, 0f);
        } else {
            EntityState state = states.deserializer().deserialize(TOPIC, stored);
            clock = new EntityClock(state.getSteps(), state.getSessionStart(), state.getLastEventTime());
            state.getRow().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(batch.state);
            memory.put(0, state.getMemory(), 0, state.getMemory().remaining());
        }
        EntityClock found = clock.at(event.timeMs(), null);
        model.encoder().encode(event, found, batch.features, 0);
        model.step().step(batch);
        Verdict verdict = model.judge(event, found, batch, 0, memory);
        EntityClock after = found.after(event.timeMs());
        return new Scored(state(after, memory), score(entity, event, found, after, verdict));
    }

    private byte[] state(EntityClock clock, ByteBuffer memory) {
        ByteBuffer row = ByteBuffer.allocate(batch.state.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        row.asFloatBuffer().put(batch.state);
        boolean nothing = memory.equals(ByteBuffer.allocate(memory.remaining()));
        return states.serializer()
                .serialize(
                        TOPIC,
                        new EntityState(
                                model.fingerprint(),
                                clock.steps(),
                                clock.sessionStartMs(),
                                clock.lastEventMs(),
                                0L,
                                row,
                                nothing ? ByteBuffer.allocate(0) : memory,
                                RowPrecision.FLOAT32,
                                null));
    }

    private byte[] score(String entity, Event event, EntityClock found, EntityClock after, Verdict verdict) {
        return scores.serializer()
                .serialize(
                        TOPIC,
                        new Score(
                                entity,
                                Instant.ofEpochMilli(event.timeMs()),
                                0,
                                0L,
                                after.steps(),
                                false,
                                verdict.surprise(),
                                verdict.score(),
                                verdict.alarm(),
                                verdict.alarming(),
                                model.fingerprint(),
                                model.explainer().explain(event, found, batch, 0)));
    }

    private Event read(String entity, byte[] value) {
        try {
            return reader.event(value, entity).orElseThrow();
        } catch (MalformedEventException e) {
            throw new IllegalStateException("the benchmark makes events of its own spec", e);
        }
    }
}
