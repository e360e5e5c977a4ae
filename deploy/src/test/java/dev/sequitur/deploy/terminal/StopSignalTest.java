package dev.sequitur.deploy.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class StopSignalTest {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    /** Works until it is stopped; with the argument {@code deaf} it goes on. */
    static final class Work {
        public static void main(String[] args) throws Exception {
            try (StopSignal stop = StopSignal.install(Duration.ofMillis(args.length > 0 ? 100 : 20_000))) {
                System.out.println("working");
                stop.await(FOR_EVER);
                if (args.length > 0) {
                    Thread.currentThread().join();
                }
                System.out.println("ended cleanly");
            }
        }
    }

    @Test
    void shouldLetTheWorkEndCleanlyWhenTheProcessIsTerminated() throws Exception {
        Process process = start();
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("working");
            // Not process.destroy(): it closes the streams as well.
            process.toHandle().destroy();
            assertThat(out.lines()).containsExactly("ended cleanly");
        }
        assertThat(process.waitFor()).as("128 + SIGTERM").isEqualTo(143);
    }

    @Test
    void shouldEndAnywayWhenTheWorkDoesNotWithinTheGrace() throws Exception {
        Process process = start("deaf");
        try (BufferedReader out = process.inputReader();
                BufferedReader err = process.errorReader()) {
            assertThat(out.readLine()).isEqualTo("working");
            // Not process.destroy(): it closes the streams as well.
            process.toHandle().destroy();
            assertThat(out.lines()).isEmpty();
            assertThat(err.lines())
                    .singleElement()
                    .asString()
                    .contains("still busy")
                    .contains("ending anyway");
        }
        assertThat(process.waitFor()).isEqualTo(143);
    }

    @Test
    void shouldEndFromWithinToo() throws Exception {
        try (StopSignal stop = StopSignal.install(FOR_EVER)) {
            assertThat(stop.requested()).isFalse();
            assertThat(stop.await(Duration.ofMillis(1))).isFalse();
            stop.request();
            assertThat(stop.requested()).isTrue();
            assertThat(stop.await(FOR_EVER)).isTrue();
        }
    }

    private static Process start(String... args) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Work.class.getName()),
                        Stream.of(args))
                .toList();
        return new ProcessBuilder(command).start();
    }
}
