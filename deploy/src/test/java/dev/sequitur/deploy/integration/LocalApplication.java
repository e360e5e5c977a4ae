package dev.sequitur.deploy.integration;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A scoring application in this process, with an input topic and outputs of its own. */
final class LocalApplication implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    static final int PARTITIONS = 3;

    private final ScoringApplication application;
    private final InputTopic input;
    private final CommittedReader reader;

    private LocalApplication(ScoringApplication application, InputTopic input, CommittedReader reader) {
        this.application = application;
        this.input = input;
        this.reader = reader;
    }

    /** @param more properties, over the usual ones */
    static LocalApplication start(
            EmbeddedBroker broker, Path bundle, Path stateDir, String id, Map<String, String> more)
            throws InterruptedException {
        return start(broker, bundle, stateDir, id, more, UnaryOperator.identity());
    }

    /**
     * @param more properties, over the usual ones
     * @param translation of the records that it writes to what {@link Committed} reads
     */
    static LocalApplication start(
            EmbeddedBroker broker,
            Path bundle,
            Path stateDir,
            String id,
            Map<String, String> more,
            UnaryOperator<ConsumerRecord<byte[], byte[]>> translation)
            throws InterruptedException {
        OutputTopics outputs = OutputTopics.of(id);
        String events = id + "-events";
        broker.createTopic(events, PARTITIONS);
        outputs.results().forEach(topic -> broker.createTopic(topic, PARTITIONS));
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", bundle.toString());
        config.setProperty("sequitur.input.topic", events);
        config.setProperty("sequitur.scores.topic", outputs.scores());
        config.setProperty("sequitur.predictions.topic", outputs.predictions());
        config.setProperty("errors.dead.letter.queue.topic.name", outputs.deadLetters());
        config.setProperty("application.id", id);
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        config.setProperty("state.dir", stateDir.toString());
        config.setProperty("commit.interval.ms", "50");
        more.forEach(config::setProperty);
        ScoringApplication application = ScoringApplication.start(ApplicationConfig.of(config, Map.of()));
        if (!application.awaitRunning(PATIENCE)) {
            throw new AssertionError(
                    "the application isn't running", application.failure().orElse(null));
        }
        return new LocalApplication(
                application,
                new InputTopic(broker.bootstrapServers(), events),
                new CommittedReader(broker.bootstrapServers(), outputs, outputs.all()).translating(translation));
    }

    InputTopic input() {
        return input;
    }

    /** Everything that is committed, when each record that was sent has its outcome. */
    Committed awaitOutcomes() {
        input.flush();
        reader.await(
                PATIENCE,
                committed -> {
                    requireRunning();
                    return committed.outcomes() >= input.size();
                },
                () -> "the outcomes of " + input.size() + " records");
        // An outcome and its state commit together, on topics that are not read at once.
        return reader.toEnd(PATIENCE);
    }

    /** Reads on until it holds. */
    void await(BooleanSupplier condition, Supplier<String> situation) {
        reader.await(
                PATIENCE,
                committed -> {
                    requireRunning();
                    return condition.getAsBoolean();
                },
                situation);
    }

    /** Records of the input topic that have an outcome, as far as was read. */
    int outcomes() {
        return reader.poll().outcomes();
    }

    /** Everything that is committed now. */
    Committed committed() {
        return reader.toEnd(PATIENCE);
    }

    private void requireRunning() {
        if (!application.streams().state().isRunningOrRebalancing()) {
            throw new AssertionError(
                    "the application stopped by itself", application.failure().orElse(null));
        }
    }

    /** The sum of a counter of one stage over all tasks. */
    long total(String stage, String count) {
        return Math.round(totals(stage, count + "-total", Map.of()).sum());
    }

    /** Waits until a stream thread has failed. */
    void awaitFailedThread() {
        input.flush();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (failedThreads() == 0) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no stream thread has failed within " + PATIENCE.toSeconds() + " s");
            }
            reader.poll();
        }
    }

    /** Stream threads that have failed so far. */
    long failedThreads() {
        return application.streams().metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("failed-stream-threads"))
                .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
                .sum();
    }

    long deadLettered(String stage, String reason) {
        return Math.round(totals(stage, "dead-lettered-by-reason-total", Map.of("reason", reason))
                .sum());
    }

    private DoubleStream totals(String stage, String name, Map<String, String> tags) {
        return application.streams().metrics().entrySet().stream()
                .filter(metric -> metric.getKey().group().equals("stream-sequitur-metrics"))
                .filter(metric -> metric.getKey().name().equals(name))
                .filter(metric -> stage.equals(metric.getKey().tags().get("stage")))
                .filter(metric -> metric.getKey().tags().entrySet().containsAll(tags.entrySet()))
                .mapToDouble(metric -> (Double) metric.getValue().metricValue());
    }

    ModelBundle bundle() {
        return application.bundle();
    }

    @Override
    public void close() {
        input.close();
        reader.close();
        application.close();
    }
}
