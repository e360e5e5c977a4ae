package dev.sequitur.topology.scoring;

import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.topology.output.EventHeaders;
import dev.sequitur.topology.state.HeldEvents;
import dev.sequitur.topology.state.HeldEvents.Held;
import dev.sequitur.topology.state.HeldEvents.Mark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Puts a task's events in the order of event time, as far as they come within a grace. One by one: an event is put to
 * those that wait; then all of them go whose time is at least the grace before the latest that has come, by their times,
 * those of equal times in the order of arrival. So an event that is older than that goes at once. An END has no time of
 * its own: it goes after the latest of its entity's events that wait, or at once where none does.
 *
 * <p>What waits is in a store with a changelog, so that the offset of an event commits with the event held. How batches
 * are cut changes nothing of what comes out, in which order.
 *
 * <p>Where event time has stood still for the grace by the wall clock, what waits goes too. That alone depends on the wall
 * clock: what is older than it, and comes after such a pause, goes as it comes.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class Reordering {
    private static final int MOST_IDLE_ENTITIES = 1000;

    private final HeldEvents store;
    private final long graceMs;
    private final int maxBatchEvents;
    private final int maxHeldBytes;
    private final Function<ConsumerRecord<byte[], byte[]>, Arrival> reader;
    private final Consumer<List<Arrival>> batches;

    /** The latest event that waits, of each entity and some more; null where there are no ENDs. */
    private final Map<String, Long> latestWaitingMs;

    private Mark mark;
    /** Since when event time stands still, by the wall clock; -1 before it was first seen. */
    private long standingSinceMs = -1;

    /**
     * @param ends whether a tombstone is the END of a sequence
     * @param maxHeldBytes of an event's key, value and headers together: to be held it has to be written once more
     * @param reader for events that were held
     * @param batches takes events in their order, up to {@code maxBatchEvents} at once, malformed ones among them
     */
    Reordering(
            HeldEvents store,
            long graceMs,
            boolean ends,
            int maxBatchEvents,
            int maxHeldBytes,
            Function<ConsumerRecord<byte[], byte[]>, Arrival> reader,
            Consumer<List<Arrival>> batches) {
        this.store = store;
        this.graceMs = graceMs;
        this.maxBatchEvents = maxBatchEvents;
        this.maxHeldBytes = maxHeldBytes;
        this.reader = reader;
        this.batches = batches;
        this.mark = store.mark();
        this.latestWaitingMs = ends ? latestWaiting() : null;
    }

    private Map<String, Long> latestWaiting() {
        Map<String, Long> latest = new HashMap<>();
        if (mark.held() > 0) {
            try (HeldEvents.InOrder held = store.between(mark.releasedMs(), Long.MAX_VALUE)) {
                held.forEachRemaining(
                        one -> latest.put(new String(one.event().key(), StandardCharsets.UTF_8), one.timeMs()));
            }
        }
        return latest;
    }

    /** Events that wait. */
    long held() {
        return mark.held();
    }

    /**
     * An event that goes.
     *
     * @param turn the arrival, in this batch, that lets it go
     * @param held as it is in the store; null where it never was
     */
    private record Due(int turn, long timeMs, long order, Arrival arrival, Held held) {
        private static final Comparator<Due> ORDER = Comparator.comparingInt(Due::turn)
                .thenComparingLong(Due::timeMs)
                .thenComparingLong(Due::order);
    }

    /**
     * Takes events in the order of arrival, and hands over those that go.
     *
     * @param nowMs wall clock
     */
    void take(List<Arrival> arrivals, long nowMs) {
        long[] times = new long[arrivals.size()];
        long[] released = new long[arrivals.size()];
        long latestMs = mark.latestMs();
        long releasedMs = mark.releasedMs();
        for (int i = 0; i < times.length; i++) {
            Arrival arrival = arrivals.get(i);
            if (!arrival.rejected()) {
                times[i] = arrival.event() == null
                        ? endMs(arrival.entity(), releasedMs)
                        : arrival.event().timeMs();
                long latestWithIt = Math.max(latestMs, times[i]);
                long releasedWithIt = Math.max(releasedMs, beforeGrace(latestWithIt));
                if (times[i] > releasedWithIt) {
                    rejectTooLarge(arrival);
                }
                if (!arrival.rejected()) {
                    latestMs = latestWithIt;
                    releasedMs = releasedWithIt;
                    if (latestWaitingMs != null && times[i] > releasedMs) {
                        latestWaitingMs.merge(arrival.entity(), times[i], Math::max);
                    }
                }
            }
            if (arrival.rejected()) {
                // It has no time to wait for, and changes none.
                times[i] = Long.MIN_VALUE;
            }
            released[i] = releasedMs;
        }

        List<Due> due = new ArrayList<>();
        List<Held> waiting = new ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            int turn = Math.max(i, turn(released, times[i]));
            long order = mark.arrivals() + i;
            if (turn < times.length) {
                due.add(new Due(turn, times[i], order, arrivals.get(i), null));
            } else {
                waiting.add(new Held(times[i], order, arrivals.get(i).record()));
            }
        }
        due.sort(Due.ORDER);
        long gone = release(due.iterator(), released, releasedMs);
        waiting.forEach(store::put);
        if (standingSinceMs < 0 || latestMs > mark.latestMs()) {
            standingSinceMs = nowMs;
        }
        advance(new Mark(latestMs, releasedMs, mark.arrivals() + times.length, mark.held() - gone + waiting.size()));
        forgetEntities();
    }

    /** When an END goes: with the latest event of its entity that waits; at once where there is none. */
    private long endMs(String entity, long releasedMs) {
        long latestMs = latestWaitingMs == null ? Long.MIN_VALUE : latestWaitingMs.getOrDefault(entity, Long.MIN_VALUE);
        return latestMs > releasedMs ? latestMs : Long.MIN_VALUE;
    }

    /** Takes out those of which nothing waits, when they are many. */
    private void forgetEntities() {
        if (latestWaitingMs != null && latestWaitingMs.size() > 2 * mark.held() + MOST_IDLE_ENTITIES) {
            latestWaitingMs.values().removeIf(latestMs -> latestMs <= mark.releasedMs());
        }
    }

    /** Hands over what waits, where event time has stood still for the grace. */
    void tick(long nowMs) {
        if (standingSinceMs < 0) {
            standingSinceMs = nowMs;
        }
        if (mark.held() == 0 || nowMs - standingSinceMs < graceMs) {
            return;
        }
        long latestMs = mark.latestMs();
        release(List.<Due>of().iterator(), new long[] {latestMs}, latestMs);
        advance(new Mark(latestMs, latestMs, mark.arrivals(), 0));
        forgetEntities();
    }

    private long beforeGrace(long latestMs) {
        return latestMs == Long.MIN_VALUE ? latestMs : latestMs - graceMs;
    }

    private void rejectTooLarge(Arrival arrival) {
        ConsumerRecord<byte[], byte[]> event = arrival.record();
        long bytes = event.key().length
                + (event.value() == null ? 0 : event.value().length)
                + EventHeaders.bytes(event.headers());
        if (bytes > maxHeldBytes) {
            arrival.reject(new MalformedEventException(
                    Reason.TOO_LARGE,
                    "the event takes " + bytes + " bytes, expected at most " + maxHeldBytes + " where events are put in"
                            + " order; raise maxRecordBytes together with the producer's max.request.size"));
        }
    }

    /** The first arrival that lets events of this time go, however early they came; the number of arrivals if none does. */
    private static int turn(long[] released, long timeMs) {
        int from = 0;
        int to = released.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (released[middle] >= timeMs) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    /** Hands over new events, and held ones up to a time, in their common order; returns how many were held. */
    private long release(Iterator<Due> arrived, long[] released, long releasedMs) {
        boolean none = mark.held() == 0 || releasedMs == mark.releasedMs();
        try (HeldEvents.InOrder old = none ? null : store.between(mark.releasedMs(), releasedMs)) {
            return release(arrived, old == null ? List.<Held>of().iterator() : old, released);
        }
    }

    private long release(Iterator<Due> arrived, Iterator<Held> old, long[] released) {
        long gone = 0;
        List<Due> batch = new ArrayList<>();
        Due nextNew = next(arrived);
        Due nextOld = next(old, released);
        while (nextNew != null || nextOld != null) {
            if (nextOld == null || nextNew != null && Due.ORDER.compare(nextNew, nextOld) < 0) {
                batch.add(nextNew);
                nextNew = next(arrived);
            } else {
                batch.add(nextOld);
                nextOld = next(old, released);
                gone++;
            }
            if (batch.size() == maxBatchEvents) {
                hand(batch);
            }
        }
        hand(batch);
        return gone;
    }

    private static Due next(Iterator<Due> arrived) {
        return arrived.hasNext() ? arrived.next() : null;
    }

    private Due next(Iterator<Held> old, long[] released) {
        if (!old.hasNext()) {
            return null;
        }
        Held held = old.next();
        return new Due(turn(released, held.timeMs()), held.timeMs(), held.arrival(), reader.apply(held.event()), held);
    }

    private void hand(List<Due> batch) {
        if (batch.isEmpty()) {
            return;
        }
        batches.accept(batch.stream().map(Due::arrival).toList());
        batch.stream().filter(due -> due.held != null).forEach(due -> store.delete(due.held));
        batch.clear();
    }

    private void advance(Mark next) {
        if (!next.equals(mark)) {
            store.save(next);
            mark = next;
        }
    }
}
