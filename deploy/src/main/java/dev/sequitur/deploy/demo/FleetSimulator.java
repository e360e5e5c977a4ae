package dev.sequitur.deploy.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A fleet of electric delivery vehicles. First its history, in which all is well; then the same vehicles live, with
 * faults. The same seed gives the same readings.
 *
 * <p>Threading: belongs to one thread.
 */
public final class FleetSimulator {
    /** A Monday morning, so that a history of whole days ends when the vehicles are on the road. */
    public static final Instant START = Instant.parse("2025-03-03T10:00:00Z");

    private final PriorityQueue<Vehicle> byNextReading =
            new PriorityQueue<>(Comparator.comparingLong(Vehicle::nextMs).thenComparing(Vehicle::name));
    private boolean live;
    private long untilMs;

    public FleetSimulator(long seed, int vehicles) {
        this(seed, vehicles, START);
    }

    public FleetSimulator(long seed, int vehicles, Instant start) {
        if (vehicles < 1) {
            throw new IllegalArgumentException("vehicles must be >= 1, got " + vehicles);
        }
        SplittableRandom random = new SplittableRandom(seed);
        untilMs = start.toEpochMilli();
        for (int i = 1; i <= vehicles; i++) {
            byNextReading.add(new Vehicle(String.format("van-%03d", i), untilMs, random.split()));
        }
    }

    /** Event time that the simulation has reached, milliseconds since the epoch. */
    public long nowMs() {
        return untilMs;
    }

    /**
     * The readings of the next stretch of time, in the order of time, without any fault.
     *
     * @throws IllegalStateException when the fleet is live already
     */
    public List<FleetReading> history(Duration length) {
        if (live) {
            throw new IllegalStateException("history comes before live(): its readings must be free of faults");
        }
        untilMs += length.toMillis();
        List<FleetReading> readings = new ArrayList<>();
        while (byNextReading.element().nextMs() < untilMs) {
            Vehicle vehicle = byNextReading.remove();
            vehicle.advance();
            readings.add(vehicle.read());
            byNextReading.add(vehicle);
        }
        return readings;
    }

    /**
     * The readings from now on, in the order of time, without end.
     *
     * @param injected is told of each fault before its first reading is returned
     * @throws IllegalStateException when the fleet is live already
     */
    public Iterator<FleetReading> live(FaultPlan plan, Consumer<InjectedFault> injected) {
        if (live) {
            throw new IllegalStateException("the fleet is live already");
        }
        live = true;
        FaultQueue faults = new FaultQueue(plan, injected);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public FleetReading next() {
                Vehicle vehicle = byNextReading.remove();
                untilMs = vehicle.nextMs();
                vehicle.advance();
                faults.meet(vehicle);
                FleetReading reading = vehicle.read();
                byNextReading.add(vehicle);
                return reading;
            }
        };
    }
}
