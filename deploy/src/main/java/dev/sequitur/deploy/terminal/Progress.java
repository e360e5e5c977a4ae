package dev.sequitur.deploy.terminal;

/**
 * How far a piece of work has come, on standard error: a bar where a person watches, otherwise a line now and then.
 *
 * <p>Threading: safe for use by many threads.
 */
public sealed interface Progress extends AutoCloseable permits BarProgress, LineProgress {
    /** @param total units of work, at least 1 */
    static Progress start(Terminal terminal, String task, long total) {
        if (total < 1) {
            throw new IllegalArgumentException("total must be >= 1, got " + total);
        }
        return terminal.err().isTerminal()
                ? new BarProgress(terminal, task, total)
                : new LineProgress(terminal.err(), task, total, System::nanoTime);
    }

    /** Work done so far; values beyond the total count as the total. */
    void advanceTo(long done);

    /** A few words beside the bar ({@code loss 0.812}); they replace the words before. */
    void detail(String text);

    /** A line of its own, above the bar. */
    void note(String line);

    /** Leaves the last stand on the screen. */
    @Override
    void close();
}
