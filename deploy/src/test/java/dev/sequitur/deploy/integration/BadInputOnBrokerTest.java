package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bad input on a real broker, whose size limits and those of all clients are Kafka's own: it goes to the dead letters or
 * is scored, it is counted, the entity's next event is scored as if it had not come, and the stream goes on.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BadInputOnBrokerTest {
    /** What a producer's max.request.size and a topic's max.message.bytes leave for a record of one entity. */
    private static final int MEGABYTE = 1_048_000;
    /** Leaves room for an event, but not for its score. */
    private static final int HEADERS = 1_048_576 - 500;

    @TempDir
    static Path dir;

    private static EmbeddedBroker broker;
    private static LocalApplication application;
    private static EventBytes bytes;

    @BeforeAll
    static void start() throws Exception {
        TinyPipeline.train("{kind: lstm, units: 6}", dir.resolve("bundle"));
        broker = EmbeddedBroker.start();
        application = LocalApplication.start(broker, dir.resolve("bundle"), dir.resolve("state"), "bad", Map.of());
        bytes = new EventBytes(application.bundle().spec());
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    /** What comes between two events of an entity. */
    private enum Case {
        UNDECODABLE(e -> Input.bad("undecodable", key(e), new byte[] {1, 2, 3})),
        EMPTY(e -> Input.bad("undecodable", key(e), new byte[0])),
        CUT_SHORT(e -> Input.bad("undecodable", key(e), cut(bytes.of(e)))),
        CLAIMS_TWO_GIGABYTES(e -> Input.bad("undecodable", key(e), withDamagedLength(e))),
        ANOTHER_SCHEMA(e -> Input.bad("unknown-schema", key(e), Traffic.unknownSchema())),
        WITHOUT_A_FIELD(e -> Input.bad("missing-field", key(e), bytes.of(Traffic.letter(e, "")))),
        NOT_A_NUMBER(e -> Input.bad("not-finite", key(e), bytes.of(Traffic.level(e, Double.NaN)))),
        INFINITE(e -> Input.bad("not-finite", key(e), bytes.of(Traffic.level(e, Double.POSITIVE_INFINITY)))),
        MINUS_INFINITE(e -> Input.bad("not-finite", key(e), bytes.of(Traffic.level(e, Double.NEGATIVE_INFINITY)))),
        WITHOUT_A_KEY(e -> Input.bad("null-key", null, bytes.of(e))),
        WITH_AN_EMPTY_KEY(e -> Input.bad("null-key", new byte[0], bytes.of(e))),
        WITH_A_KEY_THAT_IS_NO_TEXT(e -> Input.bad("undecodable", new byte[] {(byte) 0xFF}, bytes.of(e))),
        WITH_ANOTHER_ENTITYS_KEY(e -> Input.bad("key-mismatch", Input.utf8("somebody"), bytes.of(e))),
        END_OF_NOBODY(e -> Input.end("nobody")),
        AT_TIME_ZERO(e -> Input.bad("time-out-of-range", key(e), bytes.of(Traffic.at(e, 0)))),
        IN_THE_FAR_PAST(e -> Input.bad("time-out-of-range", key(e), bytes.of(Traffic.at(e, Long.MIN_VALUE)))),
        IN_THE_FAR_FUTURE(e -> Input.bad("time-out-of-range", key(e), bytes.of(Traffic.at(e, Long.MAX_VALUE)))),
        DAYS_AHEAD(e -> Input.bad("time-out-of-range", key(e), bytes.of(Traffic.at(e, inHours(72))))),
        A_MEGABYTE_OF_GARBAGE(e -> Input.bad("undecodable", key(e), garbage(MEGABYTE))),
        A_MEGABYTE_OF_KEY(e -> Input.bad("too-large", letters(MEGABYTE - 200), bytes.of(e))),
        A_MEGABYTE_OF_HEADERS(
                e -> Input.bad("undecodable", key(e), new byte[] {1}).withHeaders(largeHeader())),
        MANY_SMALL_HEADERS(e -> Input.bad("undecodable", key(e), new byte[] {1}).withHeaders(manyHeaders()));

        private final Function<Event, Input> between;

        Case(Function<Event, Input> between) {
            this.between = between;
        }
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void shouldDeadLetterTheBadRecordAndScoreTheNextEventAsIfItHadNotCome(Case bad) throws Exception {
        List<Event> events = eventsOf("dead-" + bad, 3);
        application.input().send(bytes.input(events.get(0)));
        application.input().send(bad.between.apply(events.get(1)));
        application.input().send(bytes.input(events.get(2)));
        assertEverythingAccountedFor();
    }

    /** Unusual, but an event: it is scored, and steps its entity. */
    private enum Odd {
        AN_UNKNOWN_CATEGORY(e -> bytes.input(Traffic.letter(e, "never seen"))),
        A_CATEGORY_OF_A_MEGABYTE(e -> bytes.input(Traffic.letter(e, "x".repeat(MEGABYTE - 200)))),
        WITHOUT_AN_OPTIONAL_FIELD(e -> bytes.input(Traffic.level(e, null))),
        A_VALUE_AT_THE_END_OF_DOUBLE(e -> bytes.input(Traffic.level(e, -Double.MAX_VALUE))),
        DECADES_AGO(e ->
                bytes.input(Traffic.at(e, Instant.parse("1970-01-02T00:00:00Z").toEpochMilli()))),
        HOURS_AHEAD_OF_THE_CLOCK(e -> bytes.input(Traffic.at(e, inHours(20)))),
        WITH_A_MEGABYTE_OF_HEADERS(e -> bytes.input(e).withHeaders(largeHeader())),
        WITH_MANY_SMALL_HEADERS(e -> bytes.input(e).withHeaders(manyHeaders()));

        private final Function<Event, Input> between;

        Odd(Function<Event, Input> between) {
            this.between = between;
        }
    }

    @ParameterizedTest
    @EnumSource(Odd.class)
    void shouldScoreAnOddEventAndGoOnFromIt(Odd odd) throws Exception {
        List<Event> events = eventsOf("odd-" + odd, 3);
        application.input().send(bytes.input(events.get(0)));
        application.input().send(odd.between.apply(events.get(1)));
        application.input().send(bytes.input(events.get(2)));
        assertEverythingAccountedFor();
    }

    @Test
    void shouldTakeAllKindsInOneBatch() throws Exception {
        List<Event> events = eventsOf("mixed", 30);
        List<Case> kinds = new ArrayList<>(List.of(Case.values()));
        Collections.shuffle(kinds, new Random(1));
        for (int i = 0; i < events.size(); i++) {
            application.input().send(bytes.input(events.get(i)));
            if (i < kinds.size()) {
                application.input().send(kinds.get(i).between.apply(events.get(i)));
            }
        }
        assertEverythingAccountedFor();
    }

    /** Of all that was sent so far, whatever test sent it. */
    private static void assertEverythingAccountedFor() throws Exception {
        Committed committed = application.awaitOutcomes();
        ModelBundle bundle = application.bundle();
        Expected expected = SequentialReference.of(
                bundle, dir.resolve("bundle"), application.input().sent());
        assertThat(ExactlyOnceCheck.problems(bundle.fingerprint(), expected, committed))
                .isEmpty();
        assertThat(application.total("score", "consumed"))
                .isEqualTo(application.input().size());
        assertThat(application.total("score", "scored")).isEqualTo(expected.scores());
        assertThat(application.total("score", "dead-lettered")).isEqualTo(expected.rejected.size());
        for (String reason : expected.reasons.values()) {
            assertThat(application.deadLettered("score", reason))
                    .as("dead-lettered as %s", reason)
                    .isEqualTo(Collections.frequency(expected.reasons.values(), reason));
        }
    }

    private static List<Event> eventsOf(String entity, int count) {
        return TinyPipeline.events(1, count, entity.hashCode()).stream()
                .map(event -> new Event(entity, event.timeMs(), event.values(), event.last()))
                .toList();
    }

    private static byte[] key(Event event) {
        return Input.utf8(event.entity());
    }

    private static byte[] cut(byte[] value) {
        return Arrays.copyOf(value, value.length - 1);
    }

    /** The first column is a string: the length after the header of ten bytes says 2^31 - 1. */
    private static byte[] withDamagedLength(Event event) {
        byte[] value = bytes.of(event);
        byte[] length = {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F};
        System.arraycopy(length, 0, value, 10, length.length);
        return value;
    }

    private static byte[] garbage(int length) {
        byte[] garbage = new byte[length];
        new Random(2).nextBytes(garbage);
        return garbage;
    }

    private static byte[] letters(int length) {
        byte[] letters = new byte[length];
        Arrays.fill(letters, (byte) 'k');
        return letters;
    }

    private static List<Header> largeHeader() {
        return List.of(new RecordHeader("trace", new byte[HEADERS]));
    }

    /** Each takes two bytes more than its name and value say: their lengths. */
    private static List<Header> manyHeaders() {
        return Collections.nCopies(HEADERS / 3, new RecordHeader("h", new byte[0]));
    }

    private static long inHours(long hours) {
        return Instant.now().plus(Duration.ofHours(hours)).toEpochMilli();
    }
}
