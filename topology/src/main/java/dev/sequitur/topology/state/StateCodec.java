package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Entities' states to and from the bytes of {@link EntityState} in Avro single-object encoding: the bytes that Avro's own
 * writer gives, without its objects. A record of a released version goes through Avro's schema resolution.
 *
 * <p>Threading: belongs to one thread.
 */
final class StateCodec {
    private static final int HEADER = 2 + Long.BYTES;
    /** Index of null in the union. */
    private static final int NO_BASE = 0;

    private static final StatePrecision[] PRECISIONS = StatePrecision.values();

    private final byte[] header;
    private final byte[] model;
    private final int width;
    private final int memoryBytes;
    private final StatePrecision precision;
    private final SingleObjectSerde<EntityState> avro = new SingleObjectSerde<>(EntityState.class);
    private long saturated;

    /**
     * @param model fingerprint of the loaded model
     * @param width S, numbers of a row
     * @param memoryBytes of what the alarms remember
     * @param precision that rows are written in; they are read in the one that the record says
     */
    StateCodec(String model, int width, int memoryBytes, StatePrecision precision) {
        this.header = ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 1)
                .putLong(SchemaNormalization.parsingFingerprint64(EntityState.getClassSchema()))
                .array();
        this.model = model.getBytes(StandardCharsets.UTF_8);
        this.width = width;
        this.memoryBytes = memoryBytes;
        this.precision = precision;
    }

    byte[] encode(Snapshot state) {
        int rowBytes = state.row().length * precision.bytes();
        int remembered = Memory.stored(state.memory());
        EntityClock clock = state.clock();
        int size = HEADER
                + AvroBytes.sizeOfBytes(model.length)
                + AvroBytes.sizeOf(clock.steps())
                + AvroBytes.sizeOf(clock.sessionStartMs())
                + AvroBytes.sizeOf(clock.lastEventMs())
                + AvroBytes.sizeOf(state.lastOffset())
                + AvroBytes.sizeOfBytes(rowBytes)
                + AvroBytes.sizeOfBytes(remembered)
                + AvroBytes.sizeOf(precision.ordinal())
                + AvroBytes.sizeOf(NO_BASE);
        AvroBytes out = AvroBytes.writing(size);
        out.raw().put(header);
        out.writeBytes(model);
        out.writeLong(clock.steps());
        out.writeLong(clock.sessionStartMs());
        out.writeLong(clock.lastEventMs());
        out.writeLong(state.lastOffset());
        out.writeLong(rowBytes);
        if (StateRow.write(state.row(), precision, out.raw())) {
            saturated++;
        }
        out.writeBytes(state.memory(), remembered);
        out.writeLong(precision.ordinal());
        out.writeLong(NO_BASE);
        return out.filled();
    }

    /**
     * @return what is stored
     * @throws OtherModelException when another model wrote it
     * @throws SerializationException when it is no state, or not one of this model
     */
    Snapshot decode(byte[] value) throws OtherModelException {
        byte[] current = isCurrent(value) ? value : resolved(value);
        AvroBytes in = AvroBytes.reading(current, HEADER);
        int modelLength = in.readLength();
        int modelAt = in.skip(modelLength);
        EntityClock clock = new EntityClock(in.readLong(), in.readLong(), in.readLong());
        long lastOffset = in.readLong();
        int rowLength = in.readLength();
        int rowAt = in.skip(rowLength);
        int memoryLength = in.readLength();
        int memoryAt = in.skip(memoryLength);
        StatePrecision written = precision(in.readLong());
        if (in.readLong() != NO_BASE) {
            throw new SerializationException("it has a base, which exactly-once never writes");
        }
        if (in.remaining() > 0) {
            throw new SerializationException("it has " + in.remaining() + " bytes more than a state");
        }
        if (!Arrays.equals(current, modelAt, modelAt + modelLength, model, 0, model.length)) {
            throw new OtherModelException(
                    new String(current, modelAt, modelLength, StandardCharsets.UTF_8), rowLength / written.bytes());
        }
        if (clock.steps() < 1 || rowLength != width * written.bytes()) {
            throw new SerializationException("expected steps >= 1 and a row of " + width * written.bytes()
                    + " bytes, got steps=" + clock.steps() + " and " + rowLength + " bytes");
        }
        if (memoryLength != 0 && memoryLength != memoryBytes) {
            throw new SerializationException(
                    "expected a memory of 0 or " + memoryBytes + " bytes, got " + memoryLength);
        }
        return new Snapshot(
                clock,
                lastOffset,
                StateRow.read(in.raw(), rowAt, rowLength, written),
                Memory.read(in.raw(), memoryAt, memoryLength, memoryBytes));
    }

    private boolean isCurrent(byte[] value) {
        return value.length >= HEADER && Arrays.equals(value, 0, HEADER, header, 0, HEADER);
    }

    /** A record of a released version as the current schema has it. */
    private byte[] resolved(byte[] value) {
        return avro.serializer().serialize("", avro.deserializer().deserialize(EntityStates.STORE, value));
    }

    private static StatePrecision precision(long index) {
        if (index < 0 || index >= PRECISIONS.length) {
            throw new SerializationException("it names precision " + index + ", expected one of 0 to "
                    + (PRECISIONS.length - 1) + "; a newer version may have written it");
        }
        return PRECISIONS[(int) index];
    }

    /** States written since the last call that had a number beyond the precision's range. */
    long takeSaturated() {
        long taken = saturated;
        saturated = 0;
        return taken;
    }
}
