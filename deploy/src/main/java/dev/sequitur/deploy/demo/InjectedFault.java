package dev.sequitur.deploy.demo;

/**
 * A fault that the simulation put into a vehicle: the ground truth that alarms are judged by.
 *
 * @param entity the vehicle
 * @param startMs event time of the first reading that the fault may change
 * @param endMs event time from which on it acts no more; an emptied battery stays empty
 */
public record InjectedFault(String entity, FaultKind kind, long startMs, long endMs) {
    public InjectedFault {
        if (endMs <= startMs) {
            throw new IllegalArgumentException("a fault must end after it starts, got " + startMs + " to " + endMs);
        }
    }
}
