package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.Codec;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroFileEventSourceTest {
    private static final PipelineSpec SPEC = PipelineSpecReader.parse(
            """
            name: test
            entity: id
            time: ts
            cell: {kind: rnn}
            fields: {n: {kind: numeric}}
            """,
            "test");
    private static final Schema SCHEMA = SchemaBuilder.record("Reading")
            .fields()
            .requiredString("id")
            .requiredLong("ts")
            .requiredDouble("n")
            .endRecord();
    private static final int PER_BLOCK = 10;

    private final MalformedRows malformed = new MalformedRows(100);
    /** Where each block of the file last written starts, and the end of the file. */
    private final List<Integer> blocks = new ArrayList<>();

    @TempDir
    private Path directory;

    private static GenericRecord reading(int number) {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("id", "pump-" + number);
        record.put("ts", 1_000_000_000_000L + number);
        record.put("n", number == 13 ? Double.NaN : number);
        return record;
    }

    /** Records 0…29 in three blocks of ten. */
    private Path write(CodecFactory codec) throws IOException {
        Path file = directory.resolve("f.avro");
        try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer.setCodec(codec).create(SCHEMA, file.toFile());
            for (int i = 0; i < 3 * PER_BLOCK; i++) {
                if (i % PER_BLOCK == 0) {
                    blocks.add((int) writer.sync());
                }
                writer.append(reading(i));
            }
            blocks.add((int) writer.sync());
        }
        assertThat(Files.size(file)).isEqualTo(blocks.get(3).longValue());
        return file;
    }

    private static Path damage(Path file, int from, int to) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, from, to, (byte) 0xff);
        return Files.write(file, bytes);
    }

    /** The number of every event. */
    private List<Integer> read(Path file) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        try (EventSource source = EventSources.open(file, SPEC, malformed)) {
            for (Event event = source.next(); event != null; event = source.next()) {
                assertThat(event.timeMs()).isEqualTo(1_000_000_000_000L + ((Double) event.values()[0]).intValue());
                numbers.add(((Double) event.values()[0]).intValue());
            }
            assertThat(source.next()).isNull();
            assertThat(source.progress()).isEqualTo(1);
        }
        return numbers;
    }

    private static List<Integer> numbers(int... fromTo) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < fromTo.length; i += 2) {
            IntStream.range(fromTo[i], fromTo[i + 1]).forEach(numbers::add);
        }
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "deflate", "bzip2"})
    void shouldReadRecordsInTheirOrderAndReportMalformedOnes(String codec) throws IOException {
        assertThat(read(write(CodecFactory.fromString(codec)))).isEqualTo(numbers(0, 13, 14, 30));
        assertThat(malformed.count()).isEqualTo(1);
        assertThat(malformed.report())
                .contains("f.avro: record 14: field n (column n): expected a finite number, got 'NaN'.");
    }

    @Test
    void shouldSkipADamagedBlockAndGoOnAtTheNext() throws IOException {
        Path file = write(CodecFactory.deflateCodec(6));
        damage(file, blocks.get(1) + 5, blocks.get(1) + 30);

        assertThat(read(file)).isEqualTo(numbers(0, 10, 20, 30));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.report())
                .contains("f.avro: record 10: the block at byte " + blocks.get(1) + " is damaged: ");
    }

    @Test
    void shouldKeepTheRecordsBeforeTheDamageInABlock() throws IOException {
        Path file = write(CodecFactory.nullCodec());
        // The length of the id of a record in the middle of the last block becomes absurd.
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        int id = bytes.indexOf("pump-25");
        damage(file, id - 1, id + 4);

        assertThat(read(file)).isEqualTo(numbers(0, 13, 14, 25));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.report()).contains("f.avro: record 26: the block at byte " + blocks.get(2));
    }

    @Test
    void shouldSkipABlockWhoseLengthIsDamaged() throws IOException {
        Path file = write(CodecFactory.nullCodec());
        byte[] bytes = Files.readAllBytes(file);
        // Ten records, and about two gigabytes: more than could be allocated.
        System.arraycopy(
                new byte[] {20, (byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f}, 0, bytes, blocks.get(0), 6);
        Files.write(file, bytes);

        assertThat(read(file)).isEqualTo(numbers(10, 13, 14, 30));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.report())
                .contains("block at byte " + blocks.get(0) + " is damaged: it is longer than the rest");
    }

    @Test
    void shouldSkipABlockWhoseMarkIsDamaged() throws IOException {
        Path file = write(CodecFactory.nullCodec());
        damage(file, blocks.get(1) - 4, blocks.get(1));

        // Without its mark the first block's end is lost, and with it the second block.
        assertThat(read(file)).isEqualTo(numbers(20, 30));
        assertThat(malformed.count()).isEqualTo(1);
    }

    @Test
    void shouldReportABlockThatHoldsMoreThanItsRecordsAndReadTheNext() throws IOException {
        Path file = write(CodecFactory.nullCodec());
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes[blocks.get(0)]).isEqualTo((byte) 20);
        bytes[blocks.get(0)] = 18;
        bytes[blocks.get(2)] = 18;
        Files.write(file, bytes);

        assertThat(read(file)).isEqualTo(numbers(0, 9, 10, 13, 14, 29));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(2);
        assertThat(malformed.report()).contains("the one before it holds more bytes than its records");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 60})
    void shouldReportAFileThatIsCutOff(int bytesLost) throws IOException {
        Path file = write(CodecFactory.nullCodec());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - bytesLost));

        assertThat(read(file)).isEqualTo(numbers(0, 13, 14, 20));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.report())
                .contains("block at byte " + blocks.get(2) + " is damaged: it is longer than the rest");
    }

    @Test
    void shouldReportAFileThatIsCutOffInABlocksFirstBytes() throws IOException {
        Path file = write(CodecFactory.nullCodec());
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), blocks.get(2) + 1));

        assertThat(read(file)).isEqualTo(numbers(0, 13, 14, 20));
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
    }

    @Test
    void shouldReadAnEmptyFile() throws IOException {
        Path file = directory.resolve("f.avro");
        try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer.create(SCHEMA, file.toFile());
        }

        assertThat(read(file)).isEmpty();
        assertThat(malformed.count()).isZero();
    }

    /** Writes plain blocks under the name of a codec whose library this module hasn't. */
    private static final class ZstandardInName extends CodecFactory {
        @Override
        protected Codec createInstance() {
            return new Codec() {
                @Override
                public String getName() {
                    return "zstandard";
                }

                @Override
                public ByteBuffer compress(ByteBuffer data) {
                    return data;
                }

                @Override
                public ByteBuffer decompress(ByteBuffer data) {
                    return data;
                }

                @Override
                public boolean equals(Object other) {
                    return this == other;
                }

                @Override
                public int hashCode() {
                    return 0;
                }
            };
        }
    }

    @Test
    void shouldSayThatTheLibraryOfACodecIsNotThere() throws IOException {
        Path file = write(new ZstandardInName());

        try (EventSource source = EventSources.open(file, SPEC, malformed)) {
            assertThatThrownBy(source::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the library of the codec 'zstandard' is not on the class path");
        }
    }

    @Test
    void shouldNameTheColumnsThatTheSchemaLacks() throws IOException {
        PipelineSpec other = PipelineSpecReader.parse(
                "name: test\nentity: id\ntime: when\ncell: {kind: rnn}\nfields: {n: {kind: numeric, column: a.b}}",
                "test");
        Path file = write(CodecFactory.nullCodec());

        assertThatThrownBy(() -> EventSources.open(file, other, malformed))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining(
                        "the record Reading lacks what the spec 'test' reads: expected when, a.b, got only id, ts, n.");
    }

    @Test
    void shouldSayWhatIsNoAvroFileOfRecords() throws IOException {
        Path text = Files.writeString(directory.resolve("text.avro"), "id,ts,n\n");
        Path strings = directory.resolve("strings.avro");
        Schema schema = Schema.create(Schema.Type.STRING);
        try (DataFileWriter<String> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
            writer.create(schema, strings.toFile());
        }

        assertThatThrownBy(() -> EventSources.open(text, SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected an Avro object container file");
        assertThatThrownBy(() -> EventSources.open(strings, SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected records, got values of the type STRING");
    }
}
