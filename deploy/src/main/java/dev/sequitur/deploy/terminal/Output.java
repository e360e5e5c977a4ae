package dev.sequitur.deploy.terminal;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/**
 * Standard output or standard error.
 *
 * <p>Threading: safe for use by many threads; a line is never torn.
 */
public final class Output {
    private final PrintWriter writer;
    private final Charset charset;
    private final boolean terminal;
    private final boolean colour;

    /**
     * @param terminal whether a person watches
     * @param colour whether {@link #paint} does anything
     */
    public Output(OutputStream stream, Charset charset, boolean terminal, boolean colour) {
        this.writer = new PrintWriter(new OutputStreamWriter(stream, charset), false);
        this.charset = charset;
        this.terminal = terminal;
        this.colour = colour;
    }

    /**
     * Writes a line and flushes it, so that a pipe's reader sees it at once.
     *
     * @throws ClosedOutputException when nobody reads any more
     */
    public void line(String text) {
        // checkError flushes.
        synchronized (writer) {
            writer.println(text);
            if (writer.checkError()) {
                throw new ClosedOutputException();
            }
        }
    }

    /** Writes without a line break and flushes. Errors show themselves at the next {@link #line}. */
    void raw(String text) {
        synchronized (writer) {
            writer.print(text);
            writer.flush();
        }
    }

    /** The text in the style, or as it is where colour is off. */
    public String paint(Style style, String text) {
        return colour ? style.apply(text) : text;
    }

    public boolean isTerminal() {
        return terminal;
    }

    public boolean colour() {
        return colour;
    }

    /** Whether the text survives this output's character set. */
    boolean canShow(String text) {
        return charset.newEncoder().canEncode(text);
    }

    /** The same output for libraries that print themselves. */
    public PrintWriter writer() {
        return writer;
    }
}
