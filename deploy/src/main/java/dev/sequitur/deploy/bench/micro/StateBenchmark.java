package dev.sequitur.deploy.bench.micro;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.LiveEntity;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
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

/** One entity's state from stored bytes and back to them; the store is a single slot, so that the codec is what counts. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StateBenchmark {
    private static final String ENTITY = "entity-1";

    @Param({"FLOAT32", "BFLOAT16", "FLOAT16"})
    private StatePrecision precision;

    private EntityStates states;
    private float[] row;
    private long offset;

    @Setup
    public void prepare(BundleState bundle) {
        SequenceModel model = bundle.bundle().model();
        states = new EntityStates(new OneValueStore(), model, new StateSettings(true, OnModelChange.FAIL, precision));
        row = new float[model.step().shape().state()];
        Random random = new Random(3);
        for (int i = 0; i < row.length; i++) {
            // Between the cell's bounds.
            row[i] = 2 * random.nextFloat() - 1;
        }
        write(states.load(ENTITY));
    }

    private void write(LiveEntity entity) {
        entity.advance(entity.clock().after(BundleState.event(ENTITY).timeMs()), offset, offset, row, 0);
        offset++;
        states.save(entity);
    }

    @Benchmark
    public LiveEntity decode() {
        return states.load(ENTITY);
    }

    @Benchmark
    public LiveEntity decodeAndEncode() {
        LiveEntity entity = states.load(ENTITY);
        write(entity);
        return entity;
    }
}
