package dev.sequitur.deploy.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void shouldColourOnlyWhatALauncherSaysIsATerminal() {
        Terminal terminal = Terminal.system(Map.of("SEQUITUR_TTY", "out", "COLUMNS", "132"));
        assertThat(terminal.out().paint(Style.RED, "alarm")).isEqualTo("\u001b[31malarm\u001b[0m");
        assertThat(terminal.err().paint(Style.RED, "alarm")).isEqualTo("alarm");
        assertThat(terminal.out().isTerminal()).isTrue();
        assertThat(terminal.err().isTerminal()).isFalse();
        assertThat(terminal.width()).isEqualTo(132);
    }

    @Test
    void shouldNotColourWhereNoColorIsSetOrTheTerminalIsDumb() {
        assertThat(Terminal.system(Map.of("SEQUITUR_TTY", "out,err", "NO_COLOR", "1"))
                        .out()
                        .paint(Style.RED, "alarm"))
                .isEqualTo("alarm");
        assertThat(Terminal.system(Map.of("SEQUITUR_TTY", "out,err", "TERM", "dumb"))
                        .out()
                        .paint(Style.RED, "alarm"))
                .isEqualTo("alarm");
        // no-color.org: an empty variable counts as unset.
        assertThat(Terminal.system(Map.of("SEQUITUR_TTY", "out,err", "NO_COLOR", ""))
                        .out()
                        .paint(Style.RED, "alarm"))
                .isNotEqualTo("alarm");
    }

    @Test
    void shouldFallBackToAUsualWidthWhenColumnsIsNoNumber() {
        assertThat(Terminal.system(Map.of("COLUMNS", "wide")).width()).isEqualTo(Terminal.DEFAULT_WIDTH);
        assertThat(Terminal.system(Map.of("COLUMNS", "3")).width()).isEqualTo(40);
    }

    @Test
    void shouldEndAWriterWhoseReaderIsGone() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Output output = new Output(broken, StandardCharsets.UTF_8, false, false);
        assertThatThrownBy(() -> output.line("score")).isInstanceOf(ClosedOutputException.class);
    }

    @Test
    void shouldWriteUtf8() {
        Captured pipes = Captured.pipes();
        pipes.terminal().out().line("é→█");
        assertThat(pipes.out()).isEqualTo("é→█" + System.lineSeparator());
    }
}
