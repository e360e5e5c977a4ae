package dev.sequitur.deploy.integration;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Score;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A topic with any keys, whose values name the entities, gives what a topic that is keyed by entity gives. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class UnkeyedTopicTest {
    /** Entities stand in sites, and the topic is keyed by site: an entity's events share a partition, not a key. */
    private static final int SITES = 7;

    private static final int PARTITIONS = LocalApplication.PARTITIONS;

    /** What a key alone makes wrong is right where keys mean nothing. */
    private static final Set<String> FAULTS_OF_KEYS = Set.of("null-key", "key-mismatch");

    /** Batches of other sizes sum in another order: float32 differs in its last bits, and nothing else may. */
    private static final RecursiveComparisonConfiguration CLOSE = RecursiveComparisonConfiguration.builder()
            .withComparatorForType(
                    (a, b) -> Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a)) ? 0 : Double.compare(a, b),
                    Double.class)
            .build();

    @TempDir
    Path dir;

    private record Told(long step, long timeMs, boolean end, List<Double> nats) {
        static Told of(Score score) {
            List<Double> nats = new ArrayList<>(List.of(score.getSurprise(), score.getScore()));
            score.getFields().forEach(field -> nats.add(field.getSurprise()));
            return new Told(score.getStep(), score.getEventTime().toEpochMilli(), score.getEnd(), nats);
        }
    }

    private record Kept(long steps, long sessionStart, long lastEventTime, List<Double> row) {
        static Kept of(EntityState state) {
            FloatBuffer floats =
                    state.getRow().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            List<Double> row = new ArrayList<>();
            while (floats.hasRemaining()) {
                row.add((double) floats.get());
            }
            return new Kept(state.getSteps(), state.getSessionStart(), state.getLastEventTime(), row);
        }
    }

    @Test
    void shouldScoreATopicOfAnyKeysLikeOneThatIsKeyedByEntity() throws Exception {
        Path directory = dir.resolve("bundle");
        TinyPipeline.train("{kind: rnn, units: [6, 5]}", directory);
        List<Input> traffic;
        Committed keyed;
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            try (LocalApplication application =
                    LocalApplication.start(broker, directory, dir.resolve("keyed"), "keyed", Map.of())) {
                ModelBundle bundle = application.bundle();
                traffic = Traffic.of(bundle.spec(), 40, 30, 9).stream()
                        .filter(input -> input.reason() == null || !FAULTS_OF_KEYS.contains(input.reason()))
                        .toList();
                traffic.forEach(application.input()::send);
                keyed = application.awaitOutcomes();
                Expected expected = SequentialReference.of(
                        bundle, directory, application.input().sent());
                assertThat(ExactlyOnceCheck.problems(bundle.fingerprint(), expected, keyed))
                        .isEmpty();
            }
            try (LocalApplication application = LocalApplication.start(
                    broker, directory, dir.resolve("any"), "any", Map.of("sequitur.input.keyed", "false"))) {
                traffic.forEach(input -> sendBySite(application.input(), input));
                Committed any = application.awaitOutcomes();

                assertThat(scores(any)).usingRecursiveComparison(CLOSE).isEqualTo(scores(keyed));
                assertThat(states(any)).usingRecursiveComparison(CLOSE).isEqualTo(states(keyed));
                assertThat(any.predictions()).hasSameSizeAs(keyed.predictions());
                assertThat(reasons(any)).containsExactlyInAnyOrderElementsOf(reasons(keyed));
                assertCounted(application, traffic.size(), any);
            }
        }
    }

    private static void sendBySite(InputTopic topic, Input input) {
        // A bad record may be anywhere.
        int site = input.entity() == null ? 0 : Math.floorMod(input.entity().hashCode(), SITES);
        boolean end = input.reason() == null && input.event() == null;
        // An END has no value that could name its entity.
        topic.send(end ? input : input.withKey(Input.utf8("site-" + site)), site % PARTITIONS);
    }

    private static void assertCounted(LocalApplication application, int sent, Committed committed) {
        long rejectedAtKeying = application.total("key", "dead-lettered");
        assertThat(application.total("key", "consumed")).isEqualTo(sent);
        assertThat(application.total("key", "keyed")).isEqualTo(sent - rejectedAtKeying);
        assertThat(application.total("score", "consumed")).isEqualTo(application.total("key", "keyed"));
        assertThat(application.total("score", "scored"))
                .isEqualTo(committed.scores().size());
        assertThat(rejectedAtKeying).isPositive();
        assertThat(rejectedAtKeying + application.total("score", "dead-lettered"))
                .isEqualTo(committed.deadLetters().size());
    }

    private static Map<String, List<Told>> scores(Committed committed) {
        return committed.scores().stream().collect(groupingBy(Score::getEntity, mapping(Told::of, toList())));
    }

    private static Map<String, Kept> states(Committed committed) {
        Map<String, Kept> states = new HashMap<>();
        committed.states().forEach((entity, state) -> states.put(entity, state == null ? null : Kept.of(state)));
        return states;
    }

    private static List<String> reasons(Committed committed) {
        return committed.deadLetters().stream()
                .map(letter -> ExactlyOnceCheck.header(letter, "sequitur.reason"))
                .toList();
    }
}
