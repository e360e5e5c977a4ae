package dev.sequitur.deploy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One of an application's instances: a directory of states, and a process that comes and goes. */
final class Instance implements AutoCloseable {
    private static final Pattern PROCESS_ID = Pattern.compile("\"processId\"\\s*:\\s*\"([^\"]+)\"");

    /** In the application's directory. */
    static final String PROCESS_FILE = "kafka-streams-process-metadata";

    private final String name;
    private final Path directory;
    private final List<String> program;
    private final Properties config;
    private ChildJava process;
    private boolean stopped;
    private int runs;

    /**
     * @param program main class and arguments; a properties file follows
     * @param config without what is the instance's own
     */
    Instance(String name, Path directory, List<String> program, Properties config) throws IOException {
        this.name = name;
        this.directory = Files.createDirectories(directory);
        this.program = program;
        this.config = new Properties();
        this.config.putAll(config);
        this.config.setProperty("client.id", name);
        this.config.setProperty("state.dir", stateDirectory().toString());
    }

    String name() {
        return name;
    }

    Properties config() {
        return config;
    }

    private Path stateDirectory() {
        return directory.resolve("state");
    }

    private Path applicationDirectory() {
        return stateDirectory().resolve(config.getProperty("application.id"));
    }

    void start() throws IOException {
        Files.createDirectories(stateDirectory());
        runs++;
        Path file = directory.resolve("run-" + runs + ".properties");
        try (var writer = Files.newBufferedWriter(file)) {
            config.store(writer, null);
        }
        List<String> command = new ArrayList<>(program);
        command.add(file.toString());
        process = ChildJava.start(directory.resolve("run-" + runs + ".log"), command);
        stopped = false;
    }

    /** SIGKILL. Returns when the process is gone. */
    void kill() throws InterruptedException {
        stopped = true;
        process.kill();
    }

    /** SIGTERM; the exit code once the process has ended. */
    int terminate() throws InterruptedException {
        stopped = true;
        return process.terminate();
    }

    /** SIGSTOP: the process stays as it is and does nothing, not even keep its connections alive. */
    void pause() throws IOException, InterruptedException {
        process.pause();
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        process.resume();
    }

    boolean endedByItself() {
        return !stopped && !process.alive();
    }

    /** What it wrote to its outputs in this run. */
    String said() {
        return process.said();
    }

    /** What its transactions have in their ids; the same for all its runs. */
    String processId() {
        Path file = applicationDirectory().resolve(PROCESS_FILE);
        try {
            return processId(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError("Kafka Streams keeps the name of its process no longer in " + file, e);
        }
    }

    /** @param metadata the contents of {@link #PROCESS_FILE} */
    static String processId(String metadata) {
        Matcher matcher = PROCESS_ID.matcher(metadata);
        if (matcher.find()) {
            return matcher.group(1);
        }
        throw new AssertionError("Kafka Streams names its process no longer in its directory, but: " + metadata);
    }

    /** Whether it has states of the partition on its disk. */
    boolean keeps(int partition) {
        return Files.isDirectory(
                applicationDirectory().resolve("0_" + partition).resolve("rocksdb"));
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
