package dev.sequitur.deploy.integration;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.broker.PortInUseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A broker in a process of its own, which can be killed and started again over its log, as a machine would that lost its
 * power and not its disk. It ends with the process that started it.
 *
 * <p>Threading: belongs to one thread.
 */
final class ChildBroker implements AutoCloseable {
    private static final String READY = "broker at port ";
    /**
     * Below those that the system takes for outgoing connections: while the broker is down its clients go on connecting,
     * and none of them may be given its port.
     */
    private static final int LOWEST_PORT = 15_000;

    private static final int PORTS = 15_000;

    private final Path directory;
    private Process process;
    private int port;
    private int starts;

    private ChildBroker(Path directory) {
        this.directory = directory;
    }

    /** @param directory of the broker's data and of what it says */
    static ChildBroker start(Path directory) throws IOException {
        ChildBroker broker = new ChildBroker(Files.createDirectories(directory));
        broker.launch();
        return broker;
    }

    private void launch() throws IOException {
        Path log = directory.resolve("broker-" + ++starts + ".log");
        process = new ProcessBuilder(ChildJava.command(List.of(
                        ChildBroker.class.getName(), directory.resolve("data").toString(), Integer.toString(port))))
                .redirectError(log.toFile())
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroyForcibly();
            throw new AssertionError("the broker doesn't start: " + line + "; it said: " + Files.readString(log));
        }
        port = Integer.parseInt(line.substring(READY.length()));
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** SIGKILL, then starts over the same log and at the same port. Returns when clients can connect. */
    void killAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        launch();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The child: {@code directory port}; port 0 for any. Ends when its standard input does. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (EmbeddedBroker broker = broker(Path.of(args[0]), Integer.parseInt(args[1]))) {
            out.println(READY + broker.port());
            System.in.transferTo(PrintStream.nullOutputStream());
        }
        System.exit(0);
    }

    private static EmbeddedBroker broker(Path directory, int port) {
        EmbeddedBroker.Builder builder = EmbeddedBroker.builder()
                .directory(directory)
                // What a dead application leaves open holds up all readers until it is aborted.
                .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
        if (port > 0) {
            return builder.port(port).start();
        }
        Random random = new Random();
        while (true) {
            try {
                return builder.port(LOWEST_PORT + random.nextInt(PORTS)).start();
            } catch (PortInUseException e) {
                System.err.println(e.getMessage() + "; trying another");
            }
        }
    }
}
