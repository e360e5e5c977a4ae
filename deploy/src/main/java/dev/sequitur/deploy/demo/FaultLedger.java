package dev.sequitur.deploy.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Alarms against the faults that were really there. An alarm on the entity between a fault's start and its end plus the
 * grace catches the fault; an alarm that no fault explains is false. Faults and alarms may come in any order.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class FaultLedger {
    private final long graceMs;
    private final List<InjectedFault> faults = new ArrayList<>();
    /** By entity: event time → number of alarms. */
    private final Map<String, NavigableMap<Long, Integer>> alarms = new HashMap<>();

    /** @param grace how long after a fault's end an alarm still counts for it */
    public FaultLedger(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must be >= 0, got " + grace);
        }
        this.graceMs = grace.toMillis();
    }

    public synchronized void injected(InjectedFault fault) {
        faults.add(fault);
    }

    /** @param timeMs event time */
    public synchronized void alarm(String entity, long timeMs) {
        alarms.computeIfAbsent(entity, e -> new TreeMap<>()).merge(timeMs, 1, Integer::sum);
    }

    /** The fault, of those known so far, that explains an alarm; the one that started last where there are several. */
    public synchronized Optional<InjectedFault> explanation(String entity, long timeMs) {
        return faults.stream()
                .filter(fault -> explains(fault, entity, timeMs))
                .max((a, b) -> Long.compare(a.startMs(), b.startMs()));
    }

    /**
     * A fault and the first alarm that it explains, event time.
     *
     * @param caughtMs empty where there is none so far
     */
    public record Judged(InjectedFault fault, OptionalLong caughtMs) {}

    /** The faults in the order in which they were injected. */
    public synchronized List<Judged> judged() {
        List<Judged> judged = new ArrayList<>();
        for (InjectedFault fault : faults) {
            Long first = alarms.getOrDefault(fault.entity(), new TreeMap<>()).ceilingKey(fault.startMs());
            boolean explained = first != null && first <= fault.endMs() + graceMs;
            judged.add(new Judged(fault, explained ? OptionalLong.of(first) : OptionalLong.empty()));
        }
        return judged;
    }

    /** How long after a fault's end an alarm still counts for it. */
    public long graceMs() {
        return graceMs;
    }

    /** How it stands. */
    public synchronized Tally tally() {
        List<InjectedFault> caught = new ArrayList<>();
        List<InjectedFault> missed = new ArrayList<>();
        for (InjectedFault fault : faults) {
            boolean found = !alarms.getOrDefault(fault.entity(), new TreeMap<>())
                    .subMap(fault.startMs(), true, fault.endMs() + graceMs, true)
                    .isEmpty();
            (found ? caught : missed).add(fault);
        }
        long all = 0;
        long explained = 0;
        for (var ofEntity : alarms.entrySet()) {
            for (var alarm : ofEntity.getValue().entrySet()) {
                all += alarm.getValue();
                if (explanation(ofEntity.getKey(), alarm.getKey()).isPresent()) {
                    explained += alarm.getValue();
                }
            }
        }
        return new Tally(caught, missed, all, all - explained);
    }

    private boolean explains(InjectedFault fault, String entity, long timeMs) {
        return fault.entity().equals(entity) && timeMs >= fault.startMs() && timeMs <= fault.endMs() + graceMs;
    }

    /**
     * @param caught faults with an alarm, in the order in which they were injected
     * @param missed faults without
     * @param alarms all alarms
     * @param falseAlarms alarms that no fault explains
     */
    public record Tally(List<InjectedFault> caught, List<InjectedFault> missed, long alarms, long falseAlarms) {
        public Tally {
            caught = List.copyOf(caught);
            missed = List.copyOf(missed);
        }

        public int injected() {
            return caught.size() + missed.size();
        }
    }
}
