package dev.sequitur.deploy.application;

import dev.sequitur.deploy.http.Health;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.KafkaStreams;

/**
 * An application as probes and scrapes see it, from before it starts until after it has stopped.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class Lifecycle {
    private final Restoration restoration = new Restoration();
    private volatile String step = "starting";
    private volatile Optional<Started> started = Optional.empty();
    private volatile boolean stopping;

    private record Started(KafkaStreams streams, Supplier<Optional<Throwable>> failure) {}

    /** @param words what the start is at, before there is a Kafka Streams */
    void starting(String words) {
        step = "starting: " + words;
    }

    /** @param failure what has stopped it by itself, if anything has */
    void started(KafkaStreams streams, Supplier<Optional<Throwable>> failure) {
        started = Optional.of(new Started(streams, failure));
    }

    /** From now on it isn't ready, whatever Kafka Streams is at. */
    public void stopping() {
        stopping = true;
    }

    Restoration restoration() {
        return restoration;
    }

    /** Not where only a new process would help: Kafka Streams has failed, or has stopped. */
    public Health live() {
        return started.map(Lifecycle::live).orElse(Health.OK);
    }

    private static Health live(Started it) {
        return switch (it.streams().state()) {
            case PENDING_ERROR, ERROR -> Health.notOk("failed" + why(it));
            case NOT_RUNNING -> Health.notOk("stopped" + why(it));
            case CREATED, REBALANCING, RUNNING, PENDING_SHUTDOWN -> Health.OK;
        };
    }

    private static String why(Started it) {
        return it.failure()
                .get()
                .map(cause -> ": " + Optional.ofNullable(cause.getMessage()).orElse(cause.toString()))
                .orElse("");
    }

    /** Whether events are being processed. */
    public Health ready() {
        Health alive = live();
        if (!alive.ok()) {
            return alive;
        }
        if (stopping) {
            return Health.notOk("stopping");
        }
        return started.map(it -> ready(it.streams().state())).orElseGet(() -> Health.notOk(step));
    }

    /** How far it is. */
    public String inWords() {
        Health health = ready();
        return health.ok() ? "running" : String.join("; ", health.reasons());
    }

    private Health ready(KafkaStreams.State state) {
        return switch (state) {
            case RUNNING -> Health.OK;
            case CREATED -> Health.notOk("starting: Kafka Streams");
            case REBALANCING ->
                Health.notOk(restoration
                        .inWords()
                        .orElse("rebalancing: partitions are being assigned to the instances of the group"));
            case PENDING_SHUTDOWN, PENDING_ERROR, NOT_RUNNING, ERROR -> Health.notOk("stopping");
        };
    }

    /** Kafka's, with Sequitur's among them; none before there is a Kafka Streams. */
    public Collection<? extends Metric> metrics() {
        return started.<Collection<? extends Metric>>map(
                        it -> it.streams().metrics().values())
                .orElse(List.of());
    }
}
