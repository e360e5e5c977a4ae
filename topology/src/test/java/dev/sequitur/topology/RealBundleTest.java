package dev.sequitur.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.reference.ReferenceModel;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.TopologyRig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trained bundle in the topology, against a network in double that steps one event at a time. */
class RealBundleTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{kind: rnn, units: 5}",
                "{kind: lstm, units: [6, 5]}",
                "{kind: gru, units: 5}",
                "{kind: lstm-peephole, units: 5}",
                "{kind: lstm-coupled, units: 5}",
                "{kind: lstm-depth-gated, units: [4, 4]}",
                "{kind: mgu, units: 5}",
                "{kind: mingru, units: 5}",
                "{kind: minlstm, units: 5}",
                "{kind: clockwork, units: 6, periods: [1, 3]}",
                "{kind: grid-lstm, units: 4, layers: 2}",
                "{kind: vrnn, units: 5, latent: 2}",
                "{kind: gru, units: 5, layers: 2, residual: true, layer-norm: true, attention: 4}"
            })
    void shouldScoreAStreamAsTheReferenceNetworkDoes(String cell) throws IOException {
        Path out = directory.resolve("bundle");
        TinyPipeline.train(cell, 1, out);
        shouldScoreAsTheReferenceDoes(out);
    }

    @Test
    void shouldScoreAStreamWithAnEnsembleAsTheMeanOfReferenceNetworksDoes() throws IOException {
        Path out = directory.resolve("bundle");
        TinyPipeline.train("{kind: lstm, units: [4, 3]}", 3, out);
        shouldScoreAsTheReferenceDoes(out);
    }

    private void shouldScoreAsTheReferenceDoes(Path out) throws IOException {
        try (ModelBundle bundle = ModelBundle.load(out);
                TopologyRig rig = new TopologyRig(bundle.model(), directory.resolve("state"), options -> options)) {
            List<Event> events = TinyPipeline.events(9, 40, 5);
            for (Event event : events) {
                rig.poll(event.entity(), encoded(bundle, event));
            }
            rig.deliver(64);
            String ended = events.get(0).entity();
            rig.poll(ended, null).deliver(64);
            Reference reference = new Reference(bundle, ReferenceModel.of(bundle, out));
            List<TestRecord<String, Score>> scores = rig.scores();
            assertThat(rig.deadLetters()).isEmpty();
            assertThat(scores).hasSize(events.size() + 1);
            assertThat(rig.predictions()).hasSize(events.size());
            for (int i = 0; i < events.size(); i++) {
                Score score = scores.get(i).value();
                assertThat(score.getEntity()).isEqualTo(events.get(i).entity());
                same(score.getFields(), reference.score(events.get(i)));
            }
            Score end = scores.get(events.size()).value();
            assertThat(end.getEnd()).isTrue();
            assertThat(end.getFields()).hasSize(1);
            assertThat(end.getFields().get(0).getSurprise()).isCloseTo(reference.end(ended), within(2e-5));
            assertThat(rig.store().get(ended)).isNull();
            reference.states.remove(ended);
            reference.states.forEach((entity, state) -> sameState(rig.store().get(entity), state));
        }
    }

    private static void same(List<FieldSurprise> fields, double[] expected) {
        assertThat(fields).hasSize(expected.length);
        for (int f = 0; f < expected.length; f++) {
            // float32 against double.
            assertThat(fields.get(f).getSurprise())
                    .as(fields.get(f).getExpected().getField())
                    .isCloseTo(expected[f], within(2e-5 * Math.max(1, Math.abs(expected[f]))));
        }
    }

    private static void sameState(EntityState stored, double[] expected) {
        var row = stored.getRow().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        assertThat(row.remaining()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) row.get(i)).isCloseTo(expected[i], within(1e-5 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static byte[] encoded(ModelBundle bundle, Event event) throws IOException {
        EventSchema schema = new EventSchema(bundle.spec());
        ByteBuffer bytes = new BinaryMessageEncoder<>(GenericData.get(), schema.schema()).encode(schema.record(event));
        byte[] value = new byte[bytes.remaining()];
        bytes.get(value);
        return value;
    }

    /** Steps one event at a time. */
    private static final class Reference {
        private final ModelBundle bundle;
        private final ReferenceModel network;
        private final Map<String, double[]> states = new HashMap<>();
        private final Map<String, EntityClock> clocks = new HashMap<>();

        Reference(ModelBundle bundle, ReferenceModel network) {
            this.bundle = bundle;
            this.network = network;
        }

        double[] score(Event event) {
            EntityClock clock = clocks.getOrDefault(event.entity(), EntityClock.START)
                    .at(event.timeMs(), bundle.spec().sessionGap().orElseThrow());
            float[] row = new float[bundle.model().encoder().width()];
            bundle.model().encoder().encode(event, clock, row, 0);
            double[] state = states.getOrDefault(event.entity(), network.initialState());
            double[] surprise = network.surprise(row, state);
            states.put(event.entity(), network.step(row, state));
            clocks.put(event.entity(), clock.after(event.timeMs()));
            return surprise;
        }

        double end(String entity) {
            float[] row = new float[bundle.model().encoder().width()];
            bundle.model().encoder().encodeEnd(row, 0);
            double[] surprise = network.surprise(row, states.get(entity));
            return surprise[surprise.length - 1];
        }
    }
}
