package dev.sequitur.model.data;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import java.util.ArrayList;
import java.util.List;

/** One row of a CSV file. */
record CsvRow(long line, String[] cells) {
    /** Lines of the file that the row takes. */
    long lines() {
        long lines = 1;
        for (String cell : cells) {
            lines += cell.chars().filter(c -> c == '\n').count();
        }
        return lines;
    }

    /** Builds rows, and knows the line that the row in progress started in when it can't be parsed. */
    static final class Builder extends AbstractBaseCsvCallbackHandler<CsvRow> {
        private final List<String> cells = new ArrayList<>();
        private long line;

        long line() {
            return line;
        }

        @Override
        protected void handleBegin(long startingLineNumber) {
            line = startingLineNumber;
            cells.clear();
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            cells.add(new String(buffer, offset, length));
        }

        @Override
        protected CsvRow buildRecord() {
            return new CsvRow(line, cells.toArray(new String[0]));
        }
    }
}
