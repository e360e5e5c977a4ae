package dev.sequitur.model.train;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.schemas.NamedArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * A training between two epochs: weights, optimizer state, the best weights so far, and where it stood. An Avro object
 * container file of {@link NamedArray}s with the rest in its metadata; written beside its place and moved there.
 */
record Checkpoint(State state, List<NamedWeight> weights, List<NamedWeight> slots, List<NamedWeight> best) {
    private static final String STATE = "sequitur.state";
    private static final String CHECKSUM = "sequitur.crc32";
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * @param yaml the spec that is trained
     * @param seed of the network; an ensemble trains several of one spec
     * @param rows a hash of the encoded training rows: the same data
     * @param step training steps so far
     */
    record State(String yaml, long seed, int rows, long step, int bestEpoch, List<EpochReport> history) {}

    void write(Path path) throws IOException {
        String json = JSON.writeValueAsString(state);
        List<NamedArray> arrays = new ArrayList<>();
        weights.forEach(weight -> arrays.add(array("weight:", weight)));
        slots.forEach(slot -> arrays.add(array("slot:", slot)));
        best.forEach(weight -> arrays.add(array("best:", weight)));
        Path part = path.resolveSibling(path.getFileName() + ".part");
        try (DataFileWriter<NamedArray> out = new DataFileWriter<>(new SpecificDatumWriter<>(NamedArray.class))) {
            out.setMeta(STATE, json);
            out.setMeta(CHECKSUM, checksum(json, arrays));
            out.create(NamedArray.getClassSchema(), part.toFile());
            for (NamedArray array : arrays) {
                out.append(array);
            }
        }
        Files.move(part, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** @throws TrainingException when the file is no checkpoint, or a damaged one */
    static Checkpoint read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new TrainingException(
                    "There is no checkpoint at " + path + " to resume from; train without --resume first");
        }
        try (SeekableFileInput file = new SeekableFileInput(path.toFile())) {
            return read(path, file);
        }
    }

    private static Checkpoint read(Path path, SeekableFileInput file) {
        try (DataFileReader<NamedArray> in = new DataFileReader<>(file, new SpecificDatumReader<>(NamedArray.class))) {
            String json = in.getMetaString(STATE);
            if (json == null) {
                throw damaged(path, "it is an Avro file of something else", null);
            }
            List<NamedArray> arrays = new ArrayList<>();
            in.forEach(arrays::add);
            if (!checksum(json, arrays).equals(in.getMetaString(CHECKSUM))) {
                throw damaged(path, "its checksum is wrong", null);
            }
            return new Checkpoint(
                    JSON.readValue(json, State.class),
                    weights("weight:", arrays),
                    weights("slot:", arrays),
                    weights("best:", arrays));
        } catch (TrainingException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Avro meets a file that was cut off with an exception of any kind, a null pointer among them.
            throw damaged(path, e.getMessage(), e);
        }
    }

    private static TrainingException damaged(Path path, String why, Exception cause) {
        return new TrainingException(
                "The checkpoint " + path + " is damaged (" + why + "); remove it and train without --resume", cause);
    }

    /** Over the state and every array: a container file shows by itself neither a changed nor a missing one. */
    private static String checksum(String json, List<NamedArray> arrays) {
        CRC32 crc = new CRC32();
        crc.update(json.getBytes(StandardCharsets.UTF_8));
        for (NamedArray array : arrays) {
            crc.update((array.getName() + array.getShape()).getBytes(StandardCharsets.UTF_8));
            crc.update(array.getValues().duplicate());
        }
        return Long.toHexString(crc.getValue());
    }

    private static List<NamedWeight> weights(String prefix, List<NamedArray> arrays) {
        return arrays.stream()
                .filter(array -> array.getName().startsWith(prefix))
                .map(array -> weight(array, array.getName().substring(prefix.length())))
                .toList();
    }

    private static NamedArray array(String prefix, NamedWeight weight) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * weight.values().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weight.values());
        return new NamedArray(
                prefix + weight.name(),
                Arrays.stream(weight.shape()).asLongStream().boxed().toList(),
                bytes);
    }

    private static NamedWeight weight(NamedArray array, String name) {
        ByteBuffer bytes = array.getValues().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return new NamedWeight(
                name, array.getShape().stream().mapToInt(Math::toIntExact).toArray(), values);
    }
}
