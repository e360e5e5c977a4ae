package dev.sequitur.topology.history;

import dev.sequitur.model.data.Event;
import dev.sequitur.schemas.Score;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the last events of one entity were, and what it takes to step them once more. It isn't durable: it begins with the
 * first event that came after the task was opened.
 *
 * <p>Threading: written by the stream thread of the entity's task; read by any, without a lock. What a reader gets is a
 * moment's view and doesn't change.
 */
public final class EntityHistory {
    private final String entity;
    private final Instant since;
    private final int events;
    private final int width;
    private volatile Stretch newest;
    private volatile Score last;
    private volatile Score lastAlarm;
    private volatile LastEvent lastEvent;

    /**
     * An entity's last event that was no END.
     *
     * @param gapMs time between it and the one before, 0 where there was none
     */
    public record LastEvent(Event event, long gapMs) {}

    /**
     * Events to be stepped once more.
     *
     * @param base state row [S] from before them
     * @param inputs feature rows [events, I], as they were stepped
     * @param scores theirs
     */
    public record Replay(float[] base, float[] inputs, List<Score> scores) {}

    /**
     * @param events of which the scores are kept, at least
     * @param width I
     */
    EntityHistory(String entity, Instant since, int events, int width) {
        this.entity = entity;
        this.since = since;
        this.events = events;
        this.width = width;
    }

    /** Whether the next call's events need a state row from before them. */
    boolean wantsBase() {
        Stretch current = newest;
        return current == null || current.size() >= Math.max(1, events / 2);
    }

    /** From here on events are stepped from this state row, [S], which is taken over. */
    void base(float[] row) {
        Stretch next = new Stretch(row, width, newest);
        int kept = 0;
        for (Stretch stretch = next.older(); stretch != null; stretch = stretch.older()) {
            kept += stretch.size();
            if (kept >= events) {
                stretch.forgetOlder();
            }
        }
        newest = next;
    }

    /** Forgets all events: what comes doesn't follow them. */
    void clear() {
        newest = null;
    }

    /**
     * Adds an event that was stepped.
     *
     * @param event null for an END
     * @param features its row is {@code features[at .. at + I)}
     */
    void add(Score score, Event event, float[] features, int at) {
        newest.add(score, features, at);
        if (event != null) {
            LastEvent before = lastEvent;
            boolean first = score.getStep() == 1 || before == null;
            lastEvent = new LastEvent(
                    event,
                    first ? 0 : Math.max(0, event.timeMs() - before.event().timeMs()));
        }
        if (score.getAlarm()) {
            lastAlarm = score;
        }
        last = score;
    }

    public String entity() {
        return entity;
    }

    /** From when on, by the wall clock, events of the entity would have been seen. */
    public Instant since() {
        return since;
    }

    /** Of the newest event. */
    public Score last() {
        return last;
    }

    /** The newest event that an alarm started with. */
    public Optional<Score> lastAlarm() {
        return Optional.ofNullable(lastAlarm);
    }

    public Optional<LastEvent> lastEvent() {
        return Optional.ofNullable(lastEvent);
    }

    /** Scores of the newest events, oldest first; {@code most} of them, and as many as are kept. */
    public List<Score> scores(int most) {
        List<Score> found = new ArrayList<>();
        for (Stretch stretch = newest; stretch != null && found.size() < most; stretch = stretch.older()) {
            for (int i = stretch.size() - 1; i >= 0 && found.size() < most; i--) {
                found.add(stretch.score(i));
            }
        }
        Collections.reverse(found);
        return found;
    }

    /**
     * The newest events with the state from before the first of them: at least {@code least} events where so many are
     * known. Where states are stored in two bytes a number, stepping them gives what came then but for the rounding.
     *
     * @return empty where no event is known
     */
    public Optional<Replay> replay(int least) {
        List<Stretch> stretches = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        int size = 0;
        for (Stretch stretch = newest; stretch != null && size < least; stretch = stretch.older()) {
            // It may grow meanwhile.
            int now = stretch.size();
            stretches.add(stretch);
            sizes.add(now);
            size += now;
        }
        if (size == 0) {
            return Optional.empty();
        }
        Collections.reverse(stretches);
        Collections.reverse(sizes);
        float[] inputs = new float[size * width];
        List<Score> scores = new ArrayList<>(size);
        for (int s = 0; s < stretches.size(); s++) {
            Stretch stretch = stretches.get(s);
            stretch.copyInputs(sizes.get(s), inputs, scores.size() * width);
            for (int i = 0; i < sizes.get(s); i++) {
                scores.add(stretch.score(i));
            }
        }
        return Optional.of(new Replay(stretches.get(0).base().clone(), inputs, scores));
    }
}
