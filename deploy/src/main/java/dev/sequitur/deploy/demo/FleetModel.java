package dev.sequitur.deploy.demo;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The fleet's pipeline spec, and what is learned by it. */
final class FleetModel {
    private static final String YAML = yaml();

    static final PipelineSpec SPEC = PipelineSpecReader.parse(YAML, "fleet.yaml");

    private FleetModel() {}

    private static String yaml() {
        try (InputStream in = FleetModel.class.getResourceAsStream("/demo/fleet.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the fleet's spec is packed with this class", e);
        }
    }

    /** Readings as the events of the spec. */
    static List<Event> events(List<FleetReading> readings) {
        EventReader reader = new EventReader(SPEC);
        List<Event> events = new ArrayList<>();
        try {
            for (FleetReading reading : readings) {
                events.add(reader.read(reading));
            }
        } catch (MalformedEventException e) {
            throw new IllegalStateException("the simulation makes events of its own spec", e);
        }
        return events;
    }

    /** @throws dev.sequitur.model.train.TrainingStoppedException when the listener ends it */
    static void train(List<Event> history, Path bundle, TrainingListener listener) throws IOException {
        TrainingProgram.run(
                YAML, history, new TrainingProgram.Origin(List.of("simulated fleet"), 0), bundle, false, listener);
    }
}
