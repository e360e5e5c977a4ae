package dev.sequitur.model.data;

import java.io.IOException;

/**
 * Events in the order of their source, read once. Malformed rows are reported with their place to the
 * {@link MalformedRows} that the source was opened with, and skipped.
 */
public interface EventSource extends AutoCloseable {
    /**
     * The next well-formed event, or null at the end.
     *
     * @throws TooManyMalformedRowsException when more rows are malformed than allowed
     */
    Event next() throws IOException;

    /** Share of the source read so far, in [0,1]; negative where unknown. For a progress bar. */
    double progress();

    @Override
    void close() throws IOException;
}
