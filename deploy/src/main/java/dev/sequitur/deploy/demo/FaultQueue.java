package dev.sequitur.deploy.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Faults whose time has come, waiting for a vehicle on which they show.
 *
 * <p>Threading: belongs to one thread.
 */
final class FaultQueue {
    private final Iterator<FaultPlan.Planned> plan;
    private final Consumer<InjectedFault> injected;
    private final Deque<FaultPlan.Planned> due = new ArrayDeque<>();
    private Optional<FaultPlan.Planned> upcoming = Optional.empty();

    FaultQueue(FaultPlan plan, Consumer<InjectedFault> injected) {
        this.plan = plan.iterator();
        this.injected = injected;
        draw();
    }

    /** Gives the vehicle, about to be read, the first waiting fault that shows on it. */
    void meet(Vehicle vehicle) {
        while (upcoming.isPresent() && upcoming.get().notBeforeMs() <= vehicle.nextMs()) {
            due.add(upcoming.get());
            draw();
        }
        for (Iterator<FaultPlan.Planned> waiting = due.iterator(); waiting.hasNext(); ) {
            FaultPlan.Planned planned = waiting.next();
            boolean wanted = planned.vehicle().map(vehicle.name()::equals).orElse(true);
            if (wanted && vehicle.shows(planned.kind())) {
                waiting.remove();
                injected.accept(vehicle.breakDown(planned.kind()));
                return;
            }
        }
    }

    private void draw() {
        upcoming = plan.hasNext() ? Optional.of(plan.next()) : Optional.empty();
    }
}
