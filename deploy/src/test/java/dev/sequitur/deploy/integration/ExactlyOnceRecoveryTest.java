package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exactly once on a real broker: an application is killed in the middle of its work, again and again, and what it has
 * committed in the end is what an entity's events give when they are taken one by one.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExactlyOnceRecoveryTest {
    private static final String APPLICATION = "recovery";
    private static final String EVENTS = "events";
    private static final OutputTopics OUTPUTS = OutputTopics.of(APPLICATION);

    private static final int ENTITIES = 120;
    private static final int EVENTS_PER_ENTITY = 80;
    private static final int INPUT_PARTITIONS = 4;
    private static final int OUTPUT_PARTITIONS = 3;
    /** Records without an outcome before more are sent: now a trickle, now a flood. */
    private static final int[] BACKLOGS = {1, 20, 400, 1000};
    /** Records whose outcomes an application commits before it is stopped. */
    private static final int PROGRESS = 400;
    /** Records without an outcome when it is killed: some wait in the consumer, some are in the open transaction. */
    private static final int FLOOD = 1000;

    private static final int STILL_FLOODED = 200;

    private static final int CUTTING_KILLS = 2;
    private static final int MOST_KILLS = 6;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path dir;

    private EmbeddedBroker broker;
    private InputTopic input;
    private CommittedReader reader;
    private List<Input> traffic;
    private final Random random = new Random(11);
    private int backlog = 1;
    private int runs;

    @Test
    void shouldScoreEveryEventOnceOverKillsAndATermination() throws Exception {
        Path directory = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 8}", directory);
        try (ModelBundle bundle = ModelBundle.load(directory);
                EmbeddedBroker started = EmbeddedBroker.start()) {
            traffic = Traffic.of(bundle.spec(), ENTITIES, EVENTS_PER_ENTITY, 5);
            broker = started;
            broker.createTopic(EVENTS, INPUT_PARTITIONS);
            OUTPUTS.results().forEach(topic -> broker.createTopic(topic, OUTPUT_PARTITIONS));
            try (InputTopic events = new InputTopic(broker.bootstrapServers(), EVENTS);
                    CommittedReader results =
                            new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.results())) {
                input = events;
                reader = results;
                killUntilTransactionsWereCut();
                terminateInTheMiddle();
                runToTheEnd();
                assertExactlyOnce(bundle, SequentialReference.of(bundle, directory, input.sent()));
            }
        }
    }

    private void assertExactlyOnce(ModelBundle bundle, Expected expected) {
        assertThat(expected.outcomes()).isEqualTo(traffic.size());
        assertThat(expected.states).hasSize(ENTITIES).containsValue(null);
        assertThat(expected.reasons.values())
                .contains("undecodable", "unknown-schema", "not-finite", "null-key", "null-value");
        try (CommittedReader all = new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.all())) {
            assertThat(ExactlyOnceCheck.problems(bundle.fingerprint(), expected, all.toEnd(PATIENCE)))
                    .isEmpty();
        }
    }

    /**
     * A kill proves something only if it falls between commits of a flood: what was processed since the last of them is
     * torn out of its transaction, and the offset that the last one committed is not where a poll ended.
     */
    private void killUntilTransactionsWereCut() throws Exception {
        int cut = 0;
        for (int kills = 0; cut < CUTTING_KILLS; kills++) {
            assertThat(kills).as("kills, of which %d cut a transaction", cut).isLessThan(MOST_KILLS);
            int before = reader.poll().outcomes();
            try (ChildApplication application = start()) {
                feedUntilProgress(application, before);
                awaitTransactionInFlood(application);
                application.kill();
            }
            int after = reader.toEnd(PATIENCE).outcomes();
            assertThat(after).isGreaterThan(before + PROGRESS).isLessThan(input.size());
            cut += reader.cutsTransaction(OUTPUTS.results()) ? 1 : 0;
        }
        assertThat(input.size()).as("records sent, of all").isLessThan(traffic.size());
    }

    private void awaitTransactionInFlood(ChildApplication application) {
        int[] floodedAt = {-1};
        reader.await(
                PATIENCE,
                committed -> {
                    requireAlive(application);
                    int waiting = input.size() - committed.outcomes();
                    if (floodedAt[0] < 0 || waiting < STILL_FLOODED) {
                        send(FLOOD);
                        floodedAt[0] = committed.outcomes();
                        return false;
                    }
                    return committed.outcomes() > floodedAt[0] && reader.cutsTransaction(OUTPUTS.results());
                },
                () -> "an open transaction in a flood; the application said: " + application.said());
    }

    private void terminateInTheMiddle() throws Exception {
        int before = reader.poll().outcomes();
        try (ChildApplication application = start()) {
            feedUntilProgress(application, before);
            // 128 + SIGTERM: the signal's own status, after an orderly end.
            assertThat(application.terminate()).as(application::said).isEqualTo(143);
            assertThat(application.said()).contains("stopped; everything that was scored is committed");
        }
        assertThat(reader.toEnd(PATIENCE).outcomes()).isBetween(before + PROGRESS, traffic.size() - 1);
        assertThat(reader.cutsTransaction(OUTPUTS.results()))
                .as("a transaction left open by an orderly end")
                .isFalse();
    }

    /** The end is where the input is committed, whatever came of it: a loss shall be found, not waited for. */
    private void runToTheEnd() throws Exception {
        try (ChildApplication application = start();
                ConsumerGroup group = new ConsumerGroup(broker.bootstrapServers(), APPLICATION)) {
            send(traffic.size());
            reader.await(
                    PATIENCE,
                    committed -> {
                        requireAlive(application);
                        return group.hasRead(EVENTS);
                    },
                    () -> "the end of the input; the application said: " + application.said());
            assertThat(application.terminate()).as(application::said).isEqualTo(143);
        }
    }

    private void feedUntilProgress(ChildApplication application, int before) {
        reader.await(
                PATIENCE,
                committed -> {
                    feed(committed);
                    requireAlive(application);
                    return committed.outcomes() >= before + PROGRESS;
                },
                () -> "progress from " + before + "; the application said: " + application.said());
    }

    private void feed(Committed committed) {
        if (input.size() - committed.outcomes() < backlog) {
            send(1 + random.nextInt(400));
            backlog = BACKLOGS[random.nextInt(BACKLOGS.length)];
        }
    }

    private void send(int records) {
        int until = Math.min(traffic.size(), input.size() + records);
        while (input.size() < until) {
            input.send(traffic.get(input.size()));
        }
        input.flush();
    }

    private static void requireAlive(ChildApplication application) {
        if (!application.alive()) {
            throw new AssertionError("the application ended by itself; it said: " + application.said());
        }
    }

    private ChildApplication start() throws Exception {
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", dir.resolve("bundle").toString());
        config.setProperty("sequitur.input.topic", EVENTS);
        config.setProperty("sequitur.scores.topic", OUTPUTS.scores());
        config.setProperty("sequitur.predictions.topic", OUTPUTS.predictions());
        config.setProperty("errors.dead.letter.queue.topic.name", OUTPUTS.deadLetters());
        config.setProperty("application.id", APPLICATION);
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        config.setProperty(
                "state.dir", Files.createDirectories(dir.resolve("state")).toString());
        config.setProperty("num.stream.threads", "2");
        // Intervals that don't divide each other, and many batches to a poll: a loss shows only when a kill falls
        // between what one of them has done and the next has not.
        config.setProperty("commit.interval.ms", "61");
        config.setProperty("producer.linger.ms", "23");
        config.setProperty("sequitur.batch.max-events", "3");
        // The place of one that was killed is free when its successor is up.
        config.setProperty("consumer.session.timeout.ms", "3000");
        config.setProperty("consumer.heartbeat.interval.ms", "700");
        return ChildApplication.start(dir, "run-" + ++runs, config);
    }
}
