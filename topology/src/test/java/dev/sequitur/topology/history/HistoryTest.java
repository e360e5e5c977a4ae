package dev.sequitur.topology.history;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.SummingStep;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.history.EntityHistory.Replay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state of a {@link SummingStep} is [events, sum of values], so every base says which events came before it. */
class HistoryTest {
    @TempDir
    Path directory;

    private static TopologyRig rig(TestModel model, History history, Path directory) {
        return new TopologyRig(model, directory, builder -> builder.history(history));
    }

    @Test
    void shouldKeepTheScoresThatWentOut() {
        TestModel model = TestModel.endless();
        History history = new History(new History.Limits(10, 6));
        List<Score> written = new ArrayList<>();
        try (TopologyRig rig = rig(model, history, directory)) {
            for (int i = 0; i < 50; i++) {
                rig.poll("a", model.event("a", T0 + i * 1000L, i % 7));
                if (i % 4 == 0) {
                    rig.deliver(100);
                }
            }
            rig.deliver(100);
            rig.scores().stream().map(TestRecord::getValue).forEach(written::add);
            EntityHistory past = history.entity("a").orElseThrow();
            assertThat(past.scores(6)).isEqualTo(written.subList(44, 50));
            assertThat(past.scores(2)).isEqualTo(written.subList(48, 50));
            List<Score> all = past.scores(Integer.MAX_VALUE);
            assertThat(all).isEqualTo(written.subList(50 - all.size(), 50));
            // Six, half of them more, and what one call of the step function may bring.
            assertThat(all.size()).isBetween(6, 6 + 3 + 5);
            assertThat(past.last()).isEqualTo(written.get(49));
            assertThat(past.lastEvent().orElseThrow().event().timeMs()).isEqualTo(T0 + 49_000);
            assertThat(past.lastEvent().orElseThrow().gapMs()).isEqualTo(1000);
            assertThat(history.newest()).containsExactly(written.get(49));
            assertThat(history.entity("b")).isEmpty();
        }
        assertThat(history.entity("a")).as("its task is closed").isEmpty();
        assertThat(history.since()).isEmpty();
    }

    @Test
    void shouldKnowTheStateFromBeforeTheEventsThatItReplays() {
        TestModel model = TestModel.endless();
        History history = new History(new History.Limits(10, 8));
        Random random = new Random(1);
        List<Float> values = new ArrayList<>();
        try (TopologyRig rig = rig(model, history, directory)) {
            for (int i = 0; i < 200; i++) {
                values.add((float) random.nextInt(9));
                rig.poll("a", model.event("a", T0 + i, values.get(i)));
                if (random.nextInt(3) == 0) {
                    rig.deliver(100);
                    for (int least : new int[] {1, 5, 8}) {
                        check(history.entity("a").orElseThrow().replay(least).orElseThrow(), values, least, model);
                    }
                }
            }
        }
    }

    private static void check(Replay replay, List<Float> values, int least, TestModel model) {
        int events = replay.scores().size();
        assertThat(events).isGreaterThanOrEqualTo(Math.min(least, values.size()));
        int before = values.size() - events;
        float sum = (float) values.stream().limit(before).mapToDouble(v -> v).sum();
        assertThat(replay.base()).containsExactly(before, sum);
        int width = model.step().shape().features();
        int at =
                model.model().encoder().layout().of(model.spec().field("value")).offset();
        assertThat(replay.inputs()).hasSize(events * width);
        for (int i = 0; i < events; i++) {
            assertThat(replay.inputs()[i * width + at]).isEqualTo(values.get(before + i));
            assertThat(replay.scores().get(i).getStep()).isEqualTo(before + i + 1);
        }
    }

    @Test
    void shouldForgetTheEntitiesThatItSawLeastRecently() {
        TestModel model = TestModel.endless();
        History history = new History(new History.Limits(2, 4));
        try (TopologyRig rig = rig(model, history, directory)) {
            for (String device : List.of("a", "b", "a", "c", "a", "d")) {
                rig.poll(device, model.event(device, T0, 1)).deliver(100);
            }
            assertThat(history.entities().map(EntityHistory::entity)).containsExactlyInAnyOrder("a", "d");
            assertThat(history.entity("a").orElseThrow().scores(9)).hasSize(3);
            rig.poll("b", model.event("b", T0, 1)).deliver(100);
            assertThat(history.entity("b").orElseThrow().since())
                    .as("what came of b in between is not known")
                    .isAfter(history.since().orElseThrow());
        }
    }

