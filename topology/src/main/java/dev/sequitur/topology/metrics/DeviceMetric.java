package dev.sequitur.topology.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MeasurableStat;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Where the network of a task computes, as a metric: {@link #NAME}, always 1, with the device as the tag {@code device},
 * beside the tags of {@link StageMetrics}. Kafka's public sensors take numbers only.
 *
 * <p>Threading: belongs to the stream thread of its task; the metric may be read by any.
 */
public final class DeviceMetric implements AutoCloseable {
    public static final String NAME = "tensorflow-device";

    private final StreamsMetrics metrics;
    private final Sensor sensor;

    public DeviceMetric(ProcessorContext<?, ?> context, String stage, String device) {
        metrics = context.metrics();
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("thread-id", Thread.currentThread().getName());
        tags.put("task-id", context.taskId().toString());
        tags.put("stage", stage);
        tags.put("device", device);
        sensor = metrics.addSensor(
                "sequitur." + NAME + "." + String.join(".", tags.values()), Sensor.RecordingLevel.INFO);
        sensor.add(
                new MetricName(NAME, StageMetrics.GROUP, "1; the tag says where the network computes", tags),
                new One());
    }

    private static final class One implements MeasurableStat {
        @Override
        public void record(MetricConfig config, double value, long timeMs) {
            // It has one value.
        }

        @Override
        public double measure(MetricConfig config, long now) {
            return 1;
        }
    }

    /** Takes the metric out of Kafka Streams' metrics. */
    @Override
    public void close() {
        metrics.removeSensor(sensor);
    }
}
