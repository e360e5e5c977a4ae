package dev.sequitur.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sequitur.deploy.cli.Sequitur;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo as a process of its own, as a person at a terminal does, and ends it with Ctrl-C. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DemoTest {
    private static final Pattern END = Pattern.compile("scored (\\d+) events of (\\d+) entities, (\\d+) alarms,"
            + " (\\d+) of (\\d+) injected faults caught, (\\d+) lost, (\\d+) duplicated");
    private static final int SIGINT = 2;

    @TempDir
    Path dir;

    private Process process;

    @AfterEach
    void kill() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private Path temporary() {
        return dir.resolve("tmp");
    }

    private Path err() {
        return dir.resolve("err");
    }

    private BufferedReader start(String... options) throws IOException {
        Files.createDirectories(temporary());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary(),
                "-cp",
                System.getProperty("java.class.path"),
                Sequitur.class.getName(),
                "demo",
                "--vehicles",
                "6"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).redirectError(err().toFile()).start();
        return process.inputReader();
    }

    private void interrupt() throws Exception {
        Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** A process whose parent ignores Ctrl-C ignores it too, as jobs in the background of a shell without job control do. */
    private static void assumeThatCtrlCIsHeard() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            BigInteger ignored = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line ->
                            new BigInteger(line.substring("SigIgn:".length()).strip(), 16))
                    .findFirst()
                    .orElseThrow();
            assumeFalse(ignored.testBit(SIGINT - 1), "SIGINT is ignored by this process, so by its children");
        }
    }

    private int exitCode() throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Matcher closing(List<String> lines) throws IOException {
        assertThat(lines).as(Files.readString(err())).isNotEmpty();
        Matcher end = END.matcher(lines.get(lines.size() - 1));
        assertThat(end.matches()).as("the last of " + lines).isTrue();
        return end;
    }

    private static int group(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    private void assertExactlyOnce(Matcher end) throws IOException {
        assertThat(group(end, 1)).isPositive();
        assertThat(group(end, 2)).isBetween(1, 6);
        assertThat(group(end, 4)).isLessThanOrEqualTo(group(end, 5));
        assertThat(group(end, 6)).as("lost").isZero();
        assertThat(group(end, 7)).as("duplicated").isZero();
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(temporary())) {
            assertThat(left.map(path -> path.getFileName().toString())
                            // JavaCPP's cache of native libraries is shared by all processes of a user, and stays.
                            .filter(Predicate.not(name -> name.startsWith("javacpp")))
                            .filter(name -> name.startsWith("sequitur") || name.startsWith("kafka")))
                    .isEmpty();
        }
    }

    @Test
    void shouldTrainStreamAndEndByItselfWithEveryEventScoredOnce() throws Exception {
        List<String> lines;
        try (BufferedReader out = start("--for", "4s", "--history", "1h")) {
            lines = out.lines().toList();
        }
        assertThat(exitCode()).isZero();
        Matcher end = closing(lines);
        assertExactlyOnce(end);
        // Six vehicles, a reading every 10 s or so of their time, 480 s of it.
        assertThat(group(end, 1)).isBetween(60, 2000);
        assertThat(lines).anyMatch(line -> line.contains(" scored van-"));
        assertThat(Files.readAllLines(err())).noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }

    @Test
    void shouldEndCleanlyByCtrlCWhileItStreams() throws Exception {
        assumeThatCtrlCIsHeard();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = start("--history", "1h")) {
            lines.add(out.readLine());
            assertThat(lines.get(0)).as(Files.readString(err())).isNotNull();
            interrupt();
            out.lines().forEach(lines::add);
        }
        assertThat(exitCode()).as("128 + SIGINT").isEqualTo(128 + SIGINT);
        assertExactlyOnce(closing(lines));
    }

    @Test
    void shouldEndByCtrlCWhileItTrainsLongBeforeTheTrainingWould() throws Exception {
        assumeThatCtrlCIsHeard();
        // A history that takes many minutes to learn from, so that the end is due to the signal.
        try (BufferedReader out = start("--history", "10d")) {
            awaitErr("training on");
            interrupt();
            assertThat(out.lines()).isEmpty();
        }
        assertThat(exitCode()).as("128 + SIGINT").isEqualTo(128 + SIGINT);
        assertThat(Files.readString(err())).contains("stopped during training, before the fleet went live");
        assertNothingIsLeft();
    }

    private void awaitErr(String text) throws Exception {
        try (var watch = dir.getFileSystem().newWatchService()) {
            dir.register(watch, java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!Files.readString(err()).contains(text)) {
                assertThat(System.nanoTime()).as(Files.readString(err())).isLessThan(deadline);
                assertThat(process.isAlive()).as(Files.readString(err())).isTrue();
                var key = watch.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        }
    }
}
