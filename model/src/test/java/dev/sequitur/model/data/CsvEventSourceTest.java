package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.SpecException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvEventSourceTest {
    private static final PipelineSpec SPEC = PipelineSpecReader.parse(
            """
            name: test
            entity: id
            time: {field: ts, format: epoch-seconds}
            cell: {kind: rnn}
            fields: {a: {kind: categorical}, n: {kind: numeric, optional: true}}
            """,
            "test");

    private final MalformedRows malformed = new MalformedRows(100);

    @TempDir
    private Path directory;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    /** entity, a, n of every event. */
    private List<String> read(Path file) throws IOException {
        List<String> events = new ArrayList<>();
        try (EventSource source = EventSources.open(file, SPEC, malformed)) {
            for (Event event = source.next(); event != null; event = source.next()) {
                events.add(event.entity() + " " + event.values()[0] + " " + event.values()[1]);
            }
            assertThat(source.next()).isNull();
            assertThat(source.progress()).isEqualTo(1);
        }
        return events;
    }

    @Test
    void shouldReadRowsInTheirOrder() throws IOException {
        Path file = file("f.csv", "ts,other,n,a,id\n1000000,x,1.5,open,p1\n1000001,x,,close,p2\n");

        assertThat(read(file)).containsExactly("p1 open 1.5", "p2 close null");
        assertThat(malformed.count()).isZero();
    }

    @Test
    void shouldReadByteOrderMarkQuotesAndLineBreaksOfAnyKind() throws IOException {
        Path file = file(
                "f.csv",
                "\uFEFFid,ts,a,n\r\n\"p,1\",1000000,\"say \"\"hi\"\"\",1\r\np2,1000000,\"two\nlines\",2\r\n\r\np3,1000000,ü,3");

        assertThat(read(file)).containsExactly("p,1 say \"hi\" 1.0", "p2 two\nlines 2.0", "p3 ü 3.0");
    }

    @Test
    void shouldReadTabSeparatedRows() throws IOException {
        assertThat(read(file("f.TSV", "id\tts\ta\tn\np,1\t1000000\tx\t1\n"))).containsExactly("p,1 x 1.0");
    }

    @Test
    void shouldReportMalformedRowsWithTheirLinesAndGoOn() throws IOException {
        Path file = file(
                "f.csv",
                """
                id,ts,a,n
                p1,1000000,x,1
                p2,1000000,x
                p3,1000000,x,1,2
                p4,1000000,"two
                lines",one
                p5,soon,x,1
                p6,1000000,x,NaN
                p7,1000000,x,7
                """);

        assertThat(read(file)).containsExactly("p1 x 1.0", "p7 x 7.0");
        assertThat(malformed.report())
                .isEqualTo(
                        """
                        5 malformed rows: 2 undecodable, 2 wrong-type, 1 not-finite
                          f.csv:3: expected 4 columns as in the header, got 3.
                          f.csv:4: expected 4 columns as in the header, got 5.
                          f.csv:5: field n (column n): expected a number, got 'one'.
                          f.csv:7: time (column ts): expected a number, got 'soon'.
                          f.csv:8: field n (column n): expected a finite number, got 'NaN'."""
                                .replace("\n", System.lineSeparator()));
    }

    @Test
    void shouldGoOnInTheLineAfterBrokenQuotes() throws IOException {
        Path file = file(
                "f.csv",
                "id,ts,a,n\np1,1000000,x,1\n\np2,1000000,\"x\"y,2\np3,1000000,x,3\np4,1000000,\"x\"z,4\np5,1000000,x,five\np6,1000000,x,6");

        assertThat(read(file)).containsExactly("p1 x 1.0", "p3 x 3.0", "p6 x 6.0");
        assertThat(malformed.report())
                .contains("f.csv:4: expected a row of RFC 4180, got Unexpected character after closing quote: 'y'")
                .contains("f.csv:6: expected a row of RFC 4180")
                .contains("f.csv:7: field n (column n): expected a number, got 'five'.");
    }

    @Test
    void shouldAskForAQuoteLeftOpen() throws IOException {
        Path file = file("f.csv", "id,ts,a,n\np1,1000000,x,1\np2,1000000,\"x,2\np3,1000000,x,3\n");

        assertThat(read(file)).containsExactly("p1 x 1.0");
        assertThat(malformed.report()).contains("f.csv:3: ", "Is a quote left open?");
    }

    @Test
    void shouldReportBytesThatAreNoUtf8WhereTheSpecReadsThem() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("id,ts,a,n,other\np1,1000000,x".getBytes(StandardCharsets.UTF_8));
        bytes.write(0xe4);
        bytes.writeBytes(",1,\np2,1000000,x,2,".getBytes(StandardCharsets.UTF_8));
        bytes.write(0xe4);
        Path file = Files.write(directory.resolve("f.csv"), bytes.toByteArray());

        assertThat(read(file)).containsExactly("p2 x 2.0");
        assertThat(malformed.count(Reason.UNDECODABLE)).isEqualTo(1);
        assertThat(malformed.report()).contains("f.csv:2: column a: expected UTF-8");
    }

    @Test
    void shouldStopBeyondTheLimitOfMalformedRows() throws IOException {
        Path file = file("f.csv", "id,ts,a,n\np1,1000000,x,one\np2,1000000,x,two\n");

        try (EventSource source = EventSources.open(file, SPEC, new MalformedRows(1))) {
            assertThatThrownBy(source::next)
                    .isInstanceOf(TooManyMalformedRowsException.class)
                    .hasMessageContaining("f.csv:3");
        }
    }

    @Test
    void shouldNameTheColumnsThatTheHeaderLacks() throws IOException {
        Path file = file("f.csv", "id,time,a\n");

        assertThatThrownBy(() -> EventSources.open(file, SPEC, malformed))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining(
                        "f.csv:1: the header lacks what the spec 'test' reads: expected ts, n, got only id, time, a.");
    }

    @Test
    void shouldRejectAColumnThatTheHeaderHasTwice() throws IOException {
        Path file = file("f.csv", "id,ts,a,n,a\n");

        assertThatThrownBy(() -> EventSources.open(file, SPEC, malformed))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("expected the column 'a' once, got it in places 3 and 5");
    }

    @Test
    void shouldSayWhatIsWrongWithAFileThatCantBeOpened() throws IOException {
        Path empty = file("empty.csv", "");
        Path quotes = file("quotes.csv", "\"id\"x,ts\n");
        Path json = file("f.json", "{}");

        assertThatThrownBy(() -> EventSources.open(empty, SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a header row, got an empty file");
        assertThatThrownBy(() -> EventSources.open(quotes, SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("quotes.csv:1: expected a header row, got broken quotes");
        assertThatThrownBy(() -> EventSources.open(json, SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the extension .csv, .tsv or .avro");
        assertThatThrownBy(() -> EventSources.open(directory.resolve("none.csv"), SPEC, malformed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No data file at");
    }

    @Test
    void shouldTellProgressOfALargeFile() throws IOException {
        StringBuilder text = new StringBuilder("id,ts,a,n\n");
        for (int i = 0; i < 50_000; i++) {
            text.append("p,1000000,x,1\n");
        }
        Path file = file("f.csv", text.toString());

        try (EventSource source = EventSources.open(file, SPEC, malformed)) {
            for (int i = 0; i < 25_000; i++) {
                source.next();
            }
            // The parser reads ahead by its buffer.
            assertThat(source.progress()).isBetween(0.5, 0.6);
        }
    }
}
