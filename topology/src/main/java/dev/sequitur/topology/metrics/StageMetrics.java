package dev.sequitur.topology.metrics;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.stats.Avg;
import org.apache.kafka.common.metrics.stats.Max;
import org.apache.kafka.common.metrics.stats.Meter;
import org.apache.kafka.common.metrics.stats.Percentile;
import org.apache.kafka.common.metrics.stats.Percentiles;
import org.apache.kafka.common.metrics.stats.Value;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * The counters and measures of one stage of one task, among Kafka Streams' own metrics: group {@link #GROUP}, tags {@code
 * thread-id}, {@code task-id}, {@code stage}. Dead letters are counted by {@code reason} too, as {@link #BY_REASON}.
 *
 * <p>Threading: belongs to the stream thread of its task; the metrics may be read by any.
 */
public final class StageMetrics implements AutoCloseable {
    public static final String GROUP = "stream-sequitur-metrics";
    public static final String BY_REASON = "dead-lettered-by-reason";

    /** Of the histogram of a measure: a thousand buckets in each of two time windows. */
    private static final int PERCENTILE_BYTES = 8000;

    private final StreamsMetrics metrics;
    private final String sensorPrefix;
    private final Map<String, String> tags = new LinkedHashMap<>();
    private final Map<Count, Sensor> sensors = new EnumMap<>(Count.class);
    private final Map<Measure, Sensor> measures = new EnumMap<>(Measure.class);
    private final Map<Level, Sensor> levels = new EnumMap<>(Level.class);
    private final Map<String, Sensor> reasons = new HashMap<>();

    public StageMetrics(ProcessorContext<?, ?> context, String stage, Set<Count> counts) {
        metrics = context.metrics();
        tags.put("thread-id", Thread.currentThread().getName());
        tags.put("task-id", context.taskId().toString());
        tags.put("stage", stage);
        sensorPrefix = "sequitur." + String.join(".", tags.values()) + ".";
        for (Count count : counts) {
            sensors.put(count, meter(count.code(), count.code(), count.description(), tags));
        }
    }

    private Sensor meter(String sensorName, String code, String description, Map<String, String> meterTags) {
        // Not addRateTotalSensor: it counts calls, and a call here stands for a batch.
        Sensor sensor = metrics.addSensor(sensorPrefix + sensorName, Sensor.RecordingLevel.INFO);
        sensor.add(new Meter(
                new MetricName(code + "-rate", GROUP, description + ", per second", meterTags),
                new MetricName(code + "-total", GROUP, description, meterTags)));
        return sensor;
    }

    /** What this stage measures. */
    public StageMetrics measuring(Measure... kinds) {
        for (Measure kind : kinds) {
            Sensor sensor = metrics.addSensor(sensorPrefix + kind.code(), Sensor.RecordingLevel.INFO);
            sensor.add(name(kind, "avg"), new Avg());
            sensor.add(name(kind, "max"), new Max());
            // Linear: the narrower, the smaller the value.
            sensor.add(new Percentiles(
                    PERCENTILE_BYTES,
                    kind.largest(),
                    Percentiles.BucketSizing.LINEAR,
                    new Percentile(name(kind, "p50"), 50),
                    new Percentile(name(kind, "p99"), 99)));
            measures.put(kind, sensor);
        }
        return this;
    }

    private MetricName name(Measure kind, String statistic) {
        return new MetricName(kind.code() + "-" + statistic, GROUP, kind.description(), tags);
    }

    /** What this stage shows. */
    public StageMetrics showing(Level... kinds) {
        for (Level kind : kinds) {
            Sensor sensor = metrics.addSensor(sensorPrefix + kind.code(), Sensor.RecordingLevel.INFO);
            sensor.add(new MetricName(kind.code(), GROUP, kind.description(), tags), new Value());
            levels.put(kind, sensor);
        }
        return this;
    }

    public void show(Level kind, double value) {
        levels.get(kind).record(value);
    }

    public void record(Measure kind, double value) {
        measures.get(kind).record(value);
    }

    public void add(Count count, long events) {
        if (events > 0) {
            sensors.get(count).record(events);
        }
    }

    /** Counts a dead letter, in all and by its reason. */
    public void deadLettered(String reason) {
        add(Count.DEAD_LETTERED, 1);
        reasons.computeIfAbsent(reason, code -> {
                    Map<String, String> reasonTags = new LinkedHashMap<>(tags);
                    reasonTags.put("reason", code);
                    return meter(
                            BY_REASON + "." + code,
                            BY_REASON,
                            "events sent to the dead letter topic for this reason",
                            reasonTags);
                })
                .record(1);
    }

    /** Takes the counters out of Kafka Streams' metrics. */
    @Override
    public void close() {
        Stream.of(sensors, measures, levels, reasons).forEach(group -> {
            group.values().forEach(metrics::removeSensor);
            group.clear();
        });
    }
}
