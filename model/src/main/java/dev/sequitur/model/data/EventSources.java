package dev.sequitur.model.data;

import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Opens files of events. */
public final class EventSources {
    private EventSources() {}

    /**
     * Opens a file by its extension: {@code .csv}, {@code .tsv}, {@code .avro}.
     *
     * @param malformed is told of every row that is skipped
     * @throws SpecException when the file lacks a column that the spec reads
     * @throws IOException when the file can't be read as what its extension says
     */
    public static EventSource open(Path file, PipelineSpec spec, MalformedRows malformed) throws IOException {
        String name = file.getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "No data file at '" + file.toAbsolutePath() + "'. Give the path of a .csv, .tsv or .avro file.");
        }
        return switch (extension) {
            case "csv" -> new CsvEventSource(file, ',', spec, malformed);
            case "tsv" -> new CsvEventSource(file, '\t', spec, malformed);
            case "avro" -> new AvroFileEventSource(file, spec, malformed);
            default ->
                throw new IOException("Can't tell the format of '" + file
                        + "': expected the extension .csv, .tsv or .avro. Rename the file, or convert it.");
        };
    }
}
