package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.schemas.Binary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final float MARK = 1.2345678e-3f;

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void place() {
        path = directory.resolve("model.checkpoint");
    }

    private static Checkpoint checkpoint() {
        return new Checkpoint(
                new Checkpoint.State(
                        "name: tüst\nentity: id\n",
                        3,
                        -77,
                        1L << 40,
                        2,
                        List.of(
                                new EpochReport(1, 3.25, Double.POSITIVE_INFINITY, 1e-300, 0.5, false),
                                new EpochReport(2, 1.0 / 3, -1.5, 9, 12.25, true))),
                List.of(weight("layer0/kernel", new int[] {2, 3}, 1, -2, 3, Float.MIN_VALUE, -0f, MARK)),
                List.of(
                        weight("adam/layer0.kernel/m", new int[] {2, 3}, 0, 0, 0, 0, 0, Float.MAX_VALUE),
                        weight("adam/beta1-power", new int[0], 0.9f)),
                List.of(weight("layer0/kernel", new int[] {2, 3}, 6, 5, 4, 3, 2, 1)));
    }

    private static NamedWeight weight(String name, int[] shape, float... values) {
        return new NamedWeight(name, shape, values);
    }

    @Test
    void shouldComeBackAsItWas() throws IOException {
        checkpoint().write(path);

        assertThat(Checkpoint.read(path)).usingRecursiveComparison().isEqualTo(checkpoint());
    }

    @Test
    void shouldReplaceTheCheckpointBeforeAndLeaveNothingBesideIt() throws IOException {
        Checkpoint before = checkpoint();
        new Checkpoint(before.state(), before.best(), before.slots(), before.best()).write(path);
        checkpoint().write(path);

        assertThat(Checkpoint.read(path).weights())
                .usingRecursiveComparison()
                .isEqualTo(checkpoint().weights());
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void shouldSayThatThereIsNone() {
        assertThatThrownBy(() -> Checkpoint.read(path))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("without --resume");
        assertThatThrownBy(() -> Checkpoint.read(directory)).isInstanceOf(TrainingException.class);
    }

    private void assertDamaged(String as) {
        assertThatThrownBy(() -> Checkpoint.read(path))
                .as(as)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("is damaged")
                .hasMessageContaining("remove it and train without --resume");
    }

    @Test
    void shouldRefuseAFileThatWasCutOffAnywhere() throws IOException {
        checkpoint().write(path);
        byte[] whole = Files.readAllBytes(path);

        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertDamaged("the first " + length + " of " + whole.length + " bytes");
        }
    }

    @Test
    void shouldRefuseAChangedWeight() throws IOException {
        byte[] mark = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(MARK)
                .array();
        for (int bit = 0; bit < 32; bit++) {
            checkpoint().write(path);
            byte[] bytes = Files.readAllBytes(path);
            bytes[find(bytes, mark) + bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(path, bytes);

            assertDamaged("bit " + bit + " of a weight");
        }
    }

    @Test
    void shouldRefuseAChangedName() throws IOException {
        checkpoint().write(path);
        byte[] bytes = Files.readAllBytes(path);
        bytes[find(bytes, "best:layer0".getBytes(StandardCharsets.UTF_8))] = 'r';
        Files.write(path, bytes);

        assertDamaged("an array of another kind");
    }

    @Test
    void shouldRefuseAChangedState() throws IOException {
        checkpoint().write(path);
        byte[] bytes = Files.readAllBytes(path);
        bytes[find(bytes, "bestEpoch".getBytes(StandardCharsets.UTF_8)) + "bestEpoch\":".length()] = '1';
        Files.write(path, bytes);

        assertDamaged("another best epoch");
    }

    private static int find(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("the file doesn't have these bytes");
    }

    @Test
    void shouldRefuseAFileOfSomethingElse() throws IOException {
        Files.writeString(path, "name: helpdesk\nentity: CaseID\n");
        assertDamaged("a text");

        try (var out = new DataFileWriter<>(new SpecificDatumWriter<>(Binary.class))) {
            out.create(Binary.getClassSchema(), path.toFile()).append(new Binary(0.5));
        }
        assertDamaged("an Avro file of other records");
    }
}
