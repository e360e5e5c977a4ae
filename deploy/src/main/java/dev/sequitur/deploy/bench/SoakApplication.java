package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.report.RecordJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a soak measures, in a process of its own: the application of {@code sequitur run}, which says on standard output
 * what it holds, a line of JSON now and then. It ends when its standard input does.
 *
 * <p>Threading: the main thread samples, another one waits for the end of the input.
 */
final class SoakApplication {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    /** Kafka Streams' metrics of what RocksDB holds in memory. */
    private static final Set<String> STORES =
            Set.of("size-all-mem-tables", "block-cache-usage", "estimate-table-readers-mem");

    private static final int BETWEEN_SAMPLES_MS = 250;

    private SoakApplication() {}

    /** @param args the properties file of {@code sequitur run} */
    public static void main(String[] args) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        CountDownLatch ended = new CountDownLatch(1);
        Thread watch = new Thread(() -> awaitEnd(ended), "soak-end");
        watch.setDaemon(true);
        watch.start();
        try (ScoringApplication application =
                ScoringApplication.start(ApplicationConfig.read(Path.of(args[0]), Map.of()))) {
            if (!application.awaitRunning(START_PATIENCE)) {
                throw stopped(application);
            }
            long startNanos = System.nanoTime();
            while (!ended.await(BETWEEN_SAMPLES_MS, TimeUnit.MILLISECONDS)) {
                if (application.awaitStopped(Duration.ZERO)) {
                    throw stopped(application);
                }
                SoakSample sample = SoakSample.take(
                        (System.nanoTime() - startNanos) / 1e9,
                        sum(application, "stream-sequitur-metrics", Set.of("scored-total")),
                        sum(application, "stream-state-metrics", STORES));
                out.println(RecordJson.line(RecordJson.object(sample)));
            }
        }
    }

    private static void awaitEnd(CountDownLatch ended) {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException("the soak can't be followed", e);
        } finally {
            ended.countDown();
        }
    }

    private static IllegalStateException stopped(ScoringApplication application) {
        return new IllegalStateException(
                "the application doesn't run", application.failure().orElse(null));
    }

    private static long sum(ScoringApplication application, String group, Set<String> names) {
        return Math.round(application.streams().metrics().entrySet().stream()
                .filter(metric -> metric.getKey().group().equals(group)
                        && names.contains(metric.getKey().name()))
                .mapToDouble(metric -> ((Number) metric.getValue().metricValue()).doubleValue())
                .sum());
    }
}
