package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.terminal.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An {@link Asker}, as who started it sees it.
 *
 * <p>Threading: belongs to one thread.
 */
final class AskerProcess implements AutoCloseable {
    private static final int STOP_S = 30;
    private static final JsonMapper JSON = new JsonMapper();

    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private Duration cpu = Duration.ZERO;

    /**
     * What was asked between a beginning and its end.
     *
     * @param cpuSeconds that asking took; 0 where the system doesn't tell
     */
    record Asked(Asker.Answered answered, double cpuSeconds) {}

    private AskerProcess(Process process) {
        this.process = process;
        this.in = process.outputWriter(StandardCharsets.UTF_8);
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** One that waits to be told. */
    static AskerProcess start(int entities) throws IOException {
        return new AskerProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // Small, and soon as fast as it gets.
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Asker.class.getName(),
                        Integer.toString(entities))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * From now on it asks an application of this machine.
     *
     * @param rate look-ups a second
     */
    void begin(int port, int rate) {
        cpu = cpu();
        say(port + " " + rate);
    }

    /** Returns when all that were due are answered. */
    Asked end() {
        say("");
        try {
            String line = out.readLine();
            if (line == null) {
                throw gone(null);
            }
            return new Asked(
                    JSON.readValue(line, Asker.Answered.class), cpu().minus(cpu).toNanos() / 1e9);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("look-ups are told in another form than is read", e);
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private void say(String line) {
        try {
            in.write(line + "\n");
            in.flush();
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private static UserException gone(IOException cause) {
        return new UserException("Who asks for entities has ended; what it said stands above. Run again", cause);
    }

    @Override
    public void close() throws InterruptedException {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException("who asks for entities can't be told to end", e);
        } finally {
            if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
