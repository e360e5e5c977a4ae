package dev.sequitur.topology.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PackingTest {
    private static final List<Integer> BLOCKS = List.of(4, 16);

    private final Packing packing = new Packing(BLOCKS);

    @Provide
    Arbitrary<List<int[]>> runs() {
        Arbitrary<Integer> length = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.integers().between(1, 3)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(1, 40)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(1, 400)));
        return length.array(int[].class).ofMaxSize(4).list().ofMaxSize(60);
    }

    @Property(tries = 300)
    void shouldStepEveryEventOnceInItsEntitysOrderAndNeverBeyondARun(@ForAll("runs") List<int[]> runs) {
        int[] run = new int[runs.size()];
        int[] at = new int[runs.size()];
        for (Packing.Call call : packing.plan(runs)) {
            assertThat(call.steps()).isIn(1, 4, 16);
            assertThat(call.lanes()).doesNotHaveDuplicates().hasSameSizeAs(call.lengths());
            for (int i = 0; i < call.lanes().length; i++) {
                int lane = call.lanes()[i];
                assertThat(call.lengths()[i]).isBetween(1, call.steps());
                at[lane] += call.lengths()[i];
                assertThat(at[lane]).isLessThanOrEqualTo(runs.get(lane)[run[lane]]);
                if (at[lane] == runs.get(lane)[run[lane]]) {
                    run[lane]++;
                    at[lane] = 0;
                }
            }
        }
        for (int lane = 0; lane < runs.size(); lane++) {
            assertThat(run[lane]).isEqualTo(runs.get(lane).length);
            assertThat(at[lane]).isZero();
        }
    }

    @Property(tries = 300)
    void shouldNeverCostMoreThanWavesAlone(@ForAll("runs") List<int[]> runs) {
        assertThat(cost(packing.plan(runs))).isLessThanOrEqualTo(cost(new Packing(List.of()).plan(runs)) + 1e-9);
    }

    private static double cost(List<Packing.Call> calls) {
        return calls.stream()
                .mapToDouble(c -> 40 + 5 * c.steps() + (double) c.steps() * c.lanes().length)
                .sum();
    }

    @Example
    void shouldStepDistinctEntitiesInOneWave() {
        List<Packing.Call> calls = packing.plan(Collections.nCopies(500, new int[] {1}));
        assertThat(calls).hasSize(1);
        assertThat(calls.get(0).steps()).isEqualTo(1);
        assertThat(calls.get(0).lanes()).hasSize(500);
    }

    @Example
    void shouldStepOneBusyEntityInBlocks() {
        List<Packing.Call> calls = packing.plan(List.of(new int[] {1000}));
        assertThat(calls).hasSizeBetween(63, 64);
        assertThat(calls.subList(0, 62)).allMatch(c -> c.steps() == 16 && c.lengths()[0] == 16);
    }

    @Example
    void shouldNotPadAThousandEntitiesForTheSakeOfOneBusyOne() {
        List<int[]> runs = new java.util.ArrayList<>(Collections.nCopies(1000, new int[] {1}));
        runs.add(new int[] {200});
        List<Packing.Call> calls = packing.plan(runs);
        long slots = calls.stream()
                .mapToLong(c -> (long) c.steps() * c.lanes().length)
                .sum();
        assertThat(slots).isLessThan(1200 + 20);
        assertThat(calls.size()).isLessThan(16);
    }

    @Example
    void shouldSayWhatIsWrongWithARunOrABlock() {
        assertThatThrownBy(() -> packing.plan(List.of(new int[] {0}))).hasMessageContaining("at least 1 event, got 0");
        assertThatThrownBy(() -> new Packing(Arrays.asList(4, 0))).hasMessageContaining("at least 1 step, got 0");
    }
}
