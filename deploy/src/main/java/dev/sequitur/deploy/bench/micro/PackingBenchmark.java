package dev.sequitur.deploy.bench.micro;

import dev.sequitur.topology.batch.Packing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Planning the calls of a natural batch of 1000 events, drawn uniformly from so many entities. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PackingBenchmark {
    private static final int EVENTS = 1000;

    @Param({"1", "100", "10000"})
    private int entities;

    private Packing packing;
    private List<int[]> runs;

    @Setup
    public void prepare(BundleState model) {
        packing = new Packing(model.bundle().model().step().blocks());
        Random random = new Random(entities);
        Map<Integer, Integer> pending = new HashMap<>();
        for (int i = 0; i < EVENTS; i++) {
            pending.merge(random.nextInt(entities), 1, Integer::sum);
        }
        runs = new ArrayList<>();
        pending.values().forEach(events -> runs.add(new int[] {events}));
    }

    @Benchmark
    public List<Packing.Call> plan() {
        return packing.plan(runs);
    }
}
