package dev.sequitur.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.reference.ReferenceModel;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.step.CellView;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.model.step.TensorFlowStepFunction;
import dev.sequitur.model.train.EpochReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One function, however it is called: steps, batches of steps, blocks, and a reference in double; for one network and for
 * an ensemble.
 */
class SequenceNetworkTest {
    /** The bound that the project promises between ways of calling, in float32. */
    private static final double ONE_FUNCTION = 1e-5;

    private static final String WRAPPED = ", units: 4, layers: 2, residual: true, layer-norm: true, attention: 3}";

    @TempDir
    static Path directory;

    /** Of this cell there are three networks, not one. */
    private static final String ENSEMBLE = "{kind: lstm, units: [4, 3], attention: 2}";

    /** Trained once for all tests. */
    private static final Map<String, Path> TRAINED = new HashMap<>();

    private static final Map<String, List<Double>> LOSSES = new HashMap<>();

    /** Loaded once for all tests. */
    private static final Map<String, ModelBundle> LOADED = new HashMap<>();

    private ModelBundle bundle;
    private TensorFlowStepFunction step;
    private StepShape shape;

    @AfterAll
    static void close() {
        LOADED.values().forEach(ModelBundle::close);
        LOADED.clear();
    }

    private ModelBundle load(String cell) throws Exception {
        Path out = TRAINED.get(cell);
        if (out == null) {
            out = directory.resolve("bundle" + TRAINED.size());
            List<EpochReport> history = TinyPipeline.train(cell, cell.equals(ENSEMBLE) ? 3 : 1, out)
                    .members()
                    .get(0)
                    .history();
            LOSSES.put(cell, history.stream().map(EpochReport::trainingLoss).toList());
            TRAINED.put(cell, out);
            LOADED.put(cell, ModelBundle.load(out));
        }
        bundle = LOADED.get(cell);
        step = (TensorFlowStepFunction) bundle.model().step();
        shape = step.shape();
        return bundle;
    }

    /** Every kind with every wrapper, some without, and layers of different widths. */
    static Stream<String> cells() {
        return Stream.concat(
                CellSpec.KINDS.stream().map(kind -> "{kind: " + kind + WRAPPED),
                Stream.of(
                        "{kind: rnn, units: 5}",
                        "{kind: lstm, units: 5}",
                        "{kind: gru, units: [3, 4, 2]}",
                        "{kind: lstm, units: 4, layers: 2, residual: true, layer-norm: true}",
                        "{kind: lstm, units: [5, 3], kernel: plain}",
                        "{kind: lstm, units: [5, 3], kernel: fused}",
                        "{kind: lstm-peephole, units: [5, 3], kernel: fused}",
                        "{kind: gru, units: [5, 3], kernel: fused}",
                        ENSEMBLE));
    }

    /** Encoded sequences of different lengths; some start sessions in the middle, all end with END. */
    private List<float[][]> sequences() {
        FeatureEncoder encoder = bundle.model().encoder();
        List<float[][]> all = new ArrayList<>();
        for (EntitySequence sequence : Sequences.group(TinyPipeline.events(7, 40, 99))) {
            int length = 3 + 5 * all.size();
            float[][] rows = new float[length + 1][encoder.width()];
            EntityClock clock = EntityClock.START;
            for (int i = 0; i < length; i++) {
                Event event = sequence.events().get(i);
                EntityClock found =
                        clock.at(event.timeMs(), bundle.spec().sessionGap().orElseThrow());
                encoder.encode(event, found, rows[i], 0);
                clock = found.after(event.timeMs());
            }
            encoder.encodeEnd(rows[length], 0);
            all.add(rows);
        }
        return all;
    }

    /** Surprise and state after each event of a sequence, one event a call. */
    private record Trace(float[][] surprise, float[][] expected, float[][] prediction, float[][] state) {}