    @Test
    void shouldStartFromNoStateAfterAnEndAndAfterAGap() {
        TestModel ending = TestModel.endingWithTombstone();
        History history = new History(new History.Limits(2, 1));
        try (TopologyRig rig = rig(ending, history, directory.resolve("end"))) {
            rig.poll("a", ending.event("a", T0, 5)).deliver(1);
            rig.poll("a", null).deliver(1);
            assertThat(history.entity("a").orElseThrow().last().getEnd()).isTrue();
            rig.poll("a", ending.event("a", T0 + 9, 7)).deliver(1);
            assertThat(history.entity("a").orElseThrow().replay(1).orElseThrow().base())
                    .containsExactly(0, 0);
            assertThat(history.entity("a")
                            .orElseThrow()
                            .lastEvent()
                            .orElseThrow()
                            .gapMs())
                    .isZero();
        }
        TestModel gaps = TestModel.withGap(Duration.ofSeconds(10));
        History short1 = new History(new History.Limits(2, 1));
        try (TopologyRig rig = rig(gaps, short1, directory.resolve("gap"))) {
            rig.poll("a", gaps.event("a", T0, 5)).deliver(1);
            rig.poll("a", gaps.event("a", T0 + 60_000, 5)).deliver(1);
            assertThat(short1.entity("a").orElseThrow().replay(1).orElseThrow().base())
                    .containsExactly(0, 0);
        }
    }

    @Test
    void shouldLeaveOutWhatGotNoScore() {
        TestModel model = TestModel.endless();
        History history = new History(new History.Limits(2, 9));
        try (TopologyRig rig = rig(model, history, directory)) {
            rig.poll("a", model.event("a", T0, 1))
                    .poll("a", model.event("a", T0 + 1, SummingStep.GIVES_NAN))
                    .poll("a", model.event("a", T0 + 2, 4))
                    .deliver(9);
            rig.poll("x", model.event("x", T0 + 1, SummingStep.GIVES_NAN)).deliver(9);
            Replay replay = history.entity("a").orElseThrow().replay(9).orElseThrow();
            assertThat(replay.scores()).extracting(Score::getStep).containsExactly(1L, 2L);
            assertThat(replay.base()).containsExactly(0, 0);
            assertThat(history.entity("x")).as("none of its events was scored").isEmpty();
        }
    }

    @Test
    void shouldListTheNewestAlarmsFirst() {
        TestModel model = TestModel.endless();
        History history = new History(new History.Limits(5, 2));
        try (TopologyRig rig = rig(model, history, directory)) {
            for (int i = 0; i < 400; i++) {
                String device = "d" + i;
                rig.poll(device, model.event(device, T0 + i, i % 2 == 0 ? 2 * TestModel.ALARM : 0));
            }
            rig.deliver(1000);
            assertThat(history.alarms()).hasSize(200);
            assertThat(history.alarms().subList(0, 3))
                    .extracting(Score::getEntity)
                    .containsExactly("d398", "d396", "d394");
            for (int i = 400; i < 1000; i++) {
                String device = "d" + i;
                rig.poll(device, model.event(device, T0 + i, 2 * TestModel.ALARM));
            }
            rig.deliver(1000);
            assertThat(history.alarms()).hasSize(256);
            assertThat(history.alarms().get(0).getEntity()).isEqualTo("d999");
        }
    }

    @Test
    void shouldShowReadersWholeEventsWhileTheyCome() throws InterruptedException {
        EntityHistory past = new EntityHistory("a", java.time.Instant.EPOCH, 16, 2);
        int events = 200_000;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread reader = new Thread(() -> {
            try {
                long seen = 0;
                while (seen < events) {
                    Replay replay = past.replay(16).orElse(null);
                    started.countDown();
                    if (replay == null) {
                        continue;
                    }
                    for (int i = 0; i < replay.scores().size(); i++) {
                        // The base is the step of the event before; each input is its step, twice.
                        long step = (long) replay.base()[0] + i + 1;
                        if (replay.scores().get(i).getStep() != step
                                || replay.inputs()[2 * i] != step
                                || replay.inputs()[2 * i + 1] != step) {
                            throw new AssertionError("torn at step " + step);
                        }
                        seen = step;
                    }
                }
            } catch (Throwable e) {
                failure.set(e);
                started.countDown();
            }
        });
        reader.start();
        started.await();
        for (int step = 1; step <= events && failure.get() == null; step++) {
            if (past.wantsBase()) {
                past.base(new float[] {step - 1});
            }
            Score score = new Score();
            score.setStep(step);
            past.add(score, null, new float[] {step, step}, 0);
        }
        reader.join();
        assertThat(failure.get()).isNull();
    }

    @Test
    void shouldRefuseLimitsOfNothing() {
        assertThatThrownBy(() -> new History.Limits(0, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("entities >= 1");
    }
}
