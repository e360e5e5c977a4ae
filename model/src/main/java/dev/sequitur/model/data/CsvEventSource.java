package dev.sequitur.model.data;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Events of a text file with a header row: RFC 4180, UTF-8 with or without a byte order mark.
 *
 * <p>Threading: belongs to one thread.
 */
final class CsvEventSource implements EventSource {
    /** What a decoder makes of bytes that aren't UTF-8. */
    private static final char REPLACEMENT = '\uFFFD';

    private final Path file;
    private final char separator;
    private final MalformedRows malformed;
    private final EventReader reader;
    private final int width;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final long size;

    private CsvRow.Builder builder;
    private CountedInputStream input;
    private CloseableIterator<CsvRow> rows;

    CsvEventSource(Path file, char separator, PipelineSpec spec, MalformedRows malformed) throws IOException {
        this.file = file;
        this.separator = separator;
        this.malformed = malformed;
        this.reader = new EventReader(spec);
        this.size = Files.size(file);
        open(0);
        try {
            String[] header = header();
            this.width = header.length;
            index(header, spec);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(long linesToSkip) throws IOException {
        builder = new CsvRow.Builder();
        input = new CountedInputStream(Files.newInputStream(file));
        CsvReader<CsvRow> csv = CsvReader.builder()
                .fieldSeparator(separator)
                .detectBomHeader(true)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .build(builder, input);
        rows = csv.iterator();
        for (long line = 0; line < linesToSkip; line++) {
            csv.skipLines(1);
        }
    }

    private String[] header() throws IOException {
        try {
            if (rows.hasNext()) {
                return rows.next().cells();
            }
        } catch (CsvParseException e) {
            throw new IOException(file + ":1: expected a header row, got broken quotes: " + cause(e), e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        throw new IOException(file + ": expected a header row, got an empty file.");
    }

    private void index(String[] header, PipelineSpec spec) {
        List<String> lacking = new ArrayList<>();
        for (String column : SpecColumns.of(spec)) {
            int at = List.of(header).indexOf(column);
            if (at < 0) {
                lacking.add(column);
            } else if (at != List.of(header).lastIndexOf(column)) {
                throw new SpecException(file + ":1: expected the column '" + column + "' once, got it in places "
                        + (at + 1) + " and " + (List.of(header).lastIndexOf(column) + 1) + ". Rename one of them.");
            }
            indexes.put(column, at);
        }
        SpecColumns.requireAll(spec, file + ":1: the header", lacking, List.of(header));
    }

    @Override
    public Event next() throws IOException {
        while (true) {
            CsvRow row = row();
            if (row == null) {
                return null;
            }
            try {
                return reader.read(values(row));
            } catch (MalformedEventException e) {
                malformed.add(place(row.line()), e);
            }
        }
    }

    /** The next row that can be parsed; null at the end. */
    private CsvRow row() throws IOException {
        while (true) {
            try {
                return rows.hasNext() ? rows.next() : null;
            } catch (CsvParseException e) {
                long line = builder.line();
                malformed.add(
                        place(line),
                        new MalformedEventException(Reason.UNDECODABLE, "expected a row of RFC 4180, got " + cause(e)));
                // The parser can't go on after an error: another one does, in the line after the row's first.
                rows.close();
                open(line);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    private static String cause(CsvParseException e) {
        return e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    }

    private String place(long line) {
        return file.getFileName() + ":" + line;
    }

    private FieldValues values(CsvRow row) throws MalformedEventException {
        if (row.cells().length != width) {
            long lines = row.lines();
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "expected " + width + " columns as in the header, got " + row.cells().length
                            + (lines > 1 ? " in a row of " + lines + " lines. Is a quote left open?" : "."));
        }
        for (Map.Entry<String, Integer> column : indexes.entrySet()) {
            if (row.cells()[column.getValue()].indexOf(REPLACEMENT) >= 0) {
                throw new MalformedEventException(
                        Reason.UNDECODABLE, "column " + column.getKey() + ": expected UTF-8, got other bytes.");
            }
        }
        return column -> row.cells()[indexes.get(column)];
    }

    @Override
    public double progress() {
        return size == 0 ? 1 : Math.min(1, (double) input.count() / size);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
