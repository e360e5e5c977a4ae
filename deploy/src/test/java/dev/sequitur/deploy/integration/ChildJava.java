package dev.sequitur.deploy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java program of the tests' class path in a process of its own, which can be killed and paused. */
final class ChildJava implements AutoCloseable {
    private static final int EXIT_S = 60;

    private final Process process;
    private final Path log;

    private ChildJava(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts {@code java … program}; its outputs go to {@code log}. */
    static ChildJava start(Path log, List<String> program) throws IOException {
        return start(log, Map.of(), program);
    }

    /** @param environment over this process's own */
    static ChildJava start(Path log, Map<String, String> environment, List<String> program) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command(program)).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new ChildJava(process, log);
    }

    /** @param program main class and arguments */
    static List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                // It lives for seconds: a better compiler would cost more than it gains.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // The class path is the test's: its other configurations are not the shipped one.
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(program);
        return command;
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

    /** The exit code, once the process has ended by itself. */
    int ended() throws InterruptedException {
        return exit();
    }

    /** SIGSTOP: the process stays as it is and does nothing, not even keep its connections alive. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!kill.waitFor(EXIT_S, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new AssertionError("the process " + process.pid() + " doesn't take SIG" + name);
        }
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
