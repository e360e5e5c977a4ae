package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrainingDataTest {
    /** The number of an event stands in its row as it is, so that rows can be told apart. */
    private static final String FIELDS =
            """
            number: {kind: numeric, scaling: none}
            size: {kind: numeric}
            kind: {kind: categorical}
            """;

    private static final int END = -1;

    private final List<Event> events = new ArrayList<>();

    /** The next event, whose number is its index. */
    private int add(String entity, long timeMs, double size, String kind) {
        events.add(Specs.event(entity, timeMs, (double) events.size(), size, kind));
        return events.size() - 1;
    }

    private int add(String entity, long timeMs) {
        return add(entity, timeMs, timeMs, "k");
    }

    private final List<TrainingData> opened = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (TrainingData data : opened) {
            data.close();
        }
    }

    private TrainingData data(String... more) throws IOException {
        return data(Specs.of(FIELDS, more));
    }

    private TrainingData data(PipelineSpec spec) throws IOException {
        TrainingData data = Grouped.data(spec, events);
        opened.add(data);
        return data;
    }

    private static float[] rows(TrainingData data, Segment segment) {
        try {
            return data.rows().read(segment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Numbers of the events of a segment's rows, {@link #END} for an end. */
    private static List<Integer> numbers(TrainingData data, Segment segment, int from, int to) {
        var layout = data.encoder().layout();
        float[] rows = rows(data, segment);
        int number = layout.of(data.spec().field("number")).offset();
        return IntStream.range(from, to)
                .map(i -> i * layout.width())
                .mapToObj(at ->
                        layout.end().isPresent() && rows[at + layout.end().get().offset()] == 1
                                ? END
                                : (int) rows[at + number])
                .toList();
    }

    private static List<Integer> counted(TrainingData data, List<Segment> segments) {
        return segments.stream()
                .flatMap(s -> numbers(data, s, s.from(), s.length()).stream())
                .toList();
    }

    private static List<Integer> warmUp(TrainingData data, Segment segment) {
        return numbers(data, segment, 0, segment.from());
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void shouldKeepWholeEntitiesFromTrainingAndLearning() throws IOException {
        // Ten entities of two events: six train, one validates, three test.
        for (int e = 0; e < 10; e++) {
            String kind = e < 6 ? "train" : e < 7 ? "validation" : "test";
            add("e" + e, e, e < 6 ? e : 1e9, kind);
            add("e" + e, e + 1, e < 6 ? e : -1e12, kind);
        }
        TrainingData data = data("training: {split: {test: 0.3, validation: 0.15}}");

        assertThat(counted(data, data.training())).isEqualTo(range(0, 12));
        assertThat(counted(data, data.validation())).isEqualTo(range(12, 14));
        assertThat(((Vocabulary) data.learned().get("kind")).values()).containsExactly("train");
        Scale size = (Scale) data.learned().get("size");
        // Of 0 to 5, each twice.
        assertThat(size.shift()).isCloseTo(2.5, within(1e-12));
        assertThat(size.scale()).isCloseTo(Math.sqrt(35.0 / 12), within(1e-12));
        assertThat(data.trainingEvents()).isEqualTo(12);
        assertThat(data.validationEvents()).isEqualTo(2);
    }

    @Test
    void shouldKeepLateTimesFromTrainingAndLearning() throws IOException {
        // Times 0 to 19 of two entities: 14 train, 2 validate, 4 test.
        for (int t = 0; t < 20; t++) {
            add(t % 2 == 0 ? "even" : "odd", t, t < 14 ? 1 + t % 2 : 1e9, t < 14 ? "train" : t < 16 ? "val" : "test");
        }
        TrainingData data = data("training: {split: {by: time, test: 0.2, validation: 1/8}}");

        assertThat(counted(data, data.training())).containsExactlyElementsOf(evenThenOdd(0, 14));
        assertThat(counted(data, data.validation())).containsExactly(14, 15);
        assertThat(warmUp(data, data.validation().get(0))).containsExactly(0, 2, 4, 6, 8, 10, 12);
        assertThat(warmUp(data, data.validation().get(1))).containsExactly(1, 3, 5, 7, 9, 11, 13);
        assertThat(((Vocabulary) data.learned().get("kind")).values()).containsExactly("train");
        assertThat(((Scale) data.learned().get("size")).shift()).isCloseTo(1.5, within(1e-12));
    }

    private static List<Integer> evenThenOdd(int from, int to) {
        List<Integer> numbers = new ArrayList<>();
        IntStream.range(from, to).filter(i -> i % 2 == 0).forEach(numbers::add);
        IntStream.range(from, to).filter(i -> i % 2 == 1).forEach(numbers::add);
        return numbers;
    }

    @Test
    void shouldPassOverALateEventOfAnEarlierPart() throws IOException {
        for (int t = 0; t < 16; t++) {
            add("a", t, 1, "train");
        }
        int first = add("a", 16, 2, "validation");
        add("a", 3, 1e9, "late");
        add("a", 17, 2, "validation");
        add("a", 18, 2, "test");
        add("a", 4, 1e9, "late");
        TrainingData data = data("training: {split: {by: time, test: 0.05, validation: 0.1}}");

        assertThat(counted(data, data.training())).isEqualTo(range(0, 16));
        assertThat(counted(data, data.validation())).containsExactly(first);
        assertThat(((Vocabulary) data.learned().get("kind")).values())
                .as("nothing is learned of an event that isn't trained on")
                .containsExactly("train");
        assertThat(((Scale) data.learned().get("size")).shift()).isEqualTo(1);
    }

    @Test
    void shouldCountEveryEventOfALongSequenceOnce() throws IOException {
        // Pieces of 16 windows of 2, each warmed up by two windows.
        for (int t = 0; t < 100; t++) {
            add("long", t);
        }
        add("other", 0);
        TrainingData data = data("training: {window: 2, split: {validation: 0.5}}");

        assertThat(counted(data, data.training())).isEqualTo(range(0, 100));
        assertThat(data.training()).extracting(s -> s.length() - s.from()).containsExactly(32, 32, 32, 4);
        assertThat(data.training())
                .extracting(s -> warmUp(data, s))
                .containsExactly(List.of(), range(28, 32), range(60, 64), range(92, 96));
        assertThat(data.trainingEvents()).isEqualTo(100);
    }

    @Test
    void shouldWarmAValidationUpWithAtMostTheLast256Events() throws IOException {
        for (int t = 0; t < 400; t++) {
            add("a", t);
        }
        TrainingData data = data("training: {split: {by: time, validation: 0.25}}");

        assertThat(data.validation()).hasSize(1);
        assertThat(warmUp(data, data.validation().get(0))).isEqualTo(range(300 - 256, 300));
        assertThat(counted(data, data.validation())).isEqualTo(range(300, 400));
    }

    @Test
    void shouldEndASequenceInThePartOfItsLastEvent() throws IOException {
        add("train", 0);
        add("train", 1);
        add("open", 2);
        add("open", 3);
        add("validation", 4);
        add("open", 10);
        add("test", 11);
        add("open", 12);
        TrainingData data = data("end: last", "training: {split: {by: time, test: 1/4, validation: 1/3}}");

        assertThat(counted(data, data.training())).containsExactly(0, 1, END, 2, 3);
        assertThat(counted(data, data.validation())).containsExactly(5, 4, END);
        assertThat(data.trainingEvents()).isEqualTo(5);
    }

    @Test
    void shouldEndEveryEntityThatIsNotSplit() throws IOException {
        for (int e = 0; e < 4; e++) {
            add("e" + e, 0);
        }
        TrainingData data = data("end: last", "training: {split: {test: 1/4, validation: 1/3}}");

        assertThat(counted(data, data.training())).containsExactly(0, END, 1, END);
        assertThat(counted(data, data.validation())).containsExactly(2, END);
    }

    @Test
    void shouldStartSessionsAfterAGapAndAfterTheLastEvent() throws IOException {
        PipelineSpec spec = Specs.of(
                FIELDS + "gap: {kind: since-previous}\n",
                "session: {gap: 10ms}",
                "end: {field: kind, values: [closed]}",
                "training: {split: {validation: 0.5}}");
        for (String entity : List.of("a", "b")) {
            for (long time : new long[] {0, 5, 16, 17, 18}) {
                events.add(new Event(entity, time, new Object[] {(double) events.size(), 0.0, "k", null}, time == 17));
            }
        }
        TrainingData data = data(spec);

        var layout = data.encoder().layout();
        float[] rows = rows(data, data.training().get(0));
        List<Float> starts = new ArrayList<>();
        List<Float> gaps = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            starts.add(rows[i * layout.width() + layout.start().offset()]);
            gaps.add(rows[i * layout.width() + layout.of(spec.field("gap")).offset() + 1]);
        }
        assertThat(starts).containsExactly(1f, 0f, 1f, 0f, 1f);
        assertThat(gaps).as("has a gap").containsExactly(0f, 1f, 0f, 1f, 0f);
    }

    @Test
    void shouldGiveTheLongestValidationSequencesAsGoldens() throws IOException {
        add("train", 0);
        for (int e = 0; e < 3; e++) {
            for (int t = 0; t <= 3 * e; t++) {
                add("v" + e, t);
            }
        }
        TrainingData data = data("training: {split: {validation: 0.75}}");

        List<float[][]> goldens = data.goldens(2, 5);

        assertThat(goldens).extracting(g -> g.length).containsExactly(5, 4);
        assertThat(goldens.get(0)[0][0]).as("starts afresh").isEqualTo(1);
        assertThat(goldens.get(0)[1]).isEqualTo(row(data, data.validation().get(2), 1));
        assertThat(data.goldens(9, 100)).extracting(g -> g.length).containsExactly(7, 4, 1);
    }

    private static float[] row(TrainingData data, Segment segment, int index) {
        int width = data.encoder().width();
        return Arrays.copyOfRange(rows(data, segment), index * width, (index + 1) * width);
    }

    @Test
    void shouldRefuseAValidationPartOfNothingButPassedOverEvents() throws IOException {
        for (int t = 0; t < 8; t++) {
            add("a", t);
        }
        add("a", 20);
        add("a", 10);
        PipelineSpec spec = Specs.of(FIELDS, "training: {split: {by: time, test: 0.1, validation: 0.1}}");

        assertThatThrownBy(() -> data(spec))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("validation part has no event")
                .hasMessageContaining("training.split.by to entity");
    }
}
