package dev.sequitur.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.EventSource;
import dev.sequitur.model.data.EventSources;
import dev.sequitur.model.data.MalformedRows;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.Role;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetSpecTest {
    private final PipelineSpec spec = spec();

    private static PipelineSpec spec() {
        try (InputStream in = FleetSpecTest.class.getResourceAsStream("/demo/fleet.yaml")) {
            return PipelineSpecReader.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "fleet.yaml");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void shouldPredictWhatASpeedShouldBringAndAlarmOnIt() {
        assertThat(spec.fields(Role.TARGET).stream().map(FieldSpec::name))
                .containsExactly("mode", "temperature", "battery", "vibration", "current");
        assertThat(spec.task().alarm().on())
                .containsExactlyInAnyOrder("mode", "temperature", "battery", "vibration", "current");
        assertThat(spec.fields(Role.GIVEN).stream().map(FieldSpec::name)).containsExactly("speed");
    }

    @Test
    void shouldReadTheSameEventsFromReadingsAndFromTheirCsv(@TempDir Path dir) throws Exception {
        List<FleetReading> history = new FleetSimulator(1, 3).history(Duration.ofHours(1));
        EventReader reader = new EventReader(spec);
        List<Event> direct = new ArrayList<>();
        for (FleetReading reading : history) {
            direct.add(reader.read(reading));
        }

        Path file = dir.resolve("fleet.csv");
        FleetCsv.write(file, history);
        List<Event> fromFile = new ArrayList<>();
        try (EventSource source = EventSources.open(file, spec, new MalformedRows(0))) {
            for (Event event = source.next(); event != null; event = source.next()) {
                fromFile.add(event);
            }
        }

        assertThat(direct).hasSizeGreaterThan(100);
        assertThat(fromFile).usingRecursiveFieldByFieldElementComparator().isEqualTo(direct);
        assertThat(direct.get(0).entity()).isEqualTo(history.get(0).vehicle());
        assertThat(direct.get(0).timeMs()).isEqualTo(history.get(0).timeMs());
    }
}
