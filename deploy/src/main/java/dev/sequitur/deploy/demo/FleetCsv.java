package dev.sequitur.deploy.demo;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Readings as a CSV file with a header, as {@code sequitur train --data} reads it. */
public final class FleetCsv {
    private FleetCsv() {}

    public static void write(Path file, List<FleetReading> readings) throws IOException {
        try (CsvWriter csv = CsvWriter.builder().build(file)) {
            csv.writeRecord(FleetReading.COLUMNS);
            for (FleetReading reading : readings) {
                csv.writeRecord(reading.row());
            }
        }
    }
}
