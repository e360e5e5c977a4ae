package dev.sequitur.deploy.bench.micro;

import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One call of the step function: so many entities, with so many events of each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StepBenchmark {
    @Param({"1", "100", "1000"})
    private int rows;

    /** The blocks of every bundle that this version writes. */
    @Param({"1", "4", "16"})
    private int steps;

    private StepFunction step;
    private StepBatch batch;

    @Setup
    public void prepare(BundleState model) {
        step = model.bundle().model().step();
        batch = new StepBatch(step.shape());
        batch.resize(steps, rows);
    }

    @Benchmark
    public float[] step() {
        step.step(batch);
        return batch.surprise;
    }
}
