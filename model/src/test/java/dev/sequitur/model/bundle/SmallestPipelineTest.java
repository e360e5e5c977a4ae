package dev.sequitur.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.Specs;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One field, one unit, one lane: where a list of parts has a single one. */
class SmallestPipelineTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    x: {kind: numeric}                                            | rnn
                    x: {kind: numeric, components: 2}                             | gru
                    x: {kind: categorical, embedding: 1}                          | gru
                    x: {kind: flags, flags: [on]}                                 | rnn
                    x: {kind: since-previous, role: [input, target]}              | lstm
                    """)
    void shouldTrainWriteLoadAndScore(String field, String cell) throws IOException {
        String yaml = Specs.yaml(field, "training: {epochs: 1, window: 2, lanes: 1, split: {validation: 0.5}}")
                .replace("{kind: gru, units: 4}", "{kind: " + cell + ", units: 1}");
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            events.add(Specs.event(i % 2 == 0 ? "a" : "b", 1000L * i * i, new Object[] {value(field, i)}));
        }
        Path out = directory.resolve("bundle");
        TrainingProgram.run(
                yaml, events, new TrainingProgram.Origin(List.of("test"), 0), out, false, TrainingListener.SILENT);

        List<Double> surprises = new ArrayList<>();
        try (ModelBundle bundle = ModelBundle.load(out)) {
            Timeline timeline = Timeline.of(bundle.spec(), events, Timeline.Part.ALL);
            new OfflineScoring(bundle.model()).run(timeline, (i, outcome) -> surprises.add(outcome.surprise()));
        }

        assertThat(surprises).hasSize(8).allMatch(Double::isFinite);
    }

    private static Object value(String field, int i) {
        if (field.contains("numeric")) {
            return Math.sin(i);
        } else if (field.contains("categorical")) {
            return i % 3 == 0 ? "fizz" : "buzz";
        }
        return field.contains("flags") ? new boolean[] {i % 3 == 0} : null;
    }
}
