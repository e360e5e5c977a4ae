package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.schemas.Score;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check that finds nothing says something only if it can find each kind of fault. */
class ExactlyOnceCheckTest {
    private static final String MODEL = "f00d";
    private static final Place REJECTED = new Place(0, 2);

    private final Expected expected = new Expected();
    private final Committed committed = new Committed();

    /** Two events of entity a around a bad record; b has ended. */
    @BeforeEach
    void commitWhatIsExpected() {
        expect("a", 0, 1, false, 1.5);
        expect("a", 1, 2, false, 0.5);
        expected.reject(new Sent(REJECTED, Input.bad("undecodable", new byte[] {1}, new byte[] {2})), "undecodable");
        expect("b", 3, 2, true, 0.25);
        expected.states.put("a", new Expected.State(2, 100, 101, 1, new double[] {0.5, -0.5}));
        expected.states.put("b", null);

        committed.scores().add(score("a", 0, 1, false, 1.5));
        committed.scores().add(score("b", 3, 2, true, 0.25));
        committed.scores().add(score("a", 1, 2, false, 0.5));
        committed.predictions().add(prediction("a", 0, 1));
        committed.predictions().add(prediction("a", 1, 2));
        committed.deadLetters().add(letter("undecodable", new byte[] {2}));
        committed.states().put("a", state(0.5f, -0.5f));
        committed.states().put("b", null);
    }

    private void expect(String entity, long offset, long step, boolean end, double surprise) {
        expected.result(
                entity,
                new Expected.Result(
                        new Place(0, offset), step, 100 + offset, end, Map.of("END", surprise), surprise, !end));
    }

    private static Score score(String entity, long offset, long step, boolean end, double surprise) {
        return new Score(
                entity,
                Instant.ofEpochMilli(100 + offset),
                0,
                offset,
                step,
                end,
                surprise,
                0.5,
                false,
                false,
                MODEL,
                List.of(new FieldSurprise(surprise, "false", new Expectation("END", new Binary(0.5)))));
    }

    private static Prediction prediction(String entity, long offset, long step) {
        return new Prediction(entity, Instant.ofEpochMilli(100 + offset), 0, offset, step, MODEL, List.of());
    }

    private static EntityState state(float... row) {
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return new EntityState(MODEL, 2L, 100L, 101L, 1L, bytes, ByteBuffer.allocate(0), RowPrecision.FLOAT32, null);
    }

    private static ConsumerRecord<byte[], byte[]> letter(String reason, byte[] value) {
        ConsumerRecord<byte[], byte[]> letter = new ConsumerRecord<>("dlq", 0, 0, new byte[] {1}, value);
        letter.headers().add("__streams.errors.partition", "0".getBytes(StandardCharsets.UTF_8));
        letter.headers().add("__streams.errors.offset", "2".getBytes(StandardCharsets.UTF_8));
        letter.headers().add("sequitur.reason", reason.getBytes(StandardCharsets.UTF_8));
        return letter;
    }

    private List<String> problems() {
        return ExactlyOnceCheck.problems(MODEL, expected, committed);
    }

    @Test
    void shouldFindNothingWhereEverythingIsRight() {
        assertThat(problems()).isEmpty();
    }

    @Test
    void shouldFindAMissingResult() {
        committed.scores().remove(0);
        committed.predictions().remove(1);
        committed.deadLetters().clear();
        assertThat(problems())
                .containsExactly(
                        "missing score of a at 0@0", "missing prediction of a at 0@1", "missing dead letter at 0@2");
    }

    @Test
    void shouldFindADuplicatedResult() {
        committed.scores().add(committed.scores().get(0));
        committed.predictions().add(committed.predictions().get(1));
        committed.deadLetters().add(committed.deadLetters().get(0));
        assertThat(problems())
                .containsExactly(
                        "duplicated score of a at 0@0",
                        "duplicated prediction of a at 0@1",
                        "duplicated dead letter at 0@2");
    }

    @Test
    void shouldFindResultsOutOfTheOrderOfTheirEntity() {
        Collections.swap(committed.scores(), 0, 2);
        assertThat(problems()).containsExactly("out of order score of a: expected [0@0, 0@1], got [0@1, 0@0]");
    }

    @Test
    void shouldAllowAnyOrderBetweenEntities() {
        Collections.swap(committed.scores(), 1, 2);
        assertThat(problems()).isEmpty();
    }

    @Test
    void shouldFindResultsOfNothingThatWasSent() {
        committed.scores().add(score("ghost", 9, 1, false, 1));
        committed.predictions().add(prediction("b", 3, 2));
        assertThat(problems()).containsExactly("unexpected score of ghost at 0@9", "unexpected prediction of b at 0@3");
    }

    @Test
    void shouldFindWrongScores() {
        committed.scores().set(0, score("a", 0, 2, true, 1.5002));
        assertThat(problems())
                .containsExactly(
                        "wrong score of a at 0@0: step: expected 1, got 2",
                        "wrong score of a at 0@0: end: expected false, got true",
                        "wrong score of a at 0@0: surprise: expected 1.5, got 1.5002",
                        "wrong score of a at 0@0: surprise of END: expected 1.5, got 1.5002");
        committed.scores().set(0, score("a", 0, 1, false, Double.NaN));
        assertThat(problems()).hasSize(2).allMatch(problem -> problem.endsWith("got NaN"));
    }

    @Test
    void shouldFindAWrongState() {
        committed.states().put("a", state(0.5f, -0.50002f));
        assertThat(problems()).singleElement().asString().startsWith("wrong state of a: row[1]: expected -0.5, got");
        committed.states().put("a", null);
        assertThat(problems()).containsExactly("wrong state of a: kept: expected true, got false");
        committed.states().remove("a");
        assertThat(problems()).containsExactly("missing state of a: there is no record of it");
    }

    @Test
    void shouldFindAStateThatOutlivesItsSequenceOrBelongsToNoEntity() {
        committed.states().put("b", state(0, 0));
        assertThat(problems()).containsExactly("wrong state of b: kept: expected false, got true");
        committed.states().put("b", null);
        committed.states().put("ghost", state(0, 0));
        assertThat(problems()).containsExactly("wrong state of ghost: kept: expected false, got true");
    }

    @Test
    void shouldFindAWrongDeadLetter() {
        committed.deadLetters().set(0, letter("null-key", new byte[] {3}));
        assertThat(problems())
                .hasSize(2)
                .anyMatch(p -> p.equals("wrong dead letter of 0@2: reason: expected undecodable, got null-key"))
                .anyMatch(p -> p.startsWith("wrong dead letter of 0@2: value: "));
    }
}
