package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entities that have no event for longer than their time to live, through the topology as it is deployed. */
class IdleEntitiesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration TURN = Duration.ofMillis(500);

    @TempDir
    Path stateDir;

    private final TestModel model = TestModel.endingWithTombstone();

    private TopologyRig rig(String name) {
        return new TopologyRig(model, stateDir.resolve(name), options -> options.stateTimeToLive(HOUR));
    }

    private void poll(TopologyRig rig, String device, long timeMs) {
        rig.poll(device, model.event(device, timeMs, 1), timeMs, new RecordHeaders());
    }

    private static List<Long> steps(TopologyRig rig) {
        return rig.scores().stream().map(TestRecord::value).map(Score::getStep).toList();
    }

    private static double level(TopologyRig rig, String name) {
        return rig.driver().metrics().entrySet().stream()
                .filter(e -> e.getKey().group().equals("stream-sequitur-metrics"))
                .filter(e -> e.getKey().name().equals(name))
                .mapToDouble(e -> (Double) e.getValue().metricValue())
                .findFirst()
                .orElseThrow();
    }

    /** Entities and bytes, counted one by one. */
    private static long[] counted(TopologyRig rig) {
        KeyValueStore<Bytes, byte[]> store = rig.driver().getKeyValueStore("entity-state");
        long[] counted = new long[2];
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                if (new String(entry.key.get(), StandardCharsets.UTF_8).startsWith("device")) {
                    counted[0]++;
                    counted[1] += entry.key.get().length + entry.value.length;
                }
            }
        }
        return counted;
    }

    @Test
    void shouldStartAnEntityAnewThatWasIdleForLongerThanItLives() {
        try (TopologyRig rig = rig("anew")) {
            poll(rig, "a", T0);
            poll(rig, "a", T0 + HOUR.toMillis());
            poll(rig, "a", T0 + 2 * HOUR.toMillis() + 1);
            poll(rig, "a", T0 + 2 * HOUR.toMillis() + 2);
            rig.deliver(1000);
            assertThat(steps(rig)).containsExactly(1L, 2L, 1L, 2L);
            assertThat(rig.row("a")).containsExactly(2f, 2f);
            assertThat(rig.total("score", "evicted")).isEqualTo(1);
        }
    }

    @Test
    void shouldLetOtherEntitiesEventsAgeAnEntity() {
        try (TopologyRig rig = rig("others")) {
            poll(rig, "a", T0);
            poll(rig, "b", T0 + HOUR.toMillis() + 1);
            // Late, and within its own hour; but the partition's time is further.
            poll(rig, "a", T0 + 5);
            rig.deliver(1000);
            assertThat(steps(rig)).containsExactly(1L, 1L, 1L);
        }
    }

    @Test
    void shouldTakeNoEventForLaterThanItsRecord() {
        try (TopologyRig rig = rig("ahead")) {
            poll(rig, "a", T0);
            long far = T0 + 20 * HOUR.toMillis();
            rig.poll("b", model.event("b", far, 1), T0 + 10, new RecordHeaders());
            poll(rig, "a", T0 + 20);
            rig.deliver(1000);
            assertThat(steps(rig)).containsExactly(1L, 1L, 2L);
        }
    }

    @Test
    void shouldRejectTheEndOfASequenceThatIsOverByItself() {
        try (TopologyRig rig = rig("end")) {
            poll(rig, "a", T0);
            poll(rig, "b", T0 + HOUR.toMillis() + 1);
            rig.poll("a", null);
            rig.deliver(1000);
            assertThat(rig.deadLetters()).hasSize(1);
            assertThat(steps(rig)).containsExactly(1L, 1L);
        }
    }

    @Test
    void shouldDeleteIdleEntitiesALittleAtATime() {
        int entities = 5000;
        try (TopologyRig rig = rig("sweep")) {
            for (int i = 0; i < entities; i++) {
                poll(rig, "device-" + i, T0 + i);
            }
            poll(rig, "device-late", T0 + HOUR.toMillis() + entities / 2);
            rig.deliver(10_000);

            rig.driver().advanceWallClockTime(TURN);
            double afterOne = rig.total("score", "evicted");
            assertThat(afterOne).isBetween(1.0, 1000.0);
            for (int turn = 0; turn < 10; turn++) {
                rig.driver().advanceWallClockTime(TURN);
            }

            assertThat(rig.total("score", "evicted")).isEqualTo(entities / 2.0);
            assertThat(rig.store().all()).hasSize(entities / 2 + 1).doesNotContainKey("device-0");
            assertThat(rig.store().bytes("device-" + (entities / 2))).isNotNull();
        }
    }

    @Test
    void shouldSweepAgainWhenTimeHasGoneOn() {
        try (TopologyRig rig = rig("again")) {
            poll(rig, "device-1", T0);
            rig.deliver(10);
            rig.driver().advanceWallClockTime(TURN);
            rig.driver().advanceWallClockTime(TURN);
            assertThat(rig.row("device-1")).isNotNull();
            poll(rig, "device-2", T0 + HOUR.toMillis() + 1);
            rig.deliver(10);
            rig.driver().advanceWallClockTime(TURN);
            assertThat(rig.row("device-1")).isNull();
            assertThat(rig.row("device-2")).isNotNull();
        }
    }

    @Test
    void shouldCountEntitiesAndTheirBytesWhateverComesDuringTheFirstSweep() {
        Random random = new Random(4);
        try (TopologyRig rig = rig("count")) {
            long time = T0;
            for (int turn = 0; turn < 20; turn++) {
                for (int i = 0; i < 100; i++) {
                    time += 60_000 / 100;
                    String device = "device-" + random.nextInt(800);
                    if (random.nextInt(10) == 0) {
                        rig.poll(device, null);
                    } else {
                        poll(rig, device, time);
                    }
                }
                rig.deliver(64);
                rig.driver().advanceWallClockTime(TURN);
            }
            assertThat(new double[] {level(rig, "entities"), level(rig, "state-bytes")})
                    .containsExactly(counted(rig)[0], counted(rig)[1]);
            poll(rig, "device-new", time);
            rig.deliver(64);
            assertThat(level(rig, "entities")).isEqualTo(counted(rig)[0]).isGreaterThan(100);
            assertThat(level(rig, "state-bytes")).isEqualTo(counted(rig)[1]);
        }
    }

    @Test
    void shouldCountEntitiesThatLiveForEver() {
        try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("ever"))) {
            for (int i = 0; i < 450; i++) {
                poll(rig, "device-" + i, T0 + i * HOUR.toMillis());
            }
            rig.deliver(1000);
            for (int turn = 0; turn < 5; turn++) {
                rig.driver().advanceWallClockTime(TURN);
            }
            assertThat(level(rig, "entities")).isEqualTo(450);
            assertThat(rig.total("score", "evicted")).isZero();
        }
    }

    /** The same traffic in batches of any size, swept whenever, restarted with the store that was left. */
    @Test
    void shouldGiveTheSameResultsWheneverItSweepsOrRestarts() {
        List<Score> expected = null;
        for (int way = 0; way < 4; way++) {
            Random traffic = new Random(9);
            Random chance = new Random(way);
            List<Score> scores = new ArrayList<>();
            Map<Bytes, byte[]> left = new HashMap<>();
            long time = T0;
            long offset = 0;
            for (int run = 0; run < 2; run++) {
                try (TopologyRig rig = rig("way-" + way + "-" + run)) {
                    KeyValueStore<Bytes, byte[]> store = rig.driver().getKeyValueStore("entity-state");
                    left.forEach(store::put);
                    boolean pending = false;
                    for (int i = 0; i < 100; i++) {
                        time += traffic.nextInt(30 * 60_000);
                        poll(rig, "device-" + traffic.nextInt(8), time - traffic.nextInt(20 * 60_000));
                        pending = true;
                        if (way > 0 && chance.nextInt(5) == 0) {
                            rig.deliver(1 + chance.nextInt(9));
                            pending = false;
                            if (chance.nextBoolean()) {
                                rig.driver().advanceWallClockTime(TURN);
                            }
                        }
                    }
                    if (pending) {
                        rig.deliver(way == 0 ? 1 : 1000);
                    }
                    for (TestRecord<String, Score> score : rig.scores()) {
                        score.value().setOffset(offset++);
                        scores.add(score.value());
                    }
                    left.clear();
                    try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
                        all.forEachRemaining(entry -> left.put(entry.key, entry.value));
                    }
                }
            }
            if (expected == null) {
                expected = scores;
                assertThat(scores).hasSize(200);
                assertThat(scores.stream().filter(score -> score.getStep() == 1))
                        .hasSizeBetween(20, 180);
            } else {
                assertThat(scores).as("way %d", way).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldRefuseALifeOfNoTime() {
        assertThatThrownBy(() -> SequiturTopology.of(model.model())
                        .input("events")
                        .scores("scores")
                        .stateTimeToLive(Duration.ZERO)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeToLive must be >= 1 ms, got PT0S");
    }
}
