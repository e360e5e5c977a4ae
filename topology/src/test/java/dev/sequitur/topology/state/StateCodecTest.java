package dev.sequitur.topology.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityBase;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.topology.output.SingleObjectSerde;
import dev.sequitur.topology.state.Stored.Base;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bytes of a stored state, against Avro's own writer and reader. */
class StateCodecTest {
    private static final int WIDTH = 5;
    private static final int MEMORY = 6;
    private static final String MODEL = "módel-1";

    private final SingleObjectSerde<EntityState> avro = new SingleObjectSerde<>(EntityState.class);

    private static StateCodec codec(StatePrecision precision) {
        return new StateCodec(MODEL, WIDTH, MEMORY, precision);
    }

    /** Numbers of every length that a varint has. */
    private static long number(Random random) {
        return random.nextLong() >> random.nextInt(64);
    }

    private static Snapshot random(Random random) {
        float[] row = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            row[i] = (float) random.nextGaussian();
        }
        byte[] memory = new byte[MEMORY];
        if (random.nextBoolean()) {
            random.nextBytes(memory);
        }
        long steps = Math.max(1, number(random) & Long.MAX_VALUE);
        return new Snapshot(
                new EntityClock(steps, number(random), number(random)),
                number(random),
                row,
                ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static ByteBuffer row(Snapshot state, StatePrecision precision) {
        ByteBuffer row = ByteBuffer.allocate(WIDTH * precision.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : state.row()) {
            if (precision == StatePrecision.FLOAT32) {
                row.putFloat(value);
            } else {
                row.putShort((short) precision.bits(value));
            }
        }
        return row.flip();
    }

    private static ByteBuffer memory(Snapshot state) {
        boolean remembers = !Arrays.equals(state.memory().array(), new byte[MEMORY]);
        return ByteBuffer.wrap(remembers ? state.memory().array() : new byte[0]);
    }

    private static Optional<Base> randomBase(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(new Base(Snapshot.none(WIDTH, MEMORY), number(random), number(random)));
            default -> Optional.of(new Base(random(random), number(random), number(random)));
        };
    }

    private static EntityBase record(Base base, StatePrecision precision) {
        Snapshot state = base.state();
        return new EntityBase(
                state.clock().steps(),
                state.clock().sessionStartMs(),
                state.clock().lastEventMs(),
                state.lastOffset(),
                state.clock().steps() == 0 ? ByteBuffer.allocate(0) : row(state, precision),
                memory(state),
                base.firstOffset(),
                base.reachedOffset());
    }

    private static EntityState record(Snapshot state, Optional<Base> base, StatePrecision precision) {
        return new EntityState(
                MODEL,
                state.clock().steps(),
                state.clock().sessionStartMs(),
                state.clock().lastEventMs(),
                state.lastOffset(),
                row(state, precision),
                memory(state),
                RowPrecision.valueOf(precision.name()),
                base.map(b -> record(b, precision)).orElse(null));
    }

    @ParameterizedTest
    @EnumSource(StatePrecision.class)
    void shouldWriteTheBytesThatAvroWrites(StatePrecision precision) {
        Random random = new Random(5);
        StateCodec codec = codec(precision);
        for (int i = 0; i < 500; i++) {
            Snapshot state = random(random);
            Optional<Base> base = randomBase(random);
            assertThat(codec.encode(state, base))
                    .isEqualTo(avro.serializer().serialize("t", record(state, base, precision)));
        }
    }

