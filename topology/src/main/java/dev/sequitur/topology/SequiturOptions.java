package dev.sequitur.topology;

import dev.sequitur.topology.history.History;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.output.ResultFormat;
import dev.sequitur.topology.scoring.LateEvents;
import dev.sequitur.topology.state.StateSettings;
import java.util.Objects;
import java.util.Optional;

/** The meaning of each option stands at its method of {@link SequiturTopologyBuilder}. */
record SequiturOptions(
        Optional<String> input,
        String scores,
        Optional<String> predictions,
        String deadLetters,
        boolean keyed,
        LateEvents late,
        int maxBatchEvents,
        boolean collecting,
        StateSettings states,
        int maxRecordBytes,
        EventFormat events,
        ResultFormat results,
        Optional<History> history) {

    SequiturOptions {
        input.ifPresent(name -> requireTopic("input", name));
        requireTopic("scores", scores);
        predictions.ifPresent(name -> requireTopic("predictions", name));
        requireTopic("deadLetters", deadLetters);
        Objects.requireNonNull(states, "states");
        late.topic().ifPresent(name -> requireTopic("late", name));
        if (maxBatchEvents < 1) {
            throw new IllegalArgumentException("maxBatchEvents must be >= 1, got " + maxBatchEvents);
        }
        if (maxRecordBytes < 1024) {
            throw new IllegalArgumentException("maxRecordBytes must be >= 1024, got " + maxRecordBytes);
        }
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(results, "results");
        Objects.requireNonNull(history, "history");
    }

    private static void requireTopic(String option, String name) {
        if (name == null) {
            throw new IllegalArgumentException(
                    option + " is not set, expected the name of a topic; call " + option + "(topic) before build()");
        }
        if (!name.matches("[a-zA-Z0-9._-]{1,249}") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(option + " must be the name of a topic (1 to 249 letters, digits, '.',"
                    + " '_' or '-'), got '" + name + "'");
        }
    }
}
