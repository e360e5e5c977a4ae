package dev.sequitur.deploy.report;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.train.EpochReport;
import dev.sequitur.model.train.TrainingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** A training as a progress bar on standard error, which ends when someone wants it to. */
public final class TrainingProgress implements TrainingListener, AutoCloseable {
    private final Terminal terminal;
    private final StopSignal stop;
    private final Predicate<EpochReport> enough;
    private Progress progress;
    private final List<String> warnings = new ArrayList<>();
    private String best = "";
    private int member = 1;
    private int members = 1;

    public TrainingProgress(Terminal terminal, StopSignal stop) {
        this(terminal, stop, report -> false);
    }

    /** @param enough whether a training may end with this epoch */
    public TrainingProgress(Terminal terminal, StopSignal stop, Predicate<EpochReport> enough) {
        this.terminal = terminal;
        this.stop = stop;
        this.enough = enough;
    }

    @Override
    public boolean enough(EpochReport report) {
        return enough.test(report);
    }

    /** What was warned of. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public boolean stopRequested() {
        return stop.requested();
    }

    @Override
    public void warning(String message) {
        warnings.add(message);
        String line = terminal.err().paint(Style.YELLOW, "warning: ") + message;
        if (progress == null) {
            terminal.err().line(line);
        } else {
            progress.note(line);
        }
    }

    @Override
    public void member(int nextMember, int ofMembers, long seed) {
        member = nextMember;
        members = ofMembers;
        best = "";
    }

    @Override
    public void progress(int epoch, int epochs, long done, long total, double loss) {
        if (progress == null) {
            progress = Progress.start(terminal, "train", members * epochs * total);
        }
        progress.advanceTo(((member - 1L) * epochs + epoch - 1) * total + done);
        String network = members == 1 ? "" : "network " + member + "/" + members + " ";
        progress.detail(network + String.format(Locale.ROOT, "epoch %d/%d loss %.3f%s", epoch, epochs, loss, best));
    }

    @Override
    public void epoch(EpochReport report) {
        if (report.best()) {
            best = String.format(Locale.ROOT, " validation %.3f", report.validationLoss());
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
