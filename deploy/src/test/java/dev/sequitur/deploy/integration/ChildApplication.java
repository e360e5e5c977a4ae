package dev.sequitur.deploy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** {@code sequitur run} in a process of its own, which can be killed. */
final class ChildApplication implements AutoCloseable {
    private static final int EXIT_S = 60;

    private final Process process;
    private final Path log;

    private ChildApplication(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param name of this run's files in {@code directory} */
    static ChildApplication start(Path directory, String name, Properties config) throws IOException {
        Path file = directory.resolve(name + ".properties");
        try (var writer = Files.newBufferedWriter(file)) {
            config.store(writer, null);
        }
        Path log = directory.resolve(name + ".log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        // It lives for seconds: a better compiler would cost more than it gains.
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        // The class path is the test's: its other configurations are not the shipped one.
                        "-Dlogback.configurationFile=logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.sequitur.deploy.cli.Sequitur",
                        "run",
                        "--config",
                        file.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        return new ChildApplication(process, log);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** SIGKILL. Returns when the process is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exit();
    }

    /** SIGTERM; the exit code once the process has ended. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exit();
    }

    private int exit() throws InterruptedException {
        if (!process.waitFor(EXIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError("the process didn't end within " + EXIT_S + " s; it said: " + said());
        }
        return process.exitValue();
    }

    /** What it wrote to its outputs so far. */
    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "nothing that can be read: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
