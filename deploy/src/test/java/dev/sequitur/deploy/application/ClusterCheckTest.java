package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ClusterCheckTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder().property("num.partitions", "5").start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", broker.bootstrapServers());
        return properties;
    }

    private static ClusterCheck check() {
        return new ClusterCheck(new Cluster(properties(), PATIENCE));
    }

    private static Optional<NewTopics> like(Integer partitions, Integer replicationFactor) {
        return Optional.of(new NewTopics(
                Optional.ofNullable(partitions),
                Optional.ofNullable(replicationFactor).map(Integer::shortValue)));
    }

    private static Map<String, Integer> partitions(String... topics) throws Exception {
        Map<String, Integer> partitions = new HashMap<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.describeTopics(List.of(topics))
                    .allTopicNames()
                    .get()
                    .forEach((name, topic) ->
                            partitions.put(name, topic.partitions().size()));
        }
        return partitions;
    }

    @Test
    void shouldCreateWhatIsMissingWithThePartitionsOfTheInput() throws Exception {
        broker.createTopic("a-in", 3);
        broker.createTopic("a-there", 1);
        check().requireTopics("a-in", List.of("a-there", "a-scores", "a-letters"), like(null, null));
        assertThat(partitions("a-in", "a-there", "a-scores", "a-letters"))
                .isEqualTo(Map.of("a-in", 3, "a-there", 1, "a-scores", 3, "a-letters", 3));
        check().requireTopics("a-in", List.of("a-there", "a-scores", "a-letters"), Optional.empty());
    }

    @Test
    void shouldCreateTheInputAsTheBrokerOrTheUserWants() throws Exception {
        check().requireTopics("b-in", List.of("b-scores"), like(null, null));
        assertThat(partitions("b-in", "b-scores")).isEqualTo(Map.of("b-in", 5, "b-scores", 5));
        check().requireTopics("c-in", List.of("c-scores"), like(2, 1));
        assertThat(partitions("c-in", "c-scores")).isEqualTo(Map.of("c-in", 2, "c-scores", 2));
    }

    @Test
    void shouldSayWhyATopicCanNotBeCreated() {
        assertThatThrownBy(() -> check().requireTopics("d-in", List.of(), like(1, 3)))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("Topic d-in can't be created", "eplication factor", "--replication-factor");
        assertThatThrownBy(() -> like(0, 1)).isInstanceOf(UserException.class).hasMessageContaining("got 0");
        assertThatThrownBy(() -> like(1, 0)).isInstanceOf(UserException.class).hasMessageContaining("got 0");
    }

    @Test
    void shouldRefuseStatesOfAnotherNumberOfPartitions() {
        broker.createTopic("f-in", 4);
        check().requireStatesOf("f", "f-in");
        broker.createTopic("f-entity-state-changelog", 4);
        // Of another application, whose id begins with this one's.
        broker.createTopic("f-2-entity-state-changelog", 3);
        check().requireStatesOf("f", "f-in");
        broker.createTopic("f-sequitur-by-entity-repartition", 3);
        assertThatThrownBy(() -> check().requireStatesOf("f", "f-in"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "f-in has 4 partitions", "those of 3 (f-sequitur-by-entity-repartition)", "sequitur reset");
    }

    @Test
    void shouldCreateNothingUnasked() throws Exception {
        assertThatThrownBy(() -> check().requireTopics("e-in", List.of("e-scores"), Optional.empty()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("lacks the topics e-in, e-scores", "--create-topics", "--topic e-in");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            assertThat(admin.listTopics().names().get()).noneMatch(name -> name.startsWith("e-"));
        }
    }
}
