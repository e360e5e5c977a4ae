package dev.sequitur.deploy.replay;

import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.UserException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Results in a file: JSON lines, or an Avro object container file where the name ends in {@code .avro}. */
public final class ResultFile<T extends SpecificRecord> implements AutoCloseable {
    private final Path path;
    private final BufferedWriter json;
    private final DataFileWriter<T> avro;

    /** @throws UserException when the file can't be written */
    public ResultFile(Path path, Schema schema) {
        this.path = path;
        String name = path.getFileName().toString();
        try {
            if (name.endsWith(".avro")) {
                json = null;
                avro = new DataFileWriter<T>(new SpecificDatumWriter<>(schema))
                        .setCodec(CodecFactory.deflateCodec(CodecFactory.DEFAULT_DEFLATE_LEVEL))
                        .create(schema, path.toFile());
            } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
                json = Files.newBufferedWriter(path);
                avro = null;
            } else {
                throw new UserException("Results are written as .jsonl or .avro, got " + path);
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    public void write(T record) {
        try {
            if (avro != null) {
                avro.append(record);
            } else {
                json.write(RecordJson.line(record));
                json.newLine();
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    private static UserException unwritable(Path path, IOException e) {
        return new UserException(path + " can't be written: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            if (avro != null) {
                avro.close();
            } else {
                json.close();
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }
}
