package dev.sequitur.topology.scoring;

import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.topology.state.LiveEntity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An entity's events of a batch, in order, of which the first are stepped already.
 *
 * <p>How far a block may go is known before it is stepped: {@link #plan} follows the clock as if every event was scored.
 * Once one is rejected for its result, what follows finds another clock, so the rest goes event by event.
 *
 * <p>Threading: belongs to one thread.
 */
final class Lane {
    private final LiveEntity entity;
    private final Duration sessionGap;
    private final long toleranceMs;
    private final List<Arrival> arrivals;
    private final List<EntityClock> clocks;
    private int next;
    private boolean offPlan;

    /**
     * @param sessionGap null for none
     * @param toleranceMs how far an event may lie before the entity's latest one
     */
    Lane(LiveEntity entity, List<Arrival> arrivals, Duration sessionGap, long toleranceMs) {
        this.entity = entity;
        this.arrivals = arrivals;
        this.clocks = new ArrayList<>(arrivals.size());
        this.sessionGap = sessionGap;
        this.toleranceMs = toleranceMs;
    }

    LiveEntity entity() {
        return entity;
    }

    /**
     * Finds each event's clock, rejects what can't be stepped and comes first, and cuts the rest into runs.
     *
     * @return events of each run: a session starts with a run's first event or not in it
     */
    int[] plan() {
        EntityClock clock = entity.clock();
        int[] runs = new int[arrivals.size()];
        int count = 0;
        boolean cut = true;
        for (Arrival arrival : arrivals) {
            EntityClock found = clockAt(arrival, clock);
            clocks.add(found);
            if (found == null) {
                cut = true;
                continue;
            }
            if (cut || found.steps() == 0) {
                count++;
            }
            runs[count - 1]++;
            cut = false;
            clock = arrival.last() ? EntityClock.START : found.after(arrival.timeMs(found));
        }
        reject();
        return Arrays.copyOf(runs, count);
    }

    /** The clock as the event finds it; null for an END without a sequence, and for an event that is too late. */
    private EntityClock clockAt(Arrival arrival, EntityClock before) {
        EntityClock clock = arrival.evicts(before) ? EntityClock.START : before;
        if (arrival.event() == null) {
            return clock.steps() > 0 ? clock : null;
        }
        EntityClock found = clock.at(arrival.event().timeMs(), sessionGap);
        return lateMs(arrival, found) > toleranceMs ? null : found;
    }

    private static long lateMs(Arrival arrival, EntityClock clock) {
        return clock.steps() > 0 ? clock.lastEventMs() - arrival.event().timeMs() : 0;
    }

    private void reject() {
        while (next < arrivals.size() && clock(0) == null) {
            Arrival arrival = arrivals.get(next++);
            if (arrival.event() == null) {
                arrival.reject(new MalformedEventException(
                        Reason.NULL_VALUE,
                        "END of entity '" + entity.name() + "', which has no sequence under way; an entity's END comes"
                                + " once, after its events"));
            } else {
                // What came before is stepped by now: the entity has the clock that the event finds.
                arrival.drop(new LateEventException("the event is " + lateMs(arrival, entity.clock())
                        + " ms older than the latest one that entity '" + entity.name() + "' was stepped with"));
            }
        }
    }

    /** The t-th event from here. */
    Arrival arrival(int t) {
        return arrivals.get(next + t);
    }

    /** The clock as the t-th event from here finds it. */
    EntityClock clock(int t) {
        return offPlan ? clockAt(arrival(t), entity.clock()) : clocks.get(next + t);
    }

    /** So many events are stepped or rejected. */
    void passed(int events) {
        next += events;
        reject();
    }

    /** From here on each event is stepped alone. */
    void leavePlan() {
        offPlan = true;
    }

    boolean offPlan() {
        return offPlan;
    }

    boolean done() {
        return next == arrivals.size();
    }
}
