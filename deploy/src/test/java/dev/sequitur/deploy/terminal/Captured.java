package dev.sequitur.deploy.terminal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A terminal, or a pair of pipes, whose text a test reads. */
public final class Captured {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal;

    private Captured(boolean isTerminal, boolean colour) {
        terminal = new Terminal(
                new Output(out, StandardCharsets.UTF_8, isTerminal, colour),
                new Output(err, StandardCharsets.UTF_8, isTerminal, colour),
                100);
    }

    public static Captured pipes() {
        return new Captured(false, false);
    }

    public static Captured screen(boolean colour) {
        return new Captured(true, colour);
    }

    public Terminal terminal() {
        return terminal;
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    public List<String> errLines() {
        return err().lines().toList();
    }
}
