package dev.sequitur.deploy.terminal;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A plain line every 10 % or 5 s, whichever comes first, and one at the end: for logs and pipes. Work of less than 2 s
 * gets the one at the end alone.
 */
final class LineProgress implements Progress {
    private static final int PERCENT_STEP = 10;
    private static final long SHORT_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long QUIET_NANOS = Duration.ofSeconds(5).toNanos();

    private final Output output;
    private final String task;
    private final long total;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private long shownNanos;
    private long shownDone = -1;
    private long done;
    private String detail = "";

    LineProgress(Output output, String task, long total, LongSupplier nanoTime) {
        this.output = output;
        this.task = task;
        this.total = total;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.shownNanos = startNanos;
    }

    @Override
    public synchronized void advanceTo(long newDone) {
        done = Math.min(newDone, total);
        long nowNanos = nanoTime.getAsLong();
        boolean step = percent(done) / PERCENT_STEP > percent(Math.max(shownDone, 0)) / PERCENT_STEP;
        boolean quiet = nowNanos - shownNanos >= QUIET_NANOS;
        if ((step && nowNanos - startNanos >= SHORT_NANOS) || quiet) {
            show();
        }
    }

    @Override
    public synchronized void detail(String text) {
        detail = text;
    }

    @Override
    public void note(String line) {
        output.line(line);
    }

    @Override
    public synchronized void close() {
        if (shownDone != done) {
            show();
        }
    }

    private void show() {
        shownNanos = nanoTime.getAsLong();
        shownDone = done;
        double seconds = (shownNanos - startNanos) / 1e9;
        output.line(String.format(Locale.ROOT, "%s %d %% (%.1f s)", task, percent(done), seconds)
                + (detail.isEmpty() ? "" : " " + detail));
    }

    private long percent(long part) {
        // Not part * 100 / total: a total in bytes may overflow.
        return (long) Math.floor(100.0 * part / total);
    }
}
