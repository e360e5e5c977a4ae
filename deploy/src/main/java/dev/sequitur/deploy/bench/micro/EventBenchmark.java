package dev.sequitur.deploy.bench.micro;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.EventWriter;
import dev.sequitur.topology.input.RecordReader;
import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.SubjectNaming;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One event: to Avro's bytes, from the bytes of each format, and to a row of features. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBenchmark {
    private static final String ENTITY = "entity-1";

    private EventSchema schema;
    private RecordReader reader;
    private RecordReader confluentReader;
    private RecordReader jsonReader;
    private FeatureEncoder encoder;
    private Event event;
    private byte[] bytes;
    private byte[] confluentBytes;
    private byte[] jsonBytes;
    private float[] features;

    @Setup
    public void prepare(BundleState model) {
        PipelineSpec spec = model.bundle().spec();
        schema = new EventSchema(spec);
        SchemaRegistry registry = new OneSchemaRegistry(schema.schema());
        reader = new RecordReader(spec, EventFormat.singleObject());
        confluentReader = new RecordReader(spec, EventFormat.confluent(registry));
        jsonReader = new RecordReader(spec, EventFormat.json());
        encoder = model.bundle().model().encoder();
        event = BundleState.event(ENTITY);
        bytes = schema.encode(event);
        confluentBytes = EventWriter.confluent(spec, "events", registry, SubjectNaming.TOPIC)
                .value(event);
        jsonBytes = EventWriter.json(spec).value(event);
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
    public Event decodeConfluent() throws MalformedEventException {
        return confluentReader.event(confluentBytes, ENTITY).orElseThrow();
    }

    @Benchmark
    public Event decodeJson() throws MalformedEventException {
        return jsonReader.event(jsonBytes, ENTITY).orElseThrow();
    }

    @Benchmark
    public float[] features() {
        encoder.encode(event, EntityClock.START, features, 0);
        return features;
    }
}
