package dev.sequitur.deploy.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Captured pipes = Captured.pipes();

    @Test
    void shouldPrintALineEveryTenPercentOfLongWorkWhereNobodyWatches() {
        try (Progress progress = new LineProgress(pipes.terminal().err(), "train", 1000, nanos::get)) {
            for (int done = 0; done <= 1000; done++) {
                nanos.set(Duration.ofMillis(8L * done).toNanos());
                progress.advanceTo(done);
            }
        }
        assertThat(pipes.errLines())
                .containsExactly(
                        "train 25 % (2.0 s)",
                        "train 30 % (2.4 s)",
                        "train 40 % (3.2 s)",
                        "train 50 % (4.0 s)",
                        "train 60 % (4.8 s)",
                        "train 70 % (5.6 s)",
                        "train 80 % (6.4 s)",
                        "train 90 % (7.2 s)",
                        "train 100 % (8.0 s)");
    }

    @Test
    void shouldPrintOneLineAtTheEndOfShortWork() {
        try (Progress progress = new LineProgress(pipes.terminal().err(), "read", 1000, nanos::get)) {
            for (int done = 0; done <= 1000; done++) {
                nanos.set(Duration.ofMillis(done).toNanos());
                progress.advanceTo(done);
            }
            progress.detail("13710 events");
            nanos.set(Duration.ofMillis(1999).toNanos());
            progress.advanceTo(1000);
            assertThat(pipes.err()).isEmpty();
        }
        assertThat(pipes.errLines()).containsExactly("read 100 % (2.0 s) 13710 events");
    }

    @Test
    void shouldPrintALineAfterFiveSecondsOfSlowWorkWithItsDetail() {
        try (Progress progress = new LineProgress(pipes.terminal().err(), "train", 1000, nanos::get)) {
            progress.detail("loss 0.812");
            progress.advanceTo(1);
            nanos.set(Duration.ofMillis(4999).toNanos());
            progress.advanceTo(2);
            assertThat(pipes.err()).isEmpty();
            nanos.set(Duration.ofMillis(5000).toNanos());
            progress.advanceTo(12);
            assertThat(pipes.errLines()).containsExactly("train 1 % (5.0 s) loss 0.812");
        }
    }

    @Test
    void shouldSayWhereTheWorkStoodWhenItEndsEarlyAndNotRepeatTheLastLine() {
        try (Progress progress = new LineProgress(pipes.terminal().err(), "read", 100, nanos::get)) {
            nanos.set(Duration.ofSeconds(3).toNanos());
            progress.advanceTo(10);
            progress.advanceTo(17);
        }
        try (Progress progress = new LineProgress(pipes.terminal().err(), "write", 100, nanos::get)) {
            nanos.set(Duration.ofSeconds(6).toNanos());
            progress.advanceTo(200);
        }
        assertThat(pipes.errLines()).containsExactly("read 10 % (3.0 s)", "read 17 % (3.0 s)", "write 100 % (3.0 s)");
    }

    @Test
    void shouldCountHugeTotalsWithoutOverflow() {
        try (Progress progress = new LineProgress(pipes.terminal().err(), "read", Long.MAX_VALUE, nanos::get)) {
            progress.advanceTo(Long.MAX_VALUE / 2);
        }
        assertThat(pipes.errLines()).containsExactly("read 50 % (0.0 s)");
    }

    @Test
    void shouldDrawABarOnAScreenAndKeepNotesOnLinesOfTheirOwn() {
        Captured screen = Captured.screen(true);
        try (Progress progress = Progress.start(screen.terminal(), "train", 100)) {
            progress.advanceTo(40);
            progress.note("epoch 1: loss 0.9");
            progress.detail("loss 0.812");
            progress.advanceTo(100);
        }
        // What a person sees of a line is what follows its last carriage return.
        assertThat(Stream.of(screen.err().split("\n"))
                        .map(line -> line.substring(line.lastIndexOf('\r') + 1))
                        .filter(line -> !line.isBlank()))
                .hasSize(2)
                .satisfies(lines -> {
                    assertThat(lines.get(0)).isEqualTo("epoch 1: loss 0.9");
                    assertThat(lines.get(1))
                            .startsWith("train 100%")
                            .contains("100/100")
                            .contains("loss 0.812");
                });
        assertThat(screen.out()).isEmpty();
    }

    @Test
    void shouldRefuseATotalOfNothing() {
        assertThatThrownBy(() -> Progress.start(pipes.terminal(), "train", 0)).hasMessage("total must be >= 1, got 0");
    }
}
