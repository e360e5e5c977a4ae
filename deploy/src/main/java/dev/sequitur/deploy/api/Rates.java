package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.topology.metrics.Count;
import dev.sequitur.topology.metrics.Level;
import dev.sequitur.topology.metrics.StageMetrics;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;

/**
 * How fast an application goes, from look to look.
 *
 * <p>Threading: belongs to one thread.
 */
final class Rates {
    private static final String LAG = "records-lag";
    private static final String CONSUMER = "consumer-fetch-manager-metrics";
    /** Of a consumer that restores states. */
    private static final String RESTORE = "restore-consumer";

    private final KafkaStreams streams;
    private long lookedNanos = System.nanoTime();
    private Map<String, Double> before;

    Rates(KafkaStreams streams) {
        this.streams = streams;
        this.before = sums();
    }

    /** What happened since the last tick, and how it stands. */
    ObjectNode tick() {
        Map<String, Double> now = sums();
        long nanos = System.nanoTime();
        double seconds = Math.max(1e-3, (nanos - lookedNanos) / 1e9);
        double scored = more(now, Count.SCORED);
        double batches = more(now, Count.BATCHES);
        ObjectNode tick = Answers.object()
                .put("time", Instant.now().toString())
                .put("throughput", scored / seconds)
                .put("lag", now.getOrDefault(LAG, 0.0))
                .put("backlog", now.getOrDefault(Level.BACKLOG.code(), 0.0))
                .put("batchSize", batches > 0 ? scored / batches : null)
                .put("entities", now.getOrDefault(Level.ENTITIES.code(), 0.0))
                .put("stateBytes", now.getOrDefault(Level.STATE_BYTES.code(), 0.0))
                .put("alarms", total(now, Count.ALARMS))
                .put("scored", total(now, Count.SCORED))
                .put("deadLettered", total(now, Count.DEAD_LETTERED));
        lookedNanos = nanos;
        before = now;
        return tick;
    }

    private double more(Map<String, Double> now, Count count) {
        // A task that left took its counts along.
        return Math.max(0, total(now, count) - total(before, count));
    }

    private static double total(Map<String, Double> sums, Count count) {
        return sums.getOrDefault(count.code() + "-total", 0.0);
    }

    /** By name, over all tasks. */
    private Map<String, Double> sums() {
        Map<String, Double> sums = new HashMap<>();
        for (Metric metric : streams.metrics().values()) {
            MetricName name = metric.metricName();
            boolean own = name.group().equals(StageMetrics.GROUP);
            boolean lag = name.group().equals(CONSUMER)
                    && name.name().equals(LAG)
                    && !name.tags().getOrDefault("client-id", "").contains(RESTORE);
            if (own || lag) {
                Object value = metric.metricValue();
                if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
                    sums.merge(name.name(), number.doubleValue(), Double::sum);
                }
            }
        }
        return sums;
    }
}
