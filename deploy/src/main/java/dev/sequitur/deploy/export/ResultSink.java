package dev.sequitur.deploy.export;

import java.io.Closeable;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;

/**
 * A file that takes scores or predictions, all of one kind.
 *
 * <p>Threading: belongs to one thread.
 */
interface ResultSink extends Closeable {
    void write(SpecificRecord result) throws IOException;
}
