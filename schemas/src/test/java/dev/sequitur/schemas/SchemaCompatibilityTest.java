package dev.sequitur.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What was ever written stays readable. The schemas of every released version stand under {@code released/VERSION} of the
 * main resources; a release adds a directory, its version and its fingerprints below, and changes none.
 */
class SchemaCompatibilityTest {
    private static final Path RELEASED = Path.of("src/main/resources/dev/sequitur/schemas/released");

    /** The records that outlive a process: on topics, in state stores, in files. */
    private static final Map<String, Schema> CURRENT = Map.of(
            "EntityState", EntityState.getClassSchema(),
            "Expectation", Expectation.getClassSchema(),
            "HeldEvent", HeldEvent.getClassSchema(),
            "HeldMark", HeldMark.getClassSchema(),
            "NamedArray", NamedArray.getClassSchema(),
            "Prediction", Prediction.getClassSchema(),
            "Score", Score.getClassSchema());

    /** CRC-64-AVRO of the canonical form: what single-object encoding writes before every record. */
    private static final Map<String, String> RELEASED_FINGERPRINTS = Map.of(
            "0.1.0/EntityState", "88134830b2dae053",
            "0.1.0/Expectation", "d7eb29000734b439",
            "0.1.0/NamedArray", "39e4e1e78b853b84",
            "0.1.0/Prediction", "0e5e3be1c13eeef0",
            "0.1.0/Score", "24258f94f213ca89");

    /** Whoever changes a number here changes what is stored: the change log has to say so. */
    private static final Map<String, String> CURRENT_FINGERPRINTS = Map.of(
            "EntityState", "7d22ca0c24663d86",
            "Expectation", "d7eb29000734b439",
            "HeldEvent", "56b64f9a3bf4965c",
            "HeldMark", "d7add7de28de4a14",
            "NamedArray", "39e4e1e78b853b84",
            "Prediction", "0e5e3be1c13eeef0",
            "Score", "7aa89e8503d90432");

    /** A schema as it was released. */
    record Release(String version, String name, Schema schema) {
        @Override
        public String toString() {
            return version + "/" + name;
        }
    }

    static List<Release> releases() throws IOException {
        List<Release> releases = new ArrayList<>();
        try (Stream<Path> files = Files.walk(RELEASED)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString().replace(".avsc", "");
                try (InputStream in = Files.newInputStream(file)) {
                    releases.add(new Release(
                            file.getParent().getFileName().toString(), name, new Schema.Parser().parse(in)));
                }
            }
        }
        return releases;
    }

    private static String fingerprint(Schema schema) {
        return String.format("%016x", SchemaNormalization.parsingFingerprint64(schema));
    }

    @Test
    void shouldKeepReleasedSchemasAsTheyWere() throws IOException {
        Map<String, String> fingerprints = releases().stream()
                .collect(Collectors.toMap(Release::toString, r -> fingerprint(r.schema()), (a, b) -> a, TreeMap::new));

        assertThat(fingerprints).isEqualTo(RELEASED_FINGERPRINTS);
    }

    @Test
    void shouldNotChangeAStoredSchemaSilently() {
        Map<String, String> fingerprints = new TreeMap<>();
        CURRENT.forEach((name, schema) -> fingerprints.put(name, fingerprint(schema)));

        assertThat(fingerprints).isEqualTo(CURRENT_FINGERPRINTS);
    }

    @Test
    void shouldCheckEverySchemaThatThereIs() {
        String[] files = new File("src/main/avro").list();

        assertThat(files)
                .isNotNull()
                .containsExactlyInAnyOrder(
                        CURRENT.keySet().stream().map(name -> name + ".avsc").toArray(String[]::new));
    }

    @Test
    void shouldHandOutTheSchemasOfEveryRelease() throws IOException {
        String[] versions = RELEASED.toFile().list();
        assertThat(versions).isNotNull().containsExactlyInAnyOrderElementsOf(ReleasedSchemas.VERSIONS);
        assertThat(ReleasedSchemas.of(EntityState.class))
                .containsExactlyElementsOf(releases().stream()
                        .filter(release -> release.name().equals("EntityState"))
                        .map(Release::schema)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("releases")
    void shouldReadTheSchemaOfEveryRelease(Release release) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(CURRENT.get(release.name()), release.schema());

        assertThat(result.getType())
                .as("%s", result.getResult().getIncompatibilities())
                .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void shouldDecodeRecordsOfEveryRelease(Release release) throws IOException {
        Schema current = CURRENT.get(release.name());
        SpecificData model = SpecificData.getForSchema(current);
        BinaryMessageDecoder<SpecificRecordBase> decoder = new BinaryMessageDecoder<>(model, current);
        decoder.addSchema(release.schema());
        BinaryMessageEncoder<SpecificRecordBase> encoder = new BinaryMessageEncoder<>(model, current);
        BinaryMessageDecoder<GenericRecord> generic = new BinaryMessageDecoder<>(new GenericData(), current);
        for (Object written : new RandomData(release.schema(), 50, 7L)) {
            ByteBuffer bytes = new BinaryMessageEncoder<>(new GenericData(), release.schema()).encode(written);

            SpecificRecordBase read = decoder.decode(bytes);

            GenericRecord again = generic.decode(encoder.encode(read));
            for (Schema.Field field : release.schema().getFields()) {
                if (current.getField(field.name()) != null) {
                    assertThat(text(again.get(field.name())))
                            .as(field.name())
                            .isEqualTo(text(((GenericRecord) written).get(field.name())));
                }
            }
        }
    }

    /** As JSON, in which a text is the same whatever class holds it. */
    private static String text(Object value) {
        return GenericData.get().toString(value);
    }
}
