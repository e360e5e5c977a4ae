package dev.sequitur.deploy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/**
 * The contract of registries kept by a real one: that at {@code -Dregistry.url}, or an Apicurio Registry in the directory
 * {@code -Dregistry.home}, which the profile {@code registry} fetches: {@code mvn test -Pregistry}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RealRegistryTest extends RegistryContract {
    private static final String API = "/apis/ccompat/v7";
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^ ]+:\\d+)");

    private static Process process;
    private static String url;

    @BeforeAll
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    static void start() throws IOException {
        url = System.getProperty("registry.url", "");
        if (url.isEmpty()) {
            String home = System.getProperty("registry.home", "");
            assumeTrue(!home.isEmpty(), "no real registry: give -Dregistry.url, or let -Pregistry fetch one");
            url = run(Path.of(home)) + API;
        }
    }

    private static String run(Path home) throws IOException {
        Path jar;
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(home, "apicurio-registry-app-*-runner.jar")) {
            jar = jars.iterator().next();
        }
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0",
                        // Says where it listens.
                        "-Dquarkus.log.category.\"io.quarkus\".level=INFO",
                        "-jar",
                        jar.getFileName().toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        StringBuilder said = new StringBuilder();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            Matcher matcher = LISTENING.matcher(line);
            if (matcher.find()) {
                Thread drain = new Thread(() -> readAll(out), "registry-output");
                drain.setDaemon(true);
                drain.start();
                return matcher.group(1);
            }
        }
        throw new AssertionError("the registry ended:\n" + said);
    }

    /** A process whose output nobody reads stands still. */
    private static void readAll(BufferedReader out) {
        try {
            out.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // The process was stopped.
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Override
    protected String url() {
        return url;
    }
}
