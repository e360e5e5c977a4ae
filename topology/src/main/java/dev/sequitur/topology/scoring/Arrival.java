package dev.sequitur.topology.scoring;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An event of a batch and what became of it: it is either rejected or scored.
 *
 * <p>Threading: belongs to one thread.
 */
final class Arrival {
    private final ConsumerRecord<byte[], byte[]> record;
    private final String entity;
    private final Event event;

    private String reason;
    private Exception why;
    private Score score;
    private Prediction prediction;
    private boolean late;
    private boolean again;
    private long idleBefore = Long.MIN_VALUE;

    private Arrival(ConsumerRecord<byte[], byte[]> record, String entity, Event event) {
        this.record = record;
        this.entity = entity;
        this.event = event;
    }

    static Arrival of(ConsumerRecord<byte[], byte[]> record, Event event) {
        return new Arrival(record, event.entity(), event);
    }

    static Arrival end(ConsumerRecord<byte[], byte[]> record, String entity) {
        return new Arrival(record, entity, null);
    }

    static Arrival malformed(ConsumerRecord<byte[], byte[]> record, MalformedEventException why) {
        Arrival arrival = new Arrival(record, null, null);
        arrival.reject(why);
        return arrival;
    }

    ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    /** Null where the record is malformed. */
    String entity() {
        return entity;
    }

    /** Null for the END of the sequence, and where the record is malformed. */
    Event event() {
        return event;
    }

    /** Whether this ends the entity's sequence, if it is scored. */
    boolean last() {
        return event == null || event.last();
    }

    /** Event time, milliseconds since the epoch. END has none of its own: it follows the last event at once. */
    long timeMs(EntityClock found) {
        return event == null ? found.lastEventMs() : event.timeMs();
    }

    void reject(MalformedEventException malformed) {
        reason = malformed.reason().code();
        why = malformed;
    }

    void reject(NotFiniteResultException notFinite) {
        reason = NotFiniteResultException.CODE;
        why = notFinite;
    }

    /** The event goes to the topic for late events instead. */
    void drop(LateEventException tooLate) {
        reason = LateEventException.CODE;
        why = tooLate;
    }

    boolean dropped() {
        return why instanceof LateEventException;
    }

    /** Whether it isn't scored: it can't be, or came too late. */
    boolean rejected() {
        return reason != null;
    }

    String reason() {
        return reason;
    }

    Exception why() {
        return why;
    }

    /**
     * @param expected of the next event; null where none is emitted
     * @param isLate whether a later event of the entity came before
     */
    void scored(Score result, Prediction expected, boolean isLate) {
        score = result;
        prediction = expected;
        late = isLate;
    }

    Score score() {
        return score;
    }

    Prediction prediction() {
        return prediction;
    }

    boolean late() {
        return late;
    }

    /** @param timeMs an entity whose last event lies before this is evicted when this event comes */
    void idleBefore(long timeMs) {
        idleBefore = timeMs;
    }

    /** Whether an entity with this clock has been idle for too long when this event comes. */
    boolean evicts(EntityClock clock) {
        return clock.steps() > 0 && clock.lastEventMs() < idleBefore;
    }

    void again(boolean delivered) {
        again = delivered;
    }

    /** Whether it was stepped before. */
    boolean again() {
        return again;
    }

    /** Whether it was stepped before and can't be stepped again, so that it gets no result. */
    boolean skipped() {
        return !rejected() && score == null;
    }
}
