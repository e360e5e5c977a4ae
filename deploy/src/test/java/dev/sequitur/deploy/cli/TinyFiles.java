package dev.sequitur.deploy.cli;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** The small pipeline's spec and events as the files that a user would have. */
final class TinyFiles {
    static final String CELL = "{kind: gru, units: 6}";
    static final List<Event> EVENTS = TinyPipeline.events(40, 30, 1);

    private TinyFiles() {}

    static Path spec(Path file, String training) throws IOException {
        return Files.writeString(file, TinyPipeline.yaml(CELL, training));
    }

    static Path spec(Path file) throws IOException {
        return spec(file, TinyPipeline.TRAINING);
    }

    static Path csv(Path file) throws IOException {
        return Files.write(
                file,
                Stream.concat(
                                Stream.of("id,at,letter,level,red,green,direction"),
                                EVENTS.stream().map(TinyFiles::row))
                        .toList());
    }

    private static String row(Event event) {
        boolean[] lights = (boolean[]) event.values()[2];
        Object level = event.values()[1];
        return Stream.of(
                        event.entity(),
                        event.timeMs(),
                        event.values()[0],
                        level == null ? "" : level,
                        lights[0],
                        lights[1],
                        event.values()[3])
                .map(Object::toString)
                .collect(Collectors.joining(","));
    }

    static Path avro(Path file) throws IOException {
        EventSchema schema =
                new EventSchema(PipelineSpecReader.parse(TinyPipeline.yaml(CELL, TinyPipeline.TRAINING), "tiny"));
        try (DataFileWriter<GenericRecord> out = new DataFileWriter<>(new GenericDatumWriter<>(schema.schema()))) {
            out.create(schema.schema(), file.toFile());
            for (Event event : EVENTS) {
                out.append(schema.record(event));
            }
        }
        return file;
    }
}
