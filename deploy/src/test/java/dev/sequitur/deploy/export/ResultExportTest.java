package dev.sequitur.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultExportTest {
    private static final int RESULTS = 50;
    private static final List<Score> SCORES = new ArrayList<>();

    private static EmbeddedBroker broker;

    @TempDir
    Path dir;

    @BeforeAll
    static void write() {
        broker = EmbeddedBroker.start();
        List.of("s", "p", "empty", "odd").forEach(topic -> broker.createTopic(topic, 3));
        SingleObjectSerde<Score> scores = new SingleObjectSerde<>(Score.class);
        SingleObjectSerde<Prediction> predictions = new SingleObjectSerde<>(Prediction.class);
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "t", "linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < RESULTS; i++) {
                Score score = score(i);
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(
                        "s", i % 3, null, scores.serializer().serialize("s", score)));
                producer.send(new ProducerRecord<>(
                        "p", i % 3, null, predictions.serializer().serialize("p", prediction(i))));
                if (i % 10 == 7) {
                    // What was never committed isn't exported.
                    producer.abortTransaction();
                } else {
                    SCORES.add(score);
                    producer.commitTransaction();
                }
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("odd", new byte[] {0, 0, 0, 0, 1, 5}));
            producer.commitTransaction();
        }
        SCORES.sort(Comparator.comparing(Score::getOffset));
    }

    private static Score score(int i) {
        return new Score(
                "e,\"" + i % 4 + "é",
                Instant.ofEpochMilli(1_700_000_000_123L + i),
                i % 3,
                (long) i,
                i + 1L,
                false,
                i / 8.0,
                i / 100.0,
                i % 5 == 0,
                i % 5 < 2,
                "model",
                List.of(
                        new FieldSurprise(
                                i / 16.0, "2.5", new Expectation("level", new Continuous(1.0, -1.0 * i, 3.0))),
                        new FieldSurprise(
                                0.25,
                                null,
                                new Expectation(
                                        "letter",
                                        new Categorical(
                                                List.of(new Probability("b", 0.75), new Probability("c", 0.1))))),
                        new FieldSurprise(0.5, "false", new Expectation("END", new Binary(0.125)))));
    }

    private static Prediction prediction(int i) {
        return new Prediction(
                "e" + i,
                Instant.ofEpochMilli(i),
                i % 3,
                (long) i,
                1L,
                "model",
                List.of(new Expectation("level", new Continuous(i + 0.5, 0.0, 1.0))));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private ResultExport export(String topic) {
        return new ResultExport(Map.of("bootstrap.servers", broker.bootstrapServers()), topic);
    }

    /** Each column of each row as text, nothing for null; the rows in the order of offset and field. */
    private static List<Map<String, String>> expected() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (Score score : SCORES) {
            Map<String, String> event = new HashMap<>(Map.of(
                    "entity", score.getEntity(),
                    "time", score.getEventTime().toString(),
                    "partition", "" + score.getPartition(),
                    "offset", "" + score.getOffset(),
                    "step", "" + score.getStep(),
                    "surprise", "" + score.getSurprise(),
                    "score", "" + score.getScore(),
                    "alarm", "" + score.getAlarm(),
                    "alarming", "" + score.getAlarming(),
                    "end", "false"));
            event.put("model", "model");
            Map<String, String> level = new HashMap<>(event);
            level.putAll(Map.of(
                    "field", "level",
                    "field_surprise", "" + score.getOffset() / 16.0,
                    "observed", "2.5",
                    "expected_median", "1.0",
                    "expected_p05", "" + -1.0 * score.getOffset(),
                    "expected_p95", "3.0"));
            Map<String, String> letter = new HashMap<>(event);
            letter.putAll(Map.of(
                    "field", "letter",
                    "field_surprise", "0.25",
                    "expected_value", "b",
                    "expected_probability", "0.75"));
            Map<String, String> end = new HashMap<>(event);
            end.putAll(Map.of(
                    "field", "END",
                    "field_surprise", "0.5",
                    "observed", "false",
                    "expected_value", "true",
                    "expected_probability", "0.125"));
            rows.addAll(List.of(end, letter, level));
        }
        return sorted(rows);
    }

    private static List<Map<String, String>> sorted(List<Map<String, String>> rows) {
        return rows.stream()
                .sorted(Comparator.comparing((Map<String, String> row) -> Long.parseLong(row.get("offset")))
                        .thenComparing(row -> row.get("field")))
                .toList();
    }

    @Test
    void shouldWriteCommittedScoresAsTheRecordsThatTheyAre() throws Exception {
        Path file = dir.resolve("s.avro");
        Files.writeString(file, "what was there is replaced");
        assertThat(export("s").write(file, FileFormat.AVRO)).isEqualTo(SCORES.size());
        List<Score> read = new ArrayList<>();
        try (DataFileReader<Score> reader =
                new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(Score.class))) {
            reader.forEach(read::add);
        }
        read.sort(Comparator.comparing(Score::getOffset));
        assertThat(read).isEqualTo(SCORES);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void shouldWriteARowOfCsvForEachField() throws Exception {
        Path file = dir.resolve("s.csv");
        export("s").write(file, FileFormat.CSV);
        List<Map<String, String>> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(file)) {
            reader.forEach(record -> {
                Map<String, String> row = new HashMap<>(record.getFieldsAsMap());
                row.values().removeIf(String::isEmpty);
                rows.add(row);
            });
        }
        assertThat(sorted(rows)).isEqualTo(expected());
    }

    @Test
    void shouldWriteARowOfParquetForEachField() throws Exception {
        Path file = dir.resolve("s.parquet");
        export("s").write(file, FileFormat.PARQUET);
        assertThat(sorted(parquet(file))).isEqualTo(expected());
        Path predictions = dir.resolve("p.parquet");
        assertThat(export("p").write(predictions, FileFormat.PARQUET)).isEqualTo(SCORES.size());
        assertThat(parquet(predictions))
                .allMatch(row -> row.get("expected_median").equals(Integer.parseInt(row.get("offset")) + 0.5 + ""))
                .allMatch(row -> !row.containsKey("surprise"));
    }

    private static List<Map<String, String>> parquet(Path file) throws Exception {
        Hydrator<Map<String, String>, Map<String, String>, String[]> hydrator = new Hydrator<>() {
            @Override
            public Map<String, String> start() {
                return new HashMap<>();
            }

            @Override
            public Map<String, String> add(Map<String, String> row, String[] path, Object value) {
                String column = path[0];
                if (value != null) {
                    boolean time = column.equals("time");
                    row.put(column, time ? Instant.ofEpochMilli((Long) value).toString() : value.toString());
                }
                return row;
            }

            @Override
            public Map<String, String> finish(Map<String, String> row) {
                return row;
            }
        };
        try (Stream<Map<String, String>> rows = ParquetReader.streamContent(file.toFile(), hydrator)) {
            return rows.toList();
        }
    }

    @Test
    void shouldSayWhatItCanNotExport() {
        Path file = dir.resolve("x");
        assertThatThrownBy(() -> export("nothing").write(file, FileFormat.CSV))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("No topic 'nothing'");
        assertThatThrownBy(() -> export("empty").write(file, FileFormat.CSV))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds no result");
        assertThatThrownBy(() -> export("odd").write(file, FileFormat.CSV))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("odd-", "neither a score nor a prediction");
        assertThat(dir).isEmptyDirectory();
    }
}
