package dev.sequitur.deploy.terminal;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that redraws itself in place, from a thread of the library and from the caller's. */
final class BarProgress implements Progress {
    private static final int REDRAW_MS = 200;

    private final Output output;
    private final int width;
    private final long total;
    private final ProgressBar bar;
    private String drawn = "";

    BarProgress(Terminal terminal, String task, long total) {
        this.output = terminal.err();
        // The last column stays free: a terminal that wraps there would scroll at every redraw.
        this.width = terminal.width() - 1;
        this.total = total;
        ProgressBarStyle style = output.canShow("█▏│") ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII;
        this.bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(style)
                .setUpdateIntervalMillis(REDRAW_MS)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, width))
                .build();
    }

    @Override
    public void advanceTo(long done) {
        bar.stepTo(Math.min(done, total));
    }

    @Override
    public void detail(String text) {
        bar.setExtraMessage(text);
    }

    @Override
    public synchronized void note(String line) {
        output.raw("\r" + " ".repeat(width) + "\r");
        output.line(line);
        output.raw(drawn);
    }

    @Override
    public void close() {
        // Closing draws the last stand.
        bar.close();
        output.line("");
    }

    private synchronized void draw(String rendered) {
        // Blanks wipe out what a longer line left behind.
        output.raw("\r" + rendered + " ".repeat(Math.max(0, drawn.length() - rendered.length())));
        drawn = rendered;
    }
}
