package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Maintenance;
import dev.sequitur.deploy.application.ResetPlan;
import dev.sequitur.deploy.application.ResetPoint;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.schemas.Score;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** After a reset everything is scored as if for the first time, under both of Kafka Streams' group protocols. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ResetOnBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ResetPoint EARLIEST = ResetPoint.parse("earliest");

    @TempDir
    static Path dir;

    private static Path bundle;

    private record Result(String entity, long step, Instant time, boolean end) {
        static Result of(Score score) {
            return new Result(score.getEntity(), score.getStep(), score.getEventTime(), score.getEnd());
        }
    }

    @BeforeAll
    static void train() throws Exception {
        bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", bundle);
    }

    @Test
    void shouldWaitForAStaticMemberOrRemoveIt() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Map<String, String> config = Map.of("group.instance.id", "pod-0");
            Maintenance maintenance = maintenance(broker, "fleet", config);
            int events = score(broker, "fleet", config, 1, application -> assertThatThrownBy(
                            () -> elsewhere(broker, config).reset(maintenance.plan(EARLIEST), false))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll("Application fleet runs", "static member pod-0", "Stop its instances"));

            ResetPlan plan = maintenance.plan(EARLIEST);
            assertThat(plan.members()).singleElement().asString().contains("static member pod-0");
            assertThat(plan.offsets()).hasSize(LocalApplication.PARTITIONS).allMatch(offset -> offset.to() == 0);
            assertThat(plan.offsets().stream()
                            .mapToLong(offset -> offset.from().orElse(0))
                            .sum())
                    .isEqualTo(events);
            assertThat(plan.topics())
                    .extracting(ResetPlan.Deletion::topic)
                    .containsExactly("fleet-entity-state-changelog");
            assertThat(plan.local().tasks()).containsExactly("0_0", "0_1", "0_2");
            assertThatThrownBy(() -> maintenance.reset(plan, false))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("--force");
            assertThat(plan.local().directory())
                    .as("refused, so nothing is done")
                    .exists();
            maintenance.reset(plan, true);
            requireReset(broker, plan);
            score(broker, "fleet", config, 2, application -> {});
        }
    }

    @Test
    void shouldResetAnUnkeyedApplicationOfTheStreamsProtocolToAnyPlace() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Map<String, String> config = Map.of("group.protocol", "streams", "sequitur.input.keyed", "false");
            Maintenance maintenance = maintenance(broker, "fleet", config);
            int events = score(broker, "fleet", config, 1, application -> {
                assertThat(maintenance.plan(EARLIEST).members()).isNotEmpty();
                assertThatThrownBy(() -> elsewhere(broker, config).reset(maintenance.plan(EARLIEST), true))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining("Stop them");
            });
            assertThat(sum(maintenance.plan(ResetPoint.parse("latest")))).isEqualTo(events);
            assertThat(sum(maintenance.plan(ResetPoint.parse("1970-01-01T00:00:00Z"))))
                    .isZero();
            assertThat(sum(maintenance.plan(ResetPoint.parse("2200-01-01T00:00:00Z"))))
                    .as("after the last record")
                    .isEqualTo(events);
            ResetPlan plan = maintenance.plan(EARLIEST);
            assertThat(plan.topics())
                    .extracting(ResetPlan.Deletion::topic)
                    .containsExactly("fleet-entity-state-changelog", "fleet-sequitur-by-entity-repartition");
            maintenance.reset(plan, false);
            requireReset(broker, plan);
            // Again, as after a reset that was broken off.
            ResetPlan again = maintenance.plan(EARLIEST);
            assertThat(again.offsets()).allMatch(offset -> offset.from().orElse(-1) == 0);
            assertThat(again.topics()).isEmpty();
            maintenance.reset(again, false);
        }
    }

    private static long sum(ResetPlan plan) {
        return plan.offsets().stream().mapToLong(ResetPlan.Offset::to).sum();
    }

    private static void requireReset(EmbeddedBroker broker, ResetPlan plan) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            assertThat(admin.listTopics().names().get())
                    .containsExactlyInAnyOrder(
                            "fleet-events", "fleet-scores", "fleet-predictions", "fleet-dead-letters");
        }
        assertThat(plan.local().directory()).doesNotExist();
    }

    private interface WhileItRuns {
        void check(LocalApplication application);
    }

    /**
     * Runs the application until it has scored everything as often as that.
     *
     * @return records of the input
     */
    private int score(EmbeddedBroker broker, String id, Map<String, String> config, int times, WhileItRuns whileItRuns)
            throws Exception {
        OutputTopics outputs = OutputTopics.of(id);
        try (LocalApplication application =
                        LocalApplication.start(broker, bundle, dir.resolve(config.toString()), id, config);
                CommittedReader reader = new CommittedReader(broker.bootstrapServers(), outputs, outputs.results())) {
            // Records without their entity's key are scored too where keys mean nothing, in any order.
            List<Input> traffic = Traffic.of(application.bundle().spec(), 10, 20, 7).stream()
                    .filter(input -> input.reason() == null)
                    .toList();
            if (times == 1) {
                traffic.forEach(application.input()::send);
                application.input().flush();
            }
            Committed committed = reader.await(
                    PATIENCE,
                    seen -> seen.outcomes() >= times * traffic.size(),
                    () -> "every event " + times + " times");
            Map<Result, Long> results =
                    committed.scores().stream().collect(Collectors.groupingBy(Result::of, Collectors.counting()));
            assertThat(Set.copyOf(results.values()))
                    .as("steps are counted anew after a reset")
                    .containsExactly((long) times);
            whileItRuns.check(application);
            return traffic.size();
        }
    }

    private static Maintenance maintenance(EmbeddedBroker broker, String id, Map<String, String> more) {
        return maintenance(broker, id, dir.resolve(more.toString()), more);
    }

    /** As on another machine. */
    private static Maintenance elsewhere(EmbeddedBroker broker, Map<String, String> more) {
        return maintenance(broker, "fleet", dir.resolve("elsewhere"), more);
    }

    private static Maintenance maintenance(EmbeddedBroker broker, String id, Path states, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("sequitur.bundle", bundle.toString());
        config.put("sequitur.input.topic", id + "-events");
        config.put("application.id", id);
        config.put("state.dir", states.toString());
        config.put("bootstrap.servers", broker.bootstrapServers());
        Properties properties = new Properties();
        properties.putAll(config);
        return Maintenance.of(ApplicationConfig.of(properties, Map.of()));
    }
}
