package dev.sequitur.deploy.cli;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
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
        Schema columns = schema().schema();
        return Files.write(
                file,
                Stream.concat(
                                Stream.of(columns.getFields().stream()
                                        .map(Schema.Field::name)
                                        .collect(Collectors.joining(","))),
                                EVENTS.stream().map(schema()::record).map(TinyFiles::row))
                        .toList());
    }

    /** No value of these has a comma or a quote. */
    private static String row(GenericRecord record) {
        return record.getSchema().getFields().stream()
                .map(field -> Objects.toString(record.get(field.pos()), ""))
                .collect(Collectors.joining(","));
    }

    private static EventSchema schema() {
        return new EventSchema(PipelineSpecReader.parse(TinyPipeline.yaml(CELL, TinyPipeline.TRAINING), "tiny"));
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
