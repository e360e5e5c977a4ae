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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events that are collected over polls until the commit, on a real broker: killed with a batch collected and a transaction
 * open, and ended by a signal, the application has scored each event once. What a longer run shows, with more kinds of
 * failures, is the crash harness's.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CollectingOnBrokerTest {
    private static final OutputTopics OUTPUTS = OutputTopics.of("collecting");
    private static final String EVENTS = "collected-events";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Commits that lie behind a kill, by the outcomes that they make visible. */
    private static final int PROGRESS = 300;

    @TempDir
    Path dir;

    private EmbeddedBroker broker;
    private InputTopic input;
    private CommittedReader reader;
    private List<Input> traffic;
    private int runs;

    @Test
    void shouldScoreEveryCollectedEventOnceOverAKillAndATermination() throws Exception {
        Path directory = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", directory);
        try (ModelBundle bundle = ModelBundle.load(directory);
                EmbeddedBroker started = EmbeddedBroker.start()) {
            traffic = Traffic.of(bundle.spec(), 40, 60, 3);
            broker = started;
            broker.createTopic(EVENTS, 3);
            OUTPUTS.results().forEach(topic -> broker.createTopic(topic, 2));
            try (InputTopic events = new InputTopic(broker.bootstrapServers(), EVENTS);
                    CommittedReader results =
                            new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.results())) {
                input = events;
                reader = results;
                killInAnOpenTransaction();
                runToTheEnd();
                Expected expected = SequentialReference.of(bundle, directory, input.sent());
                assertThat(expected.outcomes()).isEqualTo(traffic.size());
                try (CommittedReader all = new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.all())) {
                    assertThat(ExactlyOnceCheck.problems(bundle.fingerprint(), expected, all.toEnd(PATIENCE)))
                            .isEmpty();
                }
            }
        }
    }

    private void killInAnOpenTransaction() throws Exception {
        try (ChildJava application = start()) {
            reader.await(
                    PATIENCE,
                    committed -> {
                        assertThat(application.alive()).as(application::said).isTrue();
                        if (input.size() - committed.outcomes() < 100) {
                            send(150);
                        }
                        return committed.outcomes() > PROGRESS
                                && input.size() < traffic.size()
                                && reader.cutsTransaction(OUTPUTS.results());
                    },
                    () -> "an open transaction; the application said: " + application.said());
            application.kill();
        }
        assertThat(reader.toEnd(PATIENCE).outcomes()).isBetween(PROGRESS + 1, input.size() - 1);
    }

    /** The end is where the input is committed, whatever came of it: a loss shall be found, not waited for. */
    private void runToTheEnd() throws Exception {
        try (ChildJava application = start();
                ConsumerGroup group = new ConsumerGroup(broker.bootstrapServers(), "collecting")) {
            send(traffic.size());
            reader.await(
                    PATIENCE,
                    committed -> {
                        assertThat(application.alive()).as(application::said).isTrue();
                        return group.hasRead(EVENTS);
                    },
                    () -> "the end of the input; the application said: " + application.said());
            assertThat(application.terminate()).as(application::said).isEqualTo(143);
        }
    }

    private void send(int records) {
        int until = Math.min(traffic.size(), input.size() + records);
        while (input.size() < until) {
            input.send(traffic.get(input.size()));
        }
        input.flush();
    }

    private ChildJava start() throws Exception {
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", dir.resolve("bundle").toString());
        config.setProperty("sequitur.input.topic", EVENTS);
        config.setProperty("sequitur.scores.topic", OUTPUTS.scores());
        config.setProperty("sequitur.predictions.topic", OUTPUTS.predictions());
        config.setProperty("errors.dead.letter.queue.topic.name", OUTPUTS.deadLetters());
        config.setProperty("sequitur.batch.collecting", "true");
        // Not reached between commits: batches end with these.
        config.setProperty("sequitur.batch.max-events", "1000");
        config.setProperty("application.id", "collecting");
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        config.setProperty(
                "state.dir", Files.createDirectories(dir.resolve("state")).toString());
        // Neither divides the other: a loss shows only when a kill falls between what one has done and the other not.
        config.setProperty("commit.interval.ms", "61");
        config.setProperty("producer.linger.ms", "23");
        config.setProperty("consumer.session.timeout.ms", "3000");
        config.setProperty("consumer.heartbeat.interval.ms", "700");
        Path file = dir.resolve("run-" + ++runs + ".properties");
        try (var writer = Files.newBufferedWriter(file)) {
            config.store(writer, null);
        }
        return ChildJava.start(
                dir.resolve("run-" + runs + ".log"),
                List.of("dev.sequitur.deploy.cli.Sequitur", "run", "--config", file.toString()));
    }
}
