package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** At-least-once by both of Kafka Streams' group protocols, whose consumers tell of their commits each in its own way. */
class AtLeastOnceOnBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path dir;

    @BeforeAll
    static void train() throws Exception {
        TinyPipeline.train("{kind: gru, units: 4}", dir.resolve("bundle"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void shouldKeepInEachStateWhatTheLastCommitFound(String protocol) throws Exception {
        Path directory = dir.resolve("bundle");
        Map<String, String> config = new HashMap<>(Map.of(
                "processing.guarantee", "at_least_once", "group.protocol", protocol, "commit.interval.ms", "40"));
        if (protocol.equals("classic")) {
            // Under the streams protocol the first isn't there yet, and the second is the group's setting.
            config.putAll(Map.of("group.instance.id", "one", "num.standby.replicas", "1"));
        }
        OutputTopics outputs = OutputTopics.of("fleet");
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                LocalApplication application =
                        LocalApplication.start(broker, directory, dir.resolve(protocol), "fleet", config);
                ConsumerGroup group = new ConsumerGroup(broker.bootstrapServers(), "fleet");
                CommittedReader reader = new CommittedReader(broker.bootstrapServers(), outputs, outputs.all())) {
            List<Input> traffic = Traffic.of(application.bundle().spec(), 20, 30, 5);
            int half = traffic.size() / 2;
            for (List<Input> part : List.of(traffic.subList(0, half), traffic.subList(half, traffic.size()))) {
                part.forEach(application.input()::send);
                application.awaitOutcomes();
                reader.await(PATIENCE, seen -> group.hasRead("fleet-events"), () -> "the end of the input");
            }

            Committed committed = reader.toEnd(PATIENCE);
            Expected expected = SequentialReference.of(
                    application.bundle(), directory, application.input().sent());
            assertThat(ExactlyOnceCheck.problems(application.bundle().fingerprint(), true, expected, committed))
                    .isEmpty();
            assertThat(application.total("score", "duplicates")).isZero();
            // Where no commit was heard of, every base is as the partition was found: empty.
            assertThat(committed.states().values().stream()
                            .filter(Objects::nonNull)
                            .filter(state -> state.getBase().getSteps() > 0))
                    .isNotEmpty();
        }
    }
}
