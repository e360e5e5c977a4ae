package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.topology.output.AvroBytes;
import dev.sequitur.topology.output.SingleObjectSerde;
import dev.sequitur.topology.state.Stored.Base;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Entities' states to and from the bytes of {@link EntityState} in Avro single-object encoding: the bytes that Avro's own
 * writer gives, without its objects. A record of a released version goes through Avro's schema resolution.
 *
 * <p>Threading: writing belongs to one thread; any may read.
 */
final class StateCodec {
    private static final byte[] HEADER = SingleObjectSerde.header(EntityState.getClassSchema());
    /** Index of null in the union. */
    private static final int NO_BASE = 0;

    private static final int A_BASE = 1;

    private static final StatePrecision[] PRECISIONS = StatePrecision.values();

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
        this.model = model.getBytes(StandardCharsets.UTF_8);
        this.width = width;
        this.memoryBytes = memoryBytes;
        this.precision = precision;
    }

    byte[] encode(Snapshot state, Optional<Base> base) {
        int size = HEADER.length
                + AvroBytes.sizeOfBytes(model.length)
                + sizeOf(state)
                + AvroBytes.sizeOf(precision.ordinal())
                + AvroBytes.sizeOf(NO_BASE)
                + base.map(this::sizeOf).orElse(0);
        AvroBytes out = AvroBytes.writing(size);
        out.raw().put(HEADER);
        out.writeBytes(model);
        write(state, out);
        out.writeLong(precision.ordinal());
        if (base.isEmpty()) {
            out.writeLong(NO_BASE);
        } else {
            out.writeLong(A_BASE);
            write(base.get().state(), out);
            out.writeLong(base.get().firstOffset());
            out.writeLong(base.get().reachedOffset());
        }
        return out.filled();
    }

    private int sizeOf(Snapshot state) {
        EntityClock clock = state.clock();
        return AvroBytes.sizeOf(clock.steps())
                + AvroBytes.sizeOf(clock.sessionStartMs())
                + AvroBytes.sizeOf(clock.lastEventMs())
                + AvroBytes.sizeOf(state.lastOffset())
                + AvroBytes.sizeOfBytes(rowBytes(clock, precision))
                + AvroBytes.sizeOfBytes(Memory.stored(state.memory()));
    }

    private int sizeOf(Base base) {
        return sizeOf(base.state()) + AvroBytes.sizeOf(base.firstOffset()) + AvroBytes.sizeOf(base.reachedOffset());
    }

    /** Where no sequence is under way there is no row. */
    private int rowBytes(EntityClock clock, StatePrecision written) {
        return clock.steps() == 0 ? 0 : width * written.bytes();
    }

    private void write(Snapshot state, AvroBytes out) {
        EntityClock clock = state.clock();
        out.writeLong(clock.steps());
        out.writeLong(clock.sessionStartMs());
        out.writeLong(clock.lastEventMs());
        out.writeLong(state.lastOffset());
        out.writeLong(rowBytes(clock, precision));
        if (clock.steps() > 0 && StateRow.write(state.row(), precision, out.raw())) {
            saturated++;
        }
        out.writeBytes(state.memory(), Memory.stored(state.memory()));
    }

    /** Where an entity's numbers stand in a record, of which the row can't be read before the precision is known. */
    private record Place(EntityClock clock, long lastOffset, int rowAt, int rowBytes, int memoryAt, int memoryBytes) {
        static Place read(AvroBytes in) {
            EntityClock clock = new EntityClock(in.readLong(), in.readLong(), in.readLong());
            long lastOffset = in.readLong();
            int rowBytes = in.readLength();
            int rowAt = in.skip(rowBytes);
            int memoryBytes = in.readLength();
            return new Place(clock, lastOffset, rowAt, rowBytes, in.skip(memoryBytes), memoryBytes);
        }
    }

    /**
     * @param keyBytes of the entity's key
     * @return what is stored
     * @throws OtherModelException when another model wrote it
     * @throws SerializationException when it is no state, or not one of this model
     */
    Stored decode(byte[] value, int keyBytes) throws OtherModelException {
        byte[] current = isCurrent(value) ? value : resolved(value);
        AvroBytes in = AvroBytes.reading(current, HEADER.length);
        int modelLength = in.readLength();
        int modelAt = in.skip(modelLength);
        Place newest = Place.read(in);
        StatePrecision written = precision(in.readLong());
        long branch = in.readLong();
        Place base = null;
        long firstOffset = -1;
        long reachedOffset = -1;
        if (branch == A_BASE) {
            base = Place.read(in);
            firstOffset = in.readLong();
            reachedOffset = in.readLong();
        } else if (branch != NO_BASE) {
            throw new SerializationException("it names branch " + branch + " of its base, expected 0 or 1");
        }
        if (in.remaining() > 0) {
            throw new SerializationException("it has " + in.remaining() + " bytes more than a state");
        }
        if (!Arrays.equals(current, modelAt, modelAt + modelLength, model, 0, model.length)) {
            throw new OtherModelException(
                    new String(current, modelAt, modelLength, StandardCharsets.UTF_8),
                    newest.rowBytes() / written.bytes(),
                    keyBytes + value.length);
        }
        if (newest.clock().steps() == 0 && base == null) {
            throw new SerializationException("expected steps >= 1 where there is no base, got 0");
        }
        Snapshot state = snapshot(newest, written, in);
        return new Stored(
                state,
                base == null
                        ? Optional.empty()
                        : Optional.of(new Base(snapshot(base, written, in), firstOffset, reachedOffset)),
                keyBytes + value.length);
    }

    /**
     * What a sweep needs of a record, without its row.
     *
     * @param steps 0 where no sequence is under way
     */
    record Glance(long steps, long lastEventMs, long lastOffset) {}

    /** The beginning of a record, whatever model wrote it. */
    Glance glance(byte[] value) {
        AvroBytes in = AvroBytes.reading(isCurrent(value) ? value : resolved(value), HEADER.length);
        in.skip(in.readLength());
        long steps = in.readLong();
        in.readLong();
        return new Glance(steps, in.readLong(), in.readLong());
    }

    private Snapshot snapshot(Place place, StatePrecision written, AvroBytes in) {
        long steps = place.clock().steps();
        int expected = rowBytes(place.clock(), written);
        if (steps < 0 || place.rowBytes() != expected) {
            throw new SerializationException("expected steps >= 0 and a row of " + expected + " bytes, got steps="
                    + steps + " and " + place.rowBytes() + " bytes");
        }
        if (place.memoryBytes() != 0 && place.memoryBytes() != memoryBytes) {
            throw new SerializationException(
                    "expected a memory of 0 or " + memoryBytes + " bytes, got " + place.memoryBytes());
        }
        return new Snapshot(
                place.clock(),
                place.lastOffset(),
                steps == 0 ? new float[width] : StateRow.read(in.raw(), place.rowAt(), place.rowBytes(), written),
                Memory.read(in.raw(), place.memoryAt(), place.memoryBytes(), memoryBytes));
    }

    private boolean isCurrent(byte[] value) {
        return value.length >= HEADER.length && Arrays.equals(value, 0, HEADER.length, HEADER, 0, HEADER.length);
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
