package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.SequentialReference;
import dev.sequitur.topology.fixture.SequentialReference.Expected;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The scoring behind a user's own processors, event by event and collecting. A TopologyTestDriver commits after each of
 * its records; so a record that becomes many events is what a batch can be collected of.
 */
class AppliedTest {
    private static final int LENGTH = Integer.BYTES;

    @TempDir
    Path stateDir;

    /** Small whole numbers: float sums of them are exact, so that every comparison can be too. */
    private record Reading(String device, long timeMs, double value) {}

    private static List<Reading> readings(int n) {
        Random random = new Random(5);
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int device = (int) (6 * Math.pow(random.nextDouble(), 2));
            readings.add(new Reading("device-" + device, T0 + 1000L * i, random.nextInt(20) - 5));
        }
        return readings;
    }

    /** Many events in the value of one record: length and name of the device, length and bytes of the event. */
    private static byte[] bundle(TestModel model, List<Reading> readings) {
        ByteBuffer bytes = ByteBuffer.allocate(readings.size() * 200);
        for (Reading reading : readings) {
            put(bytes, reading.device.getBytes(StandardCharsets.UTF_8));
            put(bytes, model.event(reading.device, reading.timeMs, reading.value));
        }
        byte[] bundle = new byte[bytes.flip().remaining()];
        bytes.get(bundle);
        return bundle;
    }

    private static void put(ByteBuffer into, byte[] bytes) {
        into.putInt(bytes.length).put(bytes);
    }

    private static byte[] take(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return bytes;
    }

    private static KStream<byte[], byte[]> unbundled(KStream<byte[], byte[]> bundles) {
        return bundles.flatMap(
                (key, value) -> {
                    List<KeyValue<byte[], byte[]>> events = new ArrayList<>();
                    for (ByteBuffer left = ByteBuffer.wrap(value); left.remaining() > LENGTH; ) {
                        events.add(KeyValue.pair(take(left), take(left)));
                    }
                    return events;
                },
                Named.as("unbundle"));
    }

    /** Bundles of 1, 2, … readings, each with its number as a header. */
    private static List<List<Reading>> bundled(List<Reading> readings) {
        List<List<Reading>> bundles = new ArrayList<>();
        for (int from = 0; from < readings.size(); ) {
            int to = Math.min(readings.size(), from + bundles.size() + 1);
            bundles.add(readings.subList(from, to));
            from = to;
        }
        return bundles;
    }

    private static void pipe(TopologyRig rig, TestModel model, List<List<Reading>> bundles) {
        for (int i = 0; i < bundles.size(); i++) {
            RecordHeaders headers = new RecordHeaders();
            headers.add("bundle", new byte[] {(byte) i});
            rig.pipe("any key", bundle(model, bundles.get(i)), T0 + i, headers);
        }
    }

    private static void assertSequential(TopologyRig rig, List<List<Reading>> bundles) {
        SequentialReference reference = new SequentialReference();
        List<TestRecord<String, Score>> scores = rig.scores();
        int next = 0;
        for (int i = 0; i < bundles.size(); i++) {
            for (Reading reading : bundles.get(i)) {
                Expected expected = reference.step(reading.device, reading.value);
                TestRecord<String, Score> record = scores.get(next++);
                Score score = record.value();
                assertThat(record.key()).isEqualTo(reading.device);
                assertThat(record.timestamp()).isEqualTo(reading.timeMs);
                assertThat(record.headers().lastHeader("bundle").value()).containsExactly(i);
                assertThat(score.getStep()).isEqualTo(expected.step());
                assertThat(score.getSurprise()).isEqualTo(expected.surprise());
                assertThat(score.getPartition()).isZero();
                assertThat(score.getOffset()).isEqualTo(i);
            }
        }
        assertThat(scores).hasSize(next);
        assertThat(rig.predictions()).hasSize(next);
        for (String device : reference.devices()) {
            assertThat(rig.row(device))
                    .containsExactly((float) reference.events(device), (float) reference.sum(device));
        }
    }

    @Test
    void shouldScoreTheEventsOfAnyStreamOneByOne() {
        TestModel model = TestModel.endless();
        List<Reading> readings = readings(200);
        try (TopologyRig rig = TopologyRig.applied(model, stateDir, o -> o, AppliedTest::unbundled)) {
            pipe(rig, model, bundled(readings));
            assertSequential(rig, bundled(readings));
            assertThat(rig.total("score", "batches")).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCollectTheEventsOfAnyStreamUntilTheCommitOrAFullBatch(boolean caching) {
        TestModel model = TestModel.endless();
        List<List<Reading>> bundles = bundled(readings(200));
        int most = 7;
        try (TopologyRig rig = TopologyRig.applied(
                model,
                stateDir,
                options -> options.collecting(true).maxBatchEvents(most).caching(caching),
                AppliedTest::unbundled)) {
            pipe(rig, model, bundles);
            assertSequential(rig, bundles);
            int batches = bundles.stream()
                    .mapToInt(bundle -> (bundle.size() + most - 1) / most)
                    .sum();
            assertThat(rig.total("score", "batches")).isEqualTo(batches);
            assertThat(rig.total("score", "consumed"))
                    .isEqualTo(200)
                    .isEqualTo(rig.total("score", "scored") + rig.total("score", "dead-lettered"));
        }
    }

    @Test
    void shouldCollectWholeNaturalBatchesToo() {
        TestModel model = TestModel.endless();
        List<Reading> readings = readings(500);
        try (TopologyRig rig = new TopologyRig(
                model, stateDir, options -> options.collecting(true).maxBatchEvents(64))) {
            SequentialReference reference = new SequentialReference();
            readings.forEach(r -> rig.poll(r.device, model.event(r.device, r.timeMs, r.value)));
            assertThat(rig.deliver(100)).isEqualTo(5);
            assertThat(rig.scores())
                    .extracting(s -> s.value().getOffset(), s -> s.value().getSurprise())
                    .containsExactlyElementsOf(IntStream.range(0, readings.size())
                            .mapToObj(i -> tuple((long) i, surprise(reference, readings.get(i))))
                            .toList());
            // Each carrier of 100 is a batch of 64, and one of 36 when the driver commits.
            assertThat(rig.total("score", "batches")).isEqualTo(10);
        }
    }

    private static double surprise(SequentialReference reference, Reading reading) {
        return reference.step(reading.device, reading.value).surprise();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHaveLoggedEveryStateWhenTheOffsetsAreCommitted(boolean caching) {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = TopologyRig.applied(
                model, stateDir, options -> options.collecting(true).caching(caching), AppliedTest::unbundled)) {
            var changelog = rig.driver()
                    .createOutputTopic(
                            "app-entity-state-changelog",
                            new StringDeserializer(),
                            new SingleObjectSerde<>(EntityState.class).deserializer());
            Map<String, Long> steps = new HashMap<>();
            for (List<Reading> bundle : bundled(readings(60))) {
                rig.pipe(null, bundle(model, bundle), T0);
                bundle.forEach(reading -> steps.merge(reading.device, 1L, Long::sum));
                Map<String, Long> logged = new HashMap<>();
                changelog.readKeyValuesToList().forEach(kv -> logged.put(kv.key, kv.value.getSteps()));
                // Whichever cache the task flushes first.
                for (Reading reading : bundle) {
                    assertThat(logged).containsEntry(reading.device, steps.get(reading.device));
                }
            }
        }
    }

    /** Writes where the record under way comes from, as a downstream processor sees it. */
    private static final class Places extends ContextualProcessor<String, Score, String, String> {
        @Override
        public void process(Record<String, Score> record) {
            var place = context().recordMetadata().orElseThrow();
            context().forward(record.withValue(place.topic() + "-" + place.partition() + "@" + place.offset()));
        }
    }

    @Test
    void shouldGiveEachCollectedEventItsOwnPlaceDownstream() {
        TestModel model = TestModel.endless();
        SequiturTopology sequitur = SequiturTopology.of(model.model())
                .input(TopologyRig.INPUT)
                .scores("scores")
                .predictions("predictions")
                .collecting(true)
                .build();
        try (TopologyRig rig = new TopologyRig(
                sequitur,
                (topology, builder) -> topology.addTo(builder)
                        .scores()
                        .process(Places::new, Named.as("places"))
                        .to(
                                "places",
                                Produced.with(
                                        org.apache.kafka.common.serialization.Serdes.String(),
                                        org.apache.kafka.common.serialization.Serdes.String())),
                stateDir)) {
            rig.poll("a", model.event("a", T0, 1))
                    .poll("b", model.event("b", T0, 1))
                    .poll("a", model.event("a", T0, 1));
            rig.deliver(1000);
            assertThat(rig.driver()
                            .createOutputTopic("places", new StringDeserializer(), new StringDeserializer())
                            .readValuesToList())
                    .containsExactly("events-0@0", "events-0@1", "events-0@2");
        }
    }

    @Test
    void shouldDeadLetterWhatIsMalformedAmongCollectedEvents() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir, options -> options.collecting(true))) {
            rig.poll("a", model.event("a", T0, 1))
                    .poll("b", new byte[] {1, 2, 3})
                    .poll("a", model.event("a", T0, 4));
            rig.deliver(1000);
            assertThat(rig.scores()).extracting(s -> s.value().getSurprise()).containsExactly(1.0, 3.0);
            assertThat(rig.deadLetters()).singleElement().satisfies(letter -> assertThat(
                            TopologyRig.header(letter, "__streams.errors.offset"))
                    .isEqualTo("1"));
        }
    }

    /** Forwards an event by the clock, not because of a record. */
    private static final class Ticking extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
        private final byte[] event;

        Ticking(byte[] event) {
            this.event = event;
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            super.init(context);
            context.schedule(
                    Duration.ofSeconds(1),
                    PunctuationType.WALL_CLOCK_TIME,
                    now -> context.forward(new Record<>("a".getBytes(StandardCharsets.UTF_8), event, now)));
        }

        @Override
        public void process(Record<byte[], byte[]> record) {}
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldScoreWhatComesFromNoTopicWithoutAPlace(boolean collecting) {
        TestModel model = TestModel.endless();
        for (byte[] event : List.of(model.event("a", T0, 3), new byte[] {1})) {
            try (TopologyRig rig = TopologyRig.applied(
                    model,
                    stateDir.resolve(Integer.toString(event.length)),
                    options -> options.collecting(collecting),
                    records -> records.process(() -> new Ticking(event), Named.as("tick")))) {
                rig.driver().advanceWallClockTime(Duration.ofSeconds(1));
                if (event.length > 1) {
                    assertThat(rig.scores()).singleElement().satisfies(score -> {
                        assertThat(score.value().getPartition()).isEqualTo(-1);
                        assertThat(score.value().getOffset()).isEqualTo(-1);
                    });
                } else {
                    assertThat(rig.deadLetters()).singleElement().satisfies(letter -> {
                        assertThat(TopologyRig.header(letter, "__streams.errors.topic"))
                                .isNull();
                        assertThat(TopologyRig.header(letter, "__streams.errors.offset"))
                                .isEqualTo("-1");
                    });
                }
            }
        }
    }

    @Test
    void shouldReadTheEntityFromTheValueBehindAnyStream() {
        TestModel model = TestModel.endless();
        List<List<Reading>> bundles = bundled(readings(50));
        try (TopologyRig rig =
                TopologyRig.applied(model, stateDir, options -> options.keyed(false), records -> unbundled(records)
                        .selectKey((key, value) -> null, Named.as("unkey")))) {
            pipe(rig, model, bundles);
            SequentialReference reference = new SequentialReference();
            bundles.forEach(bundle -> bundle.forEach(r -> reference.step(r.device, r.value)));
            assertThat(rig.scores()).hasSize(50);
            for (String device : reference.devices()) {
                assertThat(rig.row(device))
                        .containsExactly((float) reference.events(device), (float) reference.sum(device));
            }
        }
    }

    @Test
    void shouldPackNoTopicWhereAStreamIsScored() {
        SequiturTopology sequitur = SequiturTopology.of(TestModel.endless().model())
                .scores("scores")
                .build();
        Properties properties = sequitur.configure(TopologyRig.properties(stateDir));
        assertThat(properties)
                .containsEntry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2)
                .doesNotContainKeys(
                        "main.consumer.interceptor.classes",
                        "main.consumer.max.poll.records",
                        StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG);
    }

    @Test
    void shouldRefuseToScoreAStreamWhereAnInputIsNamed() {
        SequiturTopology sequitur = SequiturTopology.of(TestModel.endless().model())
                .input("events")
                .scores("scores")
                .build();
        KStream<byte[], byte[]> stream = new StreamsBuilder().stream("others");
        assertThatThrownBy(() -> sequitur.applyTo(stream))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("input is 'events'", "expected none", "addTo(builder)");
    }
}