    private Trace single(float[][] rows) {
        StepBatch batch = new StepBatch(shape);
        batch.resize(1);
        Trace trace = new Trace(
                new float[rows.length][], new float[rows.length][], new float[rows.length][], new float[rows.length][]);
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, batch.features, 0, shape.features());
            step.step(batch);
            trace.surprise()[i] = Arrays.copyOf(batch.surprise, shape.surprises());
            trace.expected()[i] = Arrays.copyOf(batch.expected, shape.parameters());
            trace.prediction()[i] = Arrays.copyOf(batch.prediction, shape.parameters());
            trace.state()[i] = Arrays.copyOf(batch.state, shape.state());
        }
        return trace;
    }

    private static void same(float[] got, int at, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) got[at + i])
                    .isCloseTo(expected[i], within(ONE_FUNCTION * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldComputeOneFunctionInStepsBatchesAndBlocks(String cell) throws Exception {
        ModelBundle loaded = load(cell);
        List<float[][]> sequences = sequences();
        List<Trace> traces = sequences.stream().map(this::single).toList();
        batchesMatch(sequences, traces);
        for (int t : loaded.manifest().blocks()) {
            blocksMatch(t, sequences, traces);
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldLearnWithEveryCell(String cell) throws Exception {
        ModelBundle loaded = load(cell);
        assertThat(loaded.manifest().training().epochs()).isEqualTo(3);
        // Three epochs take off a nat and more of some eight.
        assertThat(LOSSES.get(cell).get(2)).isLessThan(LOSSES.get(cell).get(0) - 0.3);
    }

    private void batchesMatch(List<float[][]> sequences, List<Trace> traces) {
        int longest = sequences.stream().mapToInt(s -> s.length).max().orElseThrow();
        StepBatch batch = new StepBatch(shape);
        float[][] states = new float[sequences.size()][shape.state()];
        for (int i = 0; i < longest; i++) {
            List<Integer> active = new ArrayList<>();
            for (int s = 0; s < sequences.size(); s++) {
                if (i < sequences.get(s).length) {
                    active.add(s);
                }
            }
            java.util.Collections.shuffle(active, new Random(i));
            batch.resize(active.size());
            for (int row = 0; row < active.size(); row++) {
                System.arraycopy(
                        sequences.get(active.get(row))[i], 0, batch.features, row * shape.features(), shape.features());
                System.arraycopy(states[active.get(row)], 0, batch.state, row * shape.state(), shape.state());
            }
            step.step(batch);
            for (int row = 0; row < active.size(); row++) {
                Trace trace = traces.get(active.get(row));
                same(batch.surprise, row * shape.surprises(), trace.surprise()[i]);
                same(batch.expected, row * shape.parameters(), trace.expected()[i]);
                same(batch.prediction, row * shape.parameters(), trace.prediction()[i]);
                same(batch.state, row * shape.state(), trace.state()[i]);
                states[active.get(row)] =
                        Arrays.copyOfRange(batch.state, row * shape.state(), (row + 1) * shape.state());
            }
        }
    }

    private void blocksMatch(int t, List<float[][]> sequences, List<Trace> traces) {
        int rows = sequences.size();
        float[] state = new float[rows * shape.state()];
        int[] from = new int[rows];
        int[] lengths = new int[rows];
        do {
            float[] features = new float[t * rows * shape.features()];
            for (int s = 0; s < rows; s++) {
                lengths[s] = untilStart(sequences.get(s), from[s], t);
                for (int i = 0; i < t; i++) {
                    // What stands behind an entity's last event must not matter.
                    float[] row = new float[shape.features()];
                    Arrays.fill(row, 1f);
                    if (i < lengths[s]) {
                        row = sequences.get(s)[from[s] + i];
                    }
                    System.arraycopy(row, 0, features, (i * rows + s) * shape.features(), shape.features());
                }
            }
            float[] surprise = new float[t * rows * shape.surprises()];
            float[] expected = new float[t * rows * shape.parameters()];
            float[] prediction = new float[t * rows * shape.parameters()];
            step.block(t, features, lengths, state, surprise, expected, prediction);
            for (int s = 0; s < rows; s++) {
                for (int i = 0; i < lengths[s]; i++) {
                    int slot = i * rows + s;
                    same(surprise, slot * shape.surprises(), traces.get(s).surprise()[from[s] + i]);
                    same(expected, slot * shape.parameters(), traces.get(s).expected()[from[s] + i]);
                    same(prediction, slot * shape.parameters(), traces.get(s).prediction()[from[s] + i]);
                }
                from[s] += lengths[s];
                same(state, s * shape.state(), traces.get(s).state()[from[s] - 1]);
            }
        } while (Arrays.stream(lengths).anyMatch(length -> length > 0));
    }

    @Test
    void shouldComputeTheSameWhereTheBatchIsWiderThanItsRows() throws Exception {
        ModelBundle loaded = load("{kind: rnn, units: 5}");
        List<float[][]> sequences = sequences();
        List<Trace> traces = sequences.stream().map(this::single).toList();
        StepBatch batch = new StepBatch(shape);
        List<Integer> steps = new ArrayList<>(loaded.manifest().blocks());
        steps.add(1);
        for (int t : steps) {
            batch.resize(t, 37);
            assertThat(batch.width()).isGreaterThan(37);
            // What lies behind the rows and behind a row's events must not matter.
            Arrays.fill(batch.features, 1f);
            Arrays.fill(batch.state, Float.NaN);
            for (int row = 0; row < 37; row++) {
                float[][] sequence = sequences.get(row % sequences.size());
                batch.lengths[row] = untilStart(sequence, 0, t);
                for (int i = 0; i < batch.lengths[row]; i++) {
                    System.arraycopy(
                            sequence[i], 0, batch.features, batch.slot(i, row) * shape.features(), shape.features());
                }
                Arrays.fill(batch.state, row * shape.state(), (row + 1) * shape.state(), 0f);
            }
            step.step(batch);
            for (int row = 0; row < 37; row++) {
                Trace trace = traces.get(row % sequences.size());
                for (int i = 0; i < batch.lengths[row]; i++) {
                    same(batch.surprise, batch.slot(i, row) * shape.surprises(), trace.surprise()[i]);
                    same(batch.prediction, batch.slot(i, row) * shape.parameters(), trace.prediction()[i]);
                }
                same(batch.state, row * shape.state(), trace.state()[batch.lengths[row] - 1]);
            }
        }
    }

    /** Events of a block: at most T, all before the next start of a session. */
    private static int untilStart(float[][] rows, int from, int t) {
        int length = 0;
        while (length < t
                && from + length < rows.length
                && (length == 0 || rows[from + length][FeatureLayout.START] == 0)) {
            length++;
        }
        return length;
    }

    @Test
    void shouldRefuseABlockInWhichASessionStarts() throws Exception {
        ModelBundle loaded = load("{kind: rnn, units: 5}");
        assertThat(loaded.manifest().blocks()).contains(4);
        float[] features = new float[4 * 2 * shape.features()];
        // The second entity's third event.
        features[(2 * 2 + 1) * shape.features() + FeatureLayout.START] = 1;
        float[] state = new float[2 * shape.state()];
        float[] surprise = new float[8 * shape.surprises()];
        float[] expected = new float[8 * shape.parameters()];
        assertThatThrownBy(() -> step.block(4, features, new int[] {4, 3}, state, surprise, expected, expected))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("row 1")
                .hasMessageContaining("event 2");
        step.block(4, features, new int[] {4, 2}, state, surprise, expected, expected.clone());
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldMatchTheReferenceNetwork(String cell) throws Exception {
        ModelBundle loaded = load(cell);
        assertThat(cell).contains("kind: " + loaded.manifest().cell());
        ReferenceModel reference = ReferenceModel.of(bundle, TRAINED.get(cell));
        for (float[][] rows : sequences()) {
            Trace trace = single(rows);
            double[] state = reference.initialState();
            for (int i = 0; i < rows.length; i++) {
                double[] surprise = reference.surprise(rows[i], state);
                state = reference.step(rows[i], state);
                for (int f = 0; f < surprise.length; f++) {
                    // float32 against double: surprises reach tens of nats.
                    assertThat((double) trace.surprise()[i][f])
                            .isCloseTo(surprise[f], within(2e-5 * Math.max(1, Math.abs(surprise[f]))));
                }
                if (bundle.spec().cell().attention() > 0) {
                    attentionMatches(bundle.attention(trace.state()[i]), reference.attention(state));
                }
                for (int k = 0; k < state.length; k++) {
                    assertThat((double) trace.state()[i][k])
                            .isCloseTo(state[k], within(ONE_FUNCTION * Math.max(1, Math.abs(state[k]))));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldSayWhatTheReferenceNetworkComputesInside(String cell) throws Exception {
        load(cell);
        ReferenceModel reference = ReferenceModel.of(bundle, TRAINED.get(cell));
        CellView view = bundle.cellView();
        float[][] rows = sequences().get(1);
        Trace trace = single(rows);
        float[] flat = new float[rows.length * shape.features()];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * shape.features(), shape.features());
        }
        List<List<CellView.Step>> members = new ArrayList<>();
        for (int m = 0; m < view.members(); m++) {
            members.add(view.replay(m, new float[shape.state()], flat, rows.length));
            assertThat(members.get(m)).hasSize(rows.length);
        }
        double[] state = reference.initialState();
        for (int i = 0; i < rows.length; i++) {
            Map<String, Map<Integer, Double>> expected = new HashMap<>();
            state = reference.step(
                    rows[i], state, (name, unit, value) -> expected.computeIfAbsent(name, n -> new HashMap<>())
                            .put(unit, value));
            for (int m = 0; m < members.size(); m++) {
                CellView.Step step = members.get(m).get(i);
                assertThat(step.start()).isEqualTo(rows[i][FeatureLayout.START] == 1);
                String prefix = members.size() == 1 ? "" : "member" + m + "/";
                signalsMatch(step.signals(), prefix, expected);
                stateMatches(step.signals(), prefix, trace.state()[i]);
                assertThat(step.attention().isPresent())
                        .isEqualTo(bundle.spec().cell().attention() > 0);
                if (step.attention().isPresent()) {
                    attentionMatches(step.attention().orElseThrow(), reference.attention(state));
                }
            }
        }
    }

    private static void signalsMatch(
            Map<String, float[]> signals, String prefix, Map<String, Map<Integer, Double>> expected) {
        long inner =
                expected.keySet().stream().filter(n -> n.startsWith(prefix)).count();
        assertThat(inner).isPositive();
        expected.forEach((name, values) -> {
            if (name.startsWith(prefix)) {
                float[] got = signals.get(name.substring(prefix.length()));
                assertThat(got).as(name).hasSize(values.size());
                values.forEach((unit, value) -> assertThat((double) got[unit])
                        .as("%s[%d]", name, unit)
                        .isCloseTo(value, within(ONE_FUNCTION * Math.max(1, Math.abs(value)))));
            }
        });
    }

    /** The state that the signals end with is the one that stepping gives. */
    private void stateMatches(Map<String, float[]> signals, String prefix, float[] state) {
        for (Slice slice : bundle.manifest().state()) {
            if (slice.name().startsWith(prefix + "layer")) {
                String[] parts =
                        slice.name().substring((prefix + "layer").length()).split("/", 2);
                float[] got = signals.get((Integer.parseInt(parts[0]) + 1) + "." + parts[1]);
                assertThat(got).as(slice.name()).hasSize(slice.width());
                same(got, 0, Arrays.copyOfRange(state, slice.offset(), slice.end()));
            }
        }
    }

    private static void attentionMatches(float[] weights, double[] expected) {
        assertThat(weights).hasSize(expected.length);
        double sum = 0;
        for (int k = 0; k < expected.length; k++) {
            assertThat((double) weights[k]).isCloseTo(expected[k], within(ONE_FUNCTION));
            sum += weights[k];
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }
}
