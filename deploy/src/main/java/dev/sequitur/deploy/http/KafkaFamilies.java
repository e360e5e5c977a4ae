package dev.sequitur.deploy.http;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Kafka's metrics, Sequitur's own among them, as Prometheus has them. A metric of group {@code stream-sequitur-metrics}
 * is {@code sequitur_} and its name; one of another group is {@code kafka_}, the group without {@code -metrics}, and its
 * name; tags are labels. What can't stand in a name becomes {@code _}. A name that ends in {@code total} is a counter,
 * every other a gauge. Texts and numbers that aren't finite are left out: an average of nothing is no number.
 *
 * <p>Threading: belongs to one thread.
 */
final class KafkaFamilies {
    private static final String OWN_GROUP = "stream-sequitur-metrics";
    private static final String GROUP_SUFFIX = "-metrics";
    private static final String TOTAL = "_total";

    private final Map<String, Family> families = new TreeMap<>();

    private record Family(boolean counter, String help, Map<Labels, Double> points) {}

    private KafkaFamilies() {}

    static List<MetricSnapshot> of(Iterable<? extends Metric> metrics) {
        KafkaFamilies families = new KafkaFamilies();
        metrics.forEach(families::add);
        return families.families.entrySet().stream()
                .map(family -> snapshot(family.getKey(), family.getValue()))
                .toList();
    }

    private void add(Metric metric) {
        MetricName name = metric.metricName();
        String full = prometheusName(name);
        boolean counter = full.endsWith(TOTAL);
        OptionalDouble value = value(metric);
        if (value.isEmpty() || (counter && value.getAsDouble() < 0)) {
            return;
        }
        // The suffix of a counter is the format's, not the family's.
        String familyName = counter ? full.substring(0, full.length() - TOTAL.length()) : full;
        Family family = families.computeIfAbsent(
                familyName, key -> new Family(counter, name.description(), new LinkedHashMap<>()));
        // A family has one type. Kafka has no counter beside a gauge of the same name; who adds one loses the later.
        if (family.counter() == counter) {
            family.points().putIfAbsent(labels(name.tags()), value.getAsDouble());
        }
    }

    static String prometheusName(MetricName name) {
        String group = name.group();
        String prefix = group.equals(OWN_GROUP)
                ? "sequitur_"
                : "kafka_"
                        + (group.endsWith(GROUP_SUFFIX)
                                ? group.substring(0, group.length() - GROUP_SUFFIX.length())
                                : group)
                        + "_";
        return legal(prefix + name.name());
    }

    private static Labels labels(Map<String, String> tags) {
        Map<String, String> labels = new TreeMap<>();
        tags.forEach((key, value) -> labels.put(legal(key), value));
        return Labels.of(labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new));
    }

    private static String legal(String text) {
        return text.replaceAll("[^a-zA-Z0-9_]", "_");
    }

    private static OptionalDouble value(Metric metric) {
        Object value;
        try {
            value = metric.metricValue();
        } catch (RuntimeException e) {
            // A gauge of a store that is being closed: gone with the next scrape.
            return OptionalDouble.empty();
        }
        return value instanceof Number number && Double.isFinite(number.doubleValue())
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    private static MetricSnapshot snapshot(String name, Family family) {
        if (family.counter()) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(name).help(family.help());
            family.points()
                    .forEach((labels, value) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(labels)
                            .value(value)
                            .build()));
            return counter.build();
        }
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(family.help());
        family.points()
                .forEach((labels, value) -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build()));
        return gauge.build();
    }
}
