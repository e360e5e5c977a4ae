package dev.sequitur.deploy.export;

import blue.strategic.parquet.ParquetWriter;
import de.siegmar.fastcsv.writer.CsvWriter;
import dev.sequitur.deploy.export.ResultTable.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** What results are written as. */
public enum FileFormat {
    /** The records as they are, in an Avro object container file. */
    AVRO {
        @Override
        ResultSink open(Path file, Schema schema, ResultTable table) throws IOException {
            DataFileWriter<SpecificRecord> writer = new DataFileWriter<>(new SpecificDatumWriter<>(schema));
            writer.setCodec(CodecFactory.deflateCodec(CodecFactory.DEFAULT_DEFLATE_LEVEL));
            writer.create(schema, file.toFile());
            return new ResultSink() {
                @Override
                public void write(SpecificRecord result) throws IOException {
                    writer.append(result);
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }
    },
    /** A {@link ResultTable} with a header; nothing where there is no value, times in ISO-8601. */
    CSV {
        @Override
        ResultSink open(Path file, Schema schema, ResultTable table) throws IOException {
            CsvWriter writer = CsvWriter.builder().build(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
            writer.writeRecord(table.columns().stream().map(Column::name).toList());
            return new ResultSink() {
                @Override
                public void write(SpecificRecord result) {
                    for (Object[] row : ResultTable.rows(result)) {
                        String[] texts = new String[row.length];
                        for (int i = 0; i < row.length; i++) {
                            texts[i] = Objects.toString(row[i], null);
                        }
                        writer.writeRecord(texts);
                    }
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }
    },
    /** A {@link ResultTable}. */
    PARQUET {
        @Override
        ResultSink open(Path file, Schema schema, ResultTable table) throws IOException {
            List<Column> columns = table.columns();
            ParquetWriter<Object[]> writer = ParquetWriter.writeFile(
                    new MessageType(
                            schema.getName(),
                            columns.stream().map(FileFormat::parquet).toList()),
                    file.toFile(),
                    (row, values) -> {
                        for (int i = 0; i < row.length; i++) {
                            if (row[i] != null) {
                                values.write(
                                        columns.get(i).name(),
                                        row[i] instanceof Instant time ? (Object) time.toEpochMilli() : row[i]);
                            }
                        }
                    });
            return new ResultSink() {
                @Override
                public void write(SpecificRecord result) throws IOException {
                    for (Object[] row : ResultTable.rows(result)) {
                        writer.write(row);
                    }
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }
    };

    /** Writes a new file. */
    abstract ResultSink open(Path file, Schema schema, ResultTable table) throws IOException;

    private static Type parquet(Column column) {
        return switch (column.type()) {
            case TEXT ->
                Types.optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.name());
            case TIME ->
                Types.optional(PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MILLIS))
                        .named(column.name());
            case WHOLE -> Types.optional(PrimitiveTypeName.INT64).named(column.name());
            case NUMBER -> Types.optional(PrimitiveTypeName.DOUBLE).named(column.name());
            case TRUTH -> Types.optional(PrimitiveTypeName.BOOLEAN).named(column.name());
        };
    }
}
