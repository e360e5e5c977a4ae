package dev.sequitur.deploy.bench.micro;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.RecordReader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One event: to Avro's bytes, from them, and to a row of features. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBenchmark {
    private static final String ENTITY = "entity-1";

    private EventSchema schema;
    private RecordReader reader;
    private FeatureEncoder encoder;
    private Event event;
    private byte[] bytes;
    private float[] features;

    @Setup
    public void prepare(BundleState model) {
        schema = new EventSchema(model.bundle().spec());
        reader = new RecordReader(model.bundle().spec(), EventFormat.singleObject());
        encoder = model.bundle().model().encoder();
        event = BundleState.event(ENTITY);
        bytes = schema.encode(event);
        features = new float[encoder.width()];
    }

    @Benchmark
    public byte[] encode() {
        return schema.encode(event);
    }

    @Benchmark
    public Event decode() throws MalformedEventException {
        return reader.event(bytes, ENTITY).orElseThrow();
    }

    @Benchmark
    public float[] features() {
        encoder.encode(event, EntityClock.START, features, 0);
        return features;
    }
}
