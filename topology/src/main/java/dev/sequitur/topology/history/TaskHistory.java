package dev.sequitur.topology.history;

import dev.sequitur.model.data.Event;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.state.LiveEntity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last events of one task's entities: those of the entities that were seen last.
 *
 * <p>Threading: {@link #stepping}, {@link #stepped} and {@link #close} belong to the task's stream thread; all else is for
 * any thread, and never makes that one wait.
 */
public final class TaskHistory {
    private static final int ALARMS = 256;

    private final History owner;
    private final int state;
    private final int width;
    private final Instant since = Instant.now();
    /** Least recently seen first; the stream thread's own. */
    private final Map<String, EntityHistory> byAge = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<String, EntityHistory> entities = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<Score> alarms = new AtomicReferenceArray<>(ALARMS);
    private volatile long alarmCount;
    private volatile Score newest;
    private EntityHistory current;
    private boolean dropped;

    TaskHistory(History owner, int state, int width) {
        this.owner = owner;
        this.state = state;
        this.width = width;
    }

    /**
     * Events of an entity were stepped in one call; its state is still the one from before them.
     *
     * @param fresh whether they were stepped from the state of no event
     * @param again whether they had been stepped before: the entity was taken back to an older state
     */
    public void stepping(LiveEntity entity, boolean fresh, boolean again) {
        current = byAge.get(entity.name());
        if (current == null) {
            // One that comes back may have had events in between that were dropped with it.
            Instant watched = dropped ? Instant.now() : since;
            current = new EntityHistory(entity.name(), watched, owner.limits().events(), width);
            byAge.put(entity.name(), current);
            drop();
        }
        if (again) {
            current.clear();
        }
        if (current.wantsBase()) {
            float[] row = new float[state];
            if (!fresh) {
                entity.copyRow(row, 0);
            }
            current.base(row);
        }
    }

    /** Drops the entities that were not seen for longest, beyond this task's share. */
    private void drop() {
        int share = owner.share();
        for (Iterator<EntityHistory> eldest = byAge.values().iterator(); byAge.size() > share && eldest.hasNext(); ) {
            String name = eldest.next().entity();
            eldest.remove();
            entities.remove(name);
            dropped = true;
        }
    }

    /**
     * One of the events that {@link #stepping} announced, in their order.
     *
     * @param event null for an END
     * @param features its row is {@code features[at .. at + I)}
     */
    public void stepped(Score score, Event event, float[] features, int at) {
        current.add(score, event, features, at);
        // Readers find it once it has an event.
        entities.putIfAbsent(current.entity(), current);
        if (score.getAlarm()) {
            alarms.set((int) (alarmCount % ALARMS), score);
            alarmCount++;
        }
        newest = score;
    }

    /** The task is closed: its entities belong to another. */
    public void close() {
        owner.close(this);
    }

    Instant since() {
        return since;
    }

    EntityHistory entity(String name) {
        return entities.get(name);
    }

    Collection<EntityHistory> entities() {
        return entities.values();
    }

    /** The newest one that was scored; null for none. */
    Score newest() {
        return newest;
    }

    long alarmCount() {
        return alarmCount;
    }

    /** Of the events that alarms started with, those that came last; newest first. */
    List<Score> alarms() {
        List<Score> found = new ArrayList<>();
        long count = alarmCount;
        for (long i = count - 1; i >= Math.max(0, count - ALARMS); i--) {
            found.add(alarms.get((int) (i % ALARMS)));
        }
        return found;
    }
}
