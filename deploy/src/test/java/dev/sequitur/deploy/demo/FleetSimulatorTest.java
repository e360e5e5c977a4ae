package dev.sequitur.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FleetSimulatorTest {
    private static final Duration BEFORE = Duration.ofHours(1);
    private static final Duration LIVE = Duration.ofMinutes(90);
    private static final int VEHICLES = 4;

    /** What a delivery vehicle may do after what: written down here once more, on purpose. */
    private static final Set<String> LEGAL = Set.of(
            "idle→loading",
            "idle→driving",
            "idle→charging",
            "loading→driving",
            "driving→delivering",
            "driving→idle",
            "delivering→driving",
            "charging→idle");

    private record Live(List<FleetReading> readings, List<InjectedFault> faults) {
        List<FleetReading> of(String vehicle) {
            return readings.stream().filter(r -> r.vehicle().equals(vehicle)).toList();
        }
    }

    private static Live live(Function<Long, FaultPlan> plan) {
        FleetSimulator fleet = new FleetSimulator(7, VEHICLES);
        fleet.history(BEFORE);
        List<InjectedFault> faults = new ArrayList<>();
        Iterator<FleetReading> readings = fleet.live(plan.apply(fleet.nowMs()), faults::add);
        long end = fleet.nowMs() + LIVE.toMillis();
        List<FleetReading> seen = new ArrayList<>();
        for (FleetReading r = readings.next(); r.timeMs() < end; r = readings.next()) {
            seen.add(r);
        }
        return new Live(seen, faults);
    }

    /** The same 90 minutes with one fault of the kind and without, and the fault's truth. */
    private static Live with(FaultKind kind) {
        Live live = live(now -> FaultPlan.of(List.of(
                new FaultPlan.Planned(kind, now + Duration.ofMinutes(10).toMillis(), java.util.Optional.empty()))));
        assertThat(live.faults()).hasSize(1);
        return live;
    }

    private static Live healthy() {
        return live(now -> FaultPlan.none());
    }

    private static List<FleetReading> during(InjectedFault fault, Live live) {
        return live.of(fault.entity()).stream()
                .filter(r -> r.timeMs() >= fault.startMs() && r.timeMs() < fault.endMs())
                .toList();
    }

    private static double largest(List<FleetReading> a, List<FleetReading> b, ToDoubleFunction<FleetReading> value) {
        assertThat(a).hasSameSizeAs(b);
        double largest = 0;
        for (int i = 0; i < a.size(); i++) {
            largest = Math.max(largest, Math.abs(value.applyAsDouble(a.get(i)) - value.applyAsDouble(b.get(i))));
        }
        return largest;
    }

    @Test
    void shouldGiveTheSameReadingsForTheSameSeed() {
        assertThat(new FleetSimulator(3, 5).history(BEFORE)).isEqualTo(new FleetSimulator(3, 5).history(BEFORE));
        assertThat(new FleetSimulator(3, 5).history(BEFORE)).isNotEqualTo(new FleetSimulator(4, 5).history(BEFORE));
        assertThat(with(FaultKind.OVERHEATING)).isEqualTo(with(FaultKind.OVERHEATING));
    }

    @Test
    void shouldGoOnLiveWhereTheHistoryEnded() {
        FleetSimulator whole = new FleetSimulator(5, 3);
        FleetSimulator parts = new FleetSimulator(5, 3);
        List<FleetReading> expected = whole.history(Duration.ofHours(2));
        List<FleetReading> actual = new ArrayList<>(parts.history(Duration.ofHours(1)));
        Iterator<FleetReading> live = parts.live(FaultPlan.none(), fault -> {});
        while (actual.size() < expected.size()) {
            actual.add(live.next());
        }
        assertThat(actual).isEqualTo(expected);
    }

    @Test
    void shouldReportInTheOrderOfTimeAtIrregularIntervalsOfSeconds() {
        List<FleetReading> history = new FleetSimulator(1, 6).history(Duration.ofHours(6));
        assertThat(history).isSortedAccordingTo((a, b) -> Long.compare(a.timeMs(), b.timeMs()));
        assertThat(history.get(history.size() - 1).timeMs())
                .isLessThan(FleetSimulator.START.plus(Duration.ofHours(6)).toEpochMilli());
        Set<Long> pauses = new HashSet<>();
        Map<String, Long> last = new HashMap<>();
        for (FleetReading reading : history) {
            Long before = last.put(reading.vehicle(), reading.timeMs());
            if (before != null) {
                pauses.add(reading.timeMs() - before);
            }
        }
        assertThat(last).hasSize(6);
        assertThat(pauses).hasSizeGreaterThan(500).allSatisfy(pause -> assertThat(pause)
                .isBetween(4_000L, 40_000L));
    }

    @Test
    void shouldOnlyDoWhatVehiclesDoInItsHistory() {
        Map<String, String> modes = new HashMap<>();
        Set<String> seen = new TreeSet<>();
        for (FleetReading reading : new FleetSimulator(11, 8).history(Duration.ofDays(2))) {
            String before = modes.put(reading.vehicle(), reading.mode());
            if (before != null && !before.equals(reading.mode())) {
                seen.add(before + "→" + reading.mode());
            }
        }
        assertThat(seen).isEqualTo(new TreeSet<>(LEGAL));
    }

    @Test
    void shouldWorkByDayAndChargeByNight() {
        Map<Boolean, Map<String, Long>> byNight = new FleetSimulator(2, 8)
                .history(Duration.ofDays(1)).stream()
                        .collect(Collectors.partitioningBy(
                                reading -> {
                                    int hour = Instant.ofEpochMilli(reading.timeMs())
                                            .atZone(java.time.ZoneOffset.UTC)
                                            .getHour();
                                    return hour >= 20 || hour < 5;
                                },
                                Collectors.groupingBy(FleetReading::mode, Collectors.counting())));
        assertThat(byNight.get(true)).containsOnlyKeys("idle", "charging");
        assertThat(byNight.get(false)).containsKeys("idle", "charging", "loading", "driving", "delivering");
    }

    @Test
    void shouldObeyItsPhysicsInItsHistory() {
        List<FleetReading> history = new FleetSimulator(13, 8).history(Duration.ofDays(1));
        assertRange(history, FleetReading::speed, 0, 82);
        assertRange(history, FleetReading::battery, 5, 100);
        assertRange(history, FleetReading::temperature, 0, 110);
        assertRange(history, FleetReading::vibration, 0, 6);
        // Hardest at 80 km/h: 6.0 kN to speed up by 1.5 m/s², 6.9 kN to slow down by 2.5 m/s², at 90 and 60 percent.
        assertRange(history, FleetReading::current, -210, 377);
        assertThat(history)
                .filteredOn(r -> r.mode().equals("charging"))
                .allMatch(r -> r.current() < 0 && r.speed() == 0);
        assertThat(history).filteredOn(r -> r.mode().equals("driving")).anyMatch(r -> r.speed() > 70);
    }

    private static void assertRange(
            List<FleetReading> readings, ToDoubleFunction<FleetReading> value, double least, double most) {
        DoubleSummaryStatistics seen = readings.stream().mapToDouble(value).summaryStatistics();
        assertThat(seen.getMin()).isGreaterThanOrEqualTo(least);
        assertThat(seen.getMax()).isLessThanOrEqualTo(most);
    }

    @Test
    void shouldNeedThePastToExplainTheTemperature() {
        // The same mode, speed and current go with temperatures far apart: only the load before explains which.
        List<Double> cruising = new FleetSimulator(17, 8)
                .history(Duration.ofHours(8)).stream()
                        .filter(r -> r.mode().equals("driving")
                                && Math.abs(r.speed() - 50) < 1
                                && Math.abs(r.current() - 28) < 3)
                        .map(FleetReading::temperature)
                        .sorted()
                        .toList();
        assertThat(cruising).hasSizeGreaterThan(100);
        double spread = cruising.get(cruising.size() * 9 / 10) - cruising.get(cruising.size() / 10);
        assertThat(spread).isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void shouldChangeOnlyTheFaultyVehicleAndOnlyFromItsStart(FaultKind kind) {
        Live faulty = with(kind);
        Live healthy = healthy();
        InjectedFault fault = faulty.faults().get(0);
        Predicate<FleetReading> untouched = r -> !r.vehicle().equals(fault.entity()) || r.timeMs() < fault.startMs();
        assertThat(faulty.readings()).filteredOn(untouched).isNotEmpty();
        assertThat(faulty.readings().stream().filter(untouched))
                .isEqualTo(healthy.readings().stream().filter(untouched).toList());
        assertThat(during(fault, faulty)).isNotEqualTo(during(fault, healthy));
        assertThat(fault.kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource(value = FaultKind.class, mode = EnumSource.Mode.EXCLUDE, names = "BATTERY_DRAIN")
    void shouldLeaveNoTraceAfterTheEndOfAFaultThatIsMended(FaultKind kind) {
        Live faulty = with(kind);
        InjectedFault fault = faulty.faults().get(0);
        Predicate<FleetReading> after = r -> r.timeMs() >= fault.endMs();
        assertThat(faulty.readings()).filteredOn(after).isNotEmpty();
        assertThat(faulty.readings().stream().filter(after))
                .isEqualTo(healthy().readings().stream().filter(after).toList());
    }

    @Test
    void shouldOverheatTheMotorAndNothingElse() {
        Live faulty = with(FaultKind.OVERHEATING);
        InjectedFault fault = faulty.faults().get(0);
        List<FleetReading> hot = during(fault, faulty);
        List<FleetReading> normal = during(fault, healthy());
        assertThat(largest(hot, normal, FleetReading::temperature)).isBetween(20.0, 35.0);
        assertThat(largest(hot, normal, FleetReading::current)).isZero();
        assertThat(hot.get(hot.size() - 1).temperature()
                        - normal.get(normal.size() - 1).temperature())
                .isLessThan(2);
    }

    @Test
    void shouldFreezeOneSensorWhileTheOthersMove() {
        Live faulty = with(FaultKind.STUCK_SENSOR);
        List<FleetReading> stuck = during(faulty.faults().get(0), faulty);
        List<Set<Double>> values = List.of(
                stuck.stream().map(FleetReading::speed).collect(Collectors.toSet()),
                stuck.stream().map(FleetReading::current).collect(Collectors.toSet()),
                stuck.stream().map(FleetReading::vibration).collect(Collectors.toSet()));
        assertThat(values).filteredOn(v -> v.size() == 1).hasSize(1);
        assertThat(values).filteredOn(v -> v.size() > 10).hasSize(2);
    }

    @Test
    void shouldDrainTheBatteryByTwentyFivePercentMoreThanTheCurrentExplains() {
        Live faulty = with(FaultKind.BATTERY_DRAIN);
        InjectedFault fault = faulty.faults().get(0);
        List<FleetReading> drained = during(fault, faulty);
        List<FleetReading> normal = during(fault, healthy());
        // 180 s at 0.14 percent, less what passes after the last reading of the fault, at most 40 s.
        assertThat(largest(drained, normal, FleetReading::battery)).isBetween(19.5, 25.4);
        assertThat(largest(drained, normal, FleetReading::current)).isZero();
    }

    @Test
    void shouldReportModesInAnOrderThatNeverHappens() {
        Live faulty = with(FaultKind.WRONG_ORDER);
        List<String> modes = during(faulty.faults().get(0), faulty).stream()
                .map(FleetReading::mode)
                .toList();
        assertThat(modes).hasSizeGreaterThan(5).startsWith("charging", "driving", "charging", "driving");
        assertThat(LEGAL).doesNotContain("charging→driving", "driving→charging");
    }

    @Test
    void shouldShakeTheAxleSeveralTimesHarder() {
        Live faulty = with(FaultKind.VIBRATION);
        InjectedFault fault = faulty.faults().get(0);
        List<FleetReading> shaken = during(fault, faulty);
        List<FleetReading> normal = during(fault, healthy());
        double harder = 0;
        for (int i = 0; i < shaken.size(); i++) {
            harder = Math.max(harder, shaken.get(i).vibration() / normal.get(i).vibration());
        }
        assertThat(harder).isBetween(5.5, 6.5);
        assertThat(largest(shaken, normal, FleetReading::speed)).isZero();
    }

    @Test
    void shouldInjectEveryKindAgainAndAgainOnOneVehicleAtATime() {
        Live live = live(now -> FaultPlan.every(Duration.ofMinutes(5), now, 1));
        assertThat(live.faults()).hasSizeBetween(10, 18);
        assertThat(live.faults().subList(0, 10).stream().map(InjectedFault::kind))
                .contains(FaultKind.values());
        for (InjectedFault one : live.faults()) {
            assertThat(live.faults())
                    .filteredOn(other -> other != one && other.entity().equals(one.entity()))
                    .allMatch(other -> other.endMs() <= one.startMs() || other.startMs() >= one.endMs());
        }
    }

    @Test
    void shouldKeepFaultsOutOfTheHistory() {
        FleetSimulator fleet = new FleetSimulator(1, 1);
        fleet.live(FaultPlan.none(), fault -> {});
        assertThatThrownBy(() -> fleet.history(BEFORE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldWriteTheReadingsAsCsv(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("fleet.csv");
        FleetCsv.write(
                file,
                List.of(new FleetReading("van-001", 1_741_000_000_123L, "driving", 49.9, 31.25, 80.0, 1.125, -3.5)));
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "vehicle,time,mode,speed,temperature,battery,vibration,current",
                        "van-001,1741000000123,driving,49.9,31.25,80.0,1.125,-3.5");
    }
}
