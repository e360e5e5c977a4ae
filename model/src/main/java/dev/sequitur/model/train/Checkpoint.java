package dev.sequitur.model.train;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.schemas.NamedArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * A training between two epochs: weights, optimizer state, the best weights so far, and where it stood. An Avro object
 * container file of {@link NamedArray}s with the rest in its metadata; written beside its place and moved there.
 */
record Checkpoint(State state, List<NamedWeight> weights, List<NamedWeight> slots, List<NamedWeight> best) {
    private static final String STATE = "sequitur.state";
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * @param yaml the spec that is trained
     * @param rows a hash of the encoded training rows: the same data
     * @param step training steps so far
     */
    record State(String yaml, int rows, long step, int bestEpoch, List<EpochReport> history) {}

    void write(Path path) throws IOException {
        Path part = path.resolveSibling(path.getFileName() + ".part");
        try (DataFileWriter<NamedArray> out = new DataFileWriter<>(new SpecificDatumWriter<>(NamedArray.class))) {
            out.setMeta(STATE, JSON.writeValueAsString(state));
            out.create(NamedArray.getClassSchema(), part.toFile());
            for (NamedWeight weight : weights) {
                out.append(array("weight:", weight));
            }
            for (NamedWeight slot : slots) {
                out.append(array("slot:", slot));
            }
            for (NamedWeight weight : best) {
                out.append(array("best:", weight));
            }
        }
        Files.move(part, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** @throws TrainingException when the file is no checkpoint */
    static Checkpoint read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new TrainingException(
                    "There is no checkpoint at " + path + " to resume from; train without --resume first");
        }
        try (DataFileReader<NamedArray> in =
                new DataFileReader<>(path.toFile(), new SpecificDatumReader<>(NamedArray.class))) {
            State state = JSON.readValue(in.getMetaString(STATE), State.class);
            List<NamedWeight> weights = new ArrayList<>();
            List<NamedWeight> slots = new ArrayList<>();
            List<NamedWeight> best = new ArrayList<>();
            for (NamedArray array : in) {
                int colon = array.getName().indexOf(':');
                NamedWeight weight = weight(array, array.getName().substring(colon + 1));
                switch (array.getName().substring(0, colon)) {
                    case "weight" -> weights.add(weight);
                    case "slot" -> slots.add(weight);
                    default -> best.add(weight);
                }
            }
            return new Checkpoint(state, weights, slots, best);
        } catch (JacksonException | org.apache.avro.AvroRuntimeException e) {
            throw new TrainingException("The checkpoint " + path + " is damaged (" + e.getMessage()
                    + "); remove it and train without --resume");
        }
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
