package dev.sequitur.deploy.http;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;

/**
 * Kafka's metrics, Sequitur's among them, and those of the Java machine, for Prometheus: its text format 0.0.4, or
 * OpenMetrics 1.0.0 for who accepts that. Values are those of the moment of the scrape.
 *
 * <p>Threading: asks its supplier on threads of the server.
 */
public final class MetricsPage extends Page {
    private final Supplier<? extends Iterable<? extends Metric>> kafka;
    private final PrometheusRegistry machine = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();

    public MetricsPage(Supplier<? extends Iterable<? extends Metric>> kafka) {
        this.kafka = kafka;
        JvmMetrics.builder().register(machine);
    }

    @Override
    protected Reply reply(Request request) throws IOException {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        KafkaFamilies.of(kafka.get()).forEach(all::metricSnapshot);
        machine.scrape().stream().forEach(all::metricSnapshot);
        ExpositionFormatWriter writer = formats.findWriter(request.getHeaders().get(HttpHeader.ACCEPT));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        writer.write(text, all.build());
        return new Reply(HttpStatus.OK_200, writer.getContentType(), text.toByteArray());
    }
}
