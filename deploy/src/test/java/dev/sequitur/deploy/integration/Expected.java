package dev.sequitur.deploy.integration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What must be on the topics once all records of the input topic are read. */
final class Expected {
    /**
     * @param timeMs event time; that of the event before for an END
     * @param surprises nats by field; END alone for an END
     * @param surprise their sum over the fields that alarms look at
     */
    record Result(
            Place place,
            long step,
            long timeMs,
            boolean end,
            Map<String, Double> surprises,
            double surprise,
            boolean predicted) {}

    /** What is kept of an entity whose sequence is under way. */
    record State(long steps, long sessionStartMs, long lastEventMs, long lastOffset, double[] row) {}

    /** By entity, in their order. */
    final Map<String, List<Result>> results = new LinkedHashMap<>();

    final Map<Place, Sent> rejected = new LinkedHashMap<>();
    final Map<Place, String> reasons = new HashMap<>();

    /** By entity; null where its sequence has ended. */
    final Map<String, State> states = new LinkedHashMap<>();

    void result(String entity, Result result) {
        results.computeIfAbsent(entity, e -> new ArrayList<>()).add(result);
    }

    void reject(Sent sent, String reason) {
        rejected.put(sent.place(), sent);
        reasons.put(sent.place(), reason);
    }

    /** Records, each with one outcome: a score or a dead letter. */
    int outcomes() {
        return scores() + rejected.size();
    }

    int scores() {
        return results.values().stream().mapToInt(List::size).sum();
    }
}
