package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events that wait, for the commit or for others, on a real broker: killed with a transaction open, and ended by a signal,
 * the application has scored each of them once. What a longer run shows, with more kinds of failures, is the crash
 * harness's.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PendingEventsOnBrokerTest {
    private static final int PARTITIONS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Commits that lie behind a kill, by the outcomes that they make visible. */
    private static final int PROGRESS = 200;
    /** Entities' clocks are further apart than this at times, and always by less than it at first. */
    private static final Duration GRACE = Duration.ofHours(24);

    @TempDir
    static Path dir;

    private static Path bundle;
    private static EmbeddedBroker broker;

    private InputTopic input;
    private CommittedReader reader;
    private List<Input> traffic;
    private int runs;

    @BeforeAll
    static void start() throws IOException {
        bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", bundle);
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void shouldScoreEveryCollectedEventOnceOverAKillAndATermination() throws Exception {
        // A batch of so many is not reached between commits: batches end with these.
        Map<String, String> collecting =
                Map.of("sequitur.batch.collecting", "true", "sequitur.batch.max-events", "1000");
        run("collecting", collecting, UnaryOperator.identity());
    }

    @Test
    void shouldStepHeldEventsInTheOrderOfEventTimeOverAKillAndATermination() throws Exception {
        Map<String, String> reordering = Map.of(
                "sequitur.late.reorder",
                "true",
                "sequitur.late.grace",
                GRACE.toString(),
                "sequitur.batch.max-events",
                "7");
        run("reordering", reordering, PendingEventsOnBrokerTest::inOrderOfTime);
    }

    /** What the reordering says, for each partition, one record at a time. */
    private static List<Sent> inOrderOfTime(List<Sent> sent) {
        List<Sent> stepped = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            record Waiting(Sent sent, long timeMs) {}
            List<Waiting> waiting = new ArrayList<>();
            long latestMs = Long.MIN_VALUE;
            for (Sent one : sent) {
                if (one.place().partition() != partition) {
                    continue;
                }
                Input input = one.input();
                if (input.reason() != null) {
                    stepped.add(one);
                    continue;
                }
                // An END follows the latest of its entity that waits.
                long timeMs = input.event() != null
                        ? input.event().timeMs()
                        : waiting.stream()
                                .filter(w -> w.sent.input().entity().equals(input.entity()))
                                .mapToLong(Waiting::timeMs)
                                .max()
                                .orElse(Long.MIN_VALUE);
                waiting.add(new Waiting(one, timeMs));
                latestMs = Math.max(latestMs, timeMs);
                long upToMs = latestMs - GRACE.toMillis();
                List<Waiting> go = new ArrayList<>(
                        waiting.stream().filter(w -> w.timeMs <= upToMs).toList());
                go.sort(Comparator.comparingLong(Waiting::timeMs));
                waiting.removeAll(go);
                go.forEach(w -> stepped.add(w.sent));
            }
            // One event of each partition is sent only to let all the others go.
            assertThat(waiting).hasSize(1);
        }
        return stepped;
    }

    private void run(String application, Map<String, String> options, UnaryOperator<List<Sent>> order)
            throws Exception {
        OutputTopics outputs = OutputTopics.of(application);
        String events = application + "-events";
        try (ModelBundle model = ModelBundle.load(bundle)) {
            traffic = Traffic.of(model.spec(), 40, 40, 3);
            broker.createTopic(events, PARTITIONS);
            outputs.results().forEach(topic -> broker.createTopic(topic, 2));
            Properties config = config(application, events, outputs, options);
            try (InputTopic topic = new InputTopic(broker.bootstrapServers(), events);
                    CommittedReader results =
                            new CommittedReader(broker.bootstrapServers(), outputs, outputs.results());
                    ConsumerGroup group = new ConsumerGroup(broker.bootstrapServers(), application)) {
                input = topic;
                reader = results;
                killInAnOpenTransaction(config, () -> group.hasRead(events), outputs);
                send(traffic.size());
                if (options.containsKey("sequitur.late.reorder")) {
                    sendWhatLetsAllGo(new EventBytes(model.spec()));
                }
                runToTheEnd(config, () -> group.hasRead(events));
                Expected expected = SequentialReference.of(model, bundle, order.apply(input.sent()));
                assertThat(expected.outcomes()).isEqualTo(traffic.size());
                try (CommittedReader all = new CommittedReader(broker.bootstrapServers(), outputs, outputs.all())) {
                    assertThat(ExactlyOnceCheck.problems(model.fingerprint(), expected, all.toEnd(PATIENCE)))
                            .isEmpty();
                }
            }
        }
    }

    private interface Read {
        boolean all();
    }

    private void killInAnOpenTransaction(Properties config, Read read, OutputTopics outputs) throws Exception {
        try (ChildJava application = start(config)) {
            reader.await(
                    PATIENCE,
                    committed -> {
                        assertThat(application.alive()).as(application::said).isTrue();
                        if (read.all()) {
                            send(150);
                        }
                        return committed.outcomes() > PROGRESS
                                && input.size() < traffic.size()
                                && reader.cutsTransaction(outputs.results());
                    },
                    () -> "an open transaction; the application said: " + application.said());
            application.kill();
        }
        assertThat(reader.toEnd(PATIENCE).outcomes()).isBetween(PROGRESS + 1, input.size() - 1);
    }

    /** The end is where the input is committed, whatever came of it: a loss shall be found, not waited for. */
    private void runToTheEnd(Properties config, Read read) throws Exception {
        try (ChildJava application = start(config)) {
            reader.await(
                    PATIENCE,
                    committed -> {
                        assertThat(application.alive()).as(application::said).isTrue();
                        return read.all();
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

    private void sendWhatLetsAllGo(EventBytes bytes) {
        Event last = traffic.stream()
                .map(Input::event)
                .filter(event -> event != null)
                .max(Comparator.comparingLong(Event::timeMs))
                .orElseThrow();
        Event beyond = Traffic.at(last, last.timeMs() + GRACE.multipliedBy(2).toMillis());
        for (int partition = 0; partition < PARTITIONS; partition++) {
            input.send(bytes.input(beyond), partition);
        }
        input.flush();
    }

    private Properties config(String application, String events, OutputTopics outputs, Map<String, String> options)
            throws IOException {
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", bundle.toString());
        config.setProperty("sequitur.input.topic", events);
        config.setProperty("sequitur.scores.topic", outputs.scores());
        config.setProperty("sequitur.predictions.topic", outputs.predictions());
        config.setProperty("errors.dead.letter.queue.topic.name", outputs.deadLetters());
        config.setProperty("application.id", application);
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        config.setProperty("sequitur.http.listen", "127.0.0.1:0");
        config.setProperty(
                "state.dir", Files.createDirectories(dir.resolve(application)).toString());
        // Neither divides the other: a loss shows only when a kill falls between what one has done and the other not.
        config.setProperty("commit.interval.ms", "61");
        config.setProperty("producer.linger.ms", "23");
        config.setProperty("consumer.session.timeout.ms", "3000");
        config.setProperty("consumer.heartbeat.interval.ms", "700");
        options.forEach(config::setProperty);
        return config;
    }

    private ChildJava start(Properties config) throws IOException {
        String name = config.getProperty("application.id") + ++runs;
        Path file = dir.resolve(name + ".properties");
        try (var writer = Files.newBufferedWriter(file)) {
            config.store(writer, null);
        }
        return ChildJava.start(
                dir.resolve(name + ".log"),
                List.of("dev.sequitur.deploy.cli.Sequitur", "run", "--config", file.toString()));
    }
}