    @ParameterizedTest
    @EnumSource(StatePrecision.class)
    void shouldReadTheBytesThatAvroWrites(StatePrecision precision) throws Exception {
        Random random = new Random(6);
        // Whatever the codec itself would write: the record says how its numbers are written.
        StateCodec codec = codec(StatePrecision.FLOAT32);
        for (int i = 0; i < 500; i++) {
            Snapshot state = random(random);
            Optional<Base> base = randomBase(random);
            byte[] bytes = avro.serializer().serialize("t", record(state, base, precision));

            Stored stored = codec.decode(bytes, 7);

            same(stored.newest(), state, precision);
            assertThat(stored.bytes()).isEqualTo(7 + bytes.length);
            assertThat(stored.base().isPresent()).isEqualTo(base.isPresent());
            if (base.isPresent()) {
                same(stored.base().get().state(), base.get().state(), precision);
                assertThat(stored.base().get().firstOffset())
                        .isEqualTo(base.get().firstOffset());
                assertThat(stored.base().get().reachedOffset())
                        .isEqualTo(base.get().reachedOffset());
            }
            assertThat(codec.glance(bytes))
                    .isEqualTo(new StateCodec.Glance(
                            state.clock().steps(), state.clock().lastEventMs(), state.lastOffset()));
        }
    }

    private static void same(Snapshot read, Snapshot state, StatePrecision precision) {
        assertThat(read.clock()).isEqualTo(state.clock());
        assertThat(read.lastOffset()).isEqualTo(state.lastOffset());
        assertThat(read.memory().array()).isEqualTo(state.memory().array());
        assertThat(read.memory().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        float[] expected = new float[WIDTH];
        for (int f = 0; f < WIDTH; f++) {
            expected[f] = precision.rounded(state.row()[f]);
        }
        assertThat(read.row()).containsExactly(expected);
    }

    @Test
    void shouldNamePrecisionsInTheOrderOfTheSchema() {
        assertThat(Stream.of(StatePrecision.values()).map(Enum::name))
                .containsExactly(
                        Stream.of(RowPrecision.values()).map(Enum::name).toArray(String[]::new));
    }

    @Test
    void shouldReadAStateThatVersion010Stored() throws Exception {
        byte[] stored = fixture("EntityState-0.1.0.hex");

        // As its generator says: model "summing-1", 3 steps, row [3, -1.5].
        Snapshot read = new StateCodec("summing-1", 2, MEMORY, StatePrecision.BFLOAT16)
                .decode(stored, 0)
                .newest();

        assertThat(read.clock()).isEqualTo(new EntityClock(3, 1_704_067_200_000L, 1_704_067_260_000L));
        assertThat(read.lastOffset()).isEqualTo(41);
        assertThat(read.row()).containsExactly(3, -1.5f);
        assertThat(read.memory().array()).isEqualTo(new byte[MEMORY]);
    }

    @Test
    void shouldNameTheModelAndTheWidthOfAnothersState() {
        EntityState state = record(random(new Random(1)), Optional.empty(), StatePrecision.BFLOAT16);
        state.setModel("m2");
        byte[] stored = avro.serializer().serialize("t", state);

        assertThatThrownBy(() -> codec(StatePrecision.FLOAT32).decode(stored, 0))
                .isInstanceOfSatisfying(OtherModelException.class, e -> {
                    assertThat(e.model()).isEqualTo("m2");
                    assertThat(e.floats()).isEqualTo(WIDTH);
                });
    }

    @Test
    void shouldRefuseBytesThatWereCutOrGotLonger() {
        byte[] whole = codec(StatePrecision.FLOAT32).encode(random(new Random(2)), Optional.empty());
        for (int length = 0; length <= whole.length + 3; length++) {
            if (length != whole.length) {
                byte[] damaged = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> codec(StatePrecision.FLOAT32).decode(damaged, 0))
                        .as("%d of %d bytes", length, whole.length)
                        .isInstanceOf(SerializationException.class);
            }
        }
    }

    @Test
    void shouldNeverFailOtherwiseOnDamagedBytes() {
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = codec(StatePrecision.FLOAT32).encode(random(random), randomBase(random));
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                codec(StatePrecision.FLOAT32).decode(damaged, 0);
            } catch (SerializationException | OtherModelException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 2999);
    }

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = StateCodecTest.class.getResourceAsStream(name)) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).strip());
        }
    }
}
