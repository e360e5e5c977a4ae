package dev.sequitur.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FaultLedgerTest {
    private static final InjectedFault HOT = new InjectedFault("van-1", FaultKind.OVERHEATING, 1000, 2000);
    private static final InjectedFault STUCK = new InjectedFault("van-2", FaultKind.STUCK_SENSOR, 1500, 2500);

    private final FaultLedger ledger = new FaultLedger(Duration.ofMillis(500));

    @Test
    void shouldCatchAFaultFromItsStartToItsEndPlusGrace() {
        for (long time : new long[] {1000, 1700, 2000, 2500}) {
            FaultLedger one = new FaultLedger(Duration.ofMillis(500));
            one.injected(HOT);
            one.alarm("van-1", time);
            assertThat(one.tally()).isEqualTo(new FaultLedger.Tally(List.of(HOT), List.of(), 1, 0));
        }
    }

    @Test
    void shouldMissAFaultWhenAlarmsComeBeforeAfterOrElsewhere() {
        ledger.injected(HOT);
        ledger.alarm("van-1", 999);
        ledger.alarm("van-1", 2501);
        ledger.alarm("van-2", 1500);
        assertThat(ledger.tally()).isEqualTo(new FaultLedger.Tally(List.of(), List.of(HOT), 3, 3));
    }

    @Test
    void shouldCountAFaultOnceHoweverManyAlarmsItRaises() {
        ledger.injected(HOT);
        ledger.alarm("van-1", 1200);
        ledger.alarm("van-1", 1200);
        ledger.alarm("van-1", 1300);
        FaultLedger.Tally tally = ledger.tally();
        assertThat(tally.caught()).containsExactly(HOT);
        assertThat(tally.alarms()).isEqualTo(3);
        assertThat(tally.falseAlarms()).isZero();
    }

    @Test
    void shouldNotDependOnTheOrderInWhichFaultsAndAlarmsBecomeKnown() {
        List<Consumer<FaultLedger>> happenings = new ArrayList<>(List.of(
                l -> l.injected(HOT),
                l -> l.injected(STUCK),
                l -> l.alarm("van-1", 1100),
                l -> l.alarm("van-1", 9000),
                l -> l.alarm("van-3", 1100)));
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(happenings, new Random(seed));
            FaultLedger shuffled = new FaultLedger(Duration.ofMillis(500));
            happenings.forEach(happening -> happening.accept(shuffled));
            assertThat(shuffled.tally()).isEqualTo(new FaultLedger.Tally(List.of(HOT), List.of(STUCK), 3, 2));
        }
    }

    @Test
    void shouldExplainAnAlarmByTheFaultThatStartedLast() {
        InjectedFault later = new InjectedFault("van-1", FaultKind.VIBRATION, 2200, 3000);
        ledger.injected(later);
        ledger.injected(HOT);
        assertThat(ledger.explanation("van-1", 2100)).contains(HOT);
        assertThat(ledger.explanation("van-1", 2300)).contains(later);
        assertThat(ledger.explanation("van-1", 9000)).isEmpty();
    }

    @Test
    void shouldSayWithWhichAlarmAFaultWasCaught() {
        ledger.injected(HOT);
        ledger.injected(STUCK);
        ledger.alarm("van-1", 999);
        assertThat(ledger.judged().get(0).caughtMs())
                .as("an alarm before the fault")
                .isEmpty();
        ledger.alarm("van-1", 1800);
        ledger.alarm("van-1", 1200);
        assertThat(ledger.judged()).extracting(FaultLedger.Judged::fault).containsExactly(HOT, STUCK);
        assertThat(ledger.judged().get(0).caughtMs()).hasValue(1200);
        assertThat(ledger.judged().get(1).caughtMs()).isEmpty();
    }

    @Test
    void shouldRefuseAFaultThatEndsBeforeItStarts() {
        assertThatThrownBy(() -> new InjectedFault("van-1", FaultKind.VIBRATION, 5, 5))
                .hasMessageContaining("must end after it starts");
    }
}
