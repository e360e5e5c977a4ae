package dev.sequitur.deploy.bench.micro;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import java.nio.file.Path;
import java.util.Random;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The benchmarks' model, loaded; {@link MicroBench} writes it once for all. */
@State(Scope.Benchmark)
public class BundleState {
    private static final long START_MS = 1_700_000_000_000L;

    @Param(MicroBench.NO_BUNDLE)
    private String bundle;

    private ModelBundle loaded;

    @Setup(Level.Trial)
    public void load() {
        loaded = ModelBundle.load(Path.of(bundle));
    }

    @TearDown(Level.Trial)
    public void close() {
        loaded.close();
    }

    ModelBundle bundle() {
        return loaded;
    }

    static Event event(String entity) {
        return new Event(entity, START_MS, new Object[] {new Random(1).nextGaussian()}, false);
    }
}
