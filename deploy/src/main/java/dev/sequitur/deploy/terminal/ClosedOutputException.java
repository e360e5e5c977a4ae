package dev.sequitur.deploy.terminal;

/** Whoever read the output has gone ({@code sequitur … | head}): there is no reason to go on, and nothing to report. */
public final class ClosedOutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedOutputException() {
        super("output can't be written: its reader is gone or its disk is full", null, false, false);
    }
}
