package dev.sequitur.deploy.terminal;

import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command speaks: results on {@link #out()}, everything else on {@link #err()}.
 *
 * <p>Threading: immutable; its outputs are safe for use by many threads.
 *
 * @param width columns of the terminal
 */
public record Terminal(Output out, Output err, int width) {
    static final int DEFAULT_WIDTH = 100;
    private static final int NARROWEST = 40;

    public Terminal {
        if (width < NARROWEST) {
            width = NARROWEST;
        }
    }

    /**
     * The process's own. {@code bin/sequitur} says in {@code SEQUITUR_TTY} which of the two are terminals ({@code out},
     * {@code err}, both or none, separated by a comma), because Java 17 can't tell them apart, and in {@code COLUMNS}
     * how wide they are. {@code SEQUITUR_STDERR} names what is to be opened as standard error, where the process's own
     * is kept for native code. Colour is off where {@code NO_COLOR} isn't empty (no-color.org) or {@code TERM} is
     * {@code dumb}.
     */
    public static Terminal system(Map<String, String> environment) {
        String console = System.console() == null ? "" : "out,err";
        String terminals = environment.getOrDefault("SEQUITUR_TTY", console);
        boolean colour = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return new Terminal(
                output(new FileOutputStream(FileDescriptor.out), terminals.contains("out"), colour),
                output(standardError(environment), terminals.contains("err"), colour),
                width(environment.get("COLUMNS")));
    }

    /** Where {@link #err()} of {@link #system} writes, for those that print by themselves: the log, libraries. */
    public static OutputStream standardError(Map<String, String> environment) {
        String path = environment.get("SEQUITUR_STDERR");
        if (path != null) {
            try {
                return new FileOutputStream(path, true);
            } catch (FileNotFoundException e) {
                // The process's own shows the same text, a line at a time.
                return new FileOutputStream(FileDescriptor.err);
            }
        }
        return new FileOutputStream(FileDescriptor.err);
    }

    private static Output output(OutputStream stream, boolean terminal, boolean colour) {
        return new Output(stream, charset(terminal), terminal, terminal && colour);
    }

    /** A file or a pipe gets UTF-8 whatever the locale: JSON must be UTF-8. */
    private static Charset charset(boolean terminal) {
        return terminal ? Charset.forName(System.getProperty("native.encoding", "UTF-8")) : StandardCharsets.UTF_8;
    }

    private static int width(String columns) {
        return columns != null && columns.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(columns) : DEFAULT_WIDTH;
    }
}
