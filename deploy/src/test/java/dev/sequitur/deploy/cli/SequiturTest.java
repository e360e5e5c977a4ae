package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.sequitur.deploy.terminal.Captured;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class SequiturTest {
    private static final org.slf4j.Logger OWN_LOG = LoggerFactory.getLogger("dev.sequitur.test");

    private final Captured captured = Captured.pipes();

    /** A subcommand whose work is the test's. */
    @Command(name = "work", description = "Does what the test says.")
    private static final class Work implements Callable<Integer> {
        private final Callable<Integer> work;

        @Option(names = "--count", description = "A number.")
        private int count;

        Work(Callable<Integer> work) {
            this.work = work;
        }

        @Override
        public Integer call() throws Exception {
            return work.call();
        }
    }

    @FunctionalInterface
    private interface WorkBody {
        int run(Terminal terminal, GlobalOptions options) throws Exception;
    }

    private int run(WorkBody body, Map<String, String> environment, String... args) {
        return Sequitur.run(
                captured.terminal(),
                environment,
                List.of((terminal, options) -> new Work(() -> body.run(terminal, options))),
                args);
    }

    private int run(WorkBody body, String... args) {
        return run(body, Map.of(), args);
    }

    @AfterEach
    void resetLog() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger("dev.sequitur").setLevel(null);
        context.getLogger("org.apache.kafka").setLevel(null);
    }

    @Test
    void shouldEndWithTheCodeOfTheWork() {
        assertThat(run((terminal, options) -> 0, "work")).isZero();
        assertThat(run((terminal, options) -> 1, "work")).isEqualTo(1);
        assertThat(captured.err()).isEmpty();
    }

    @Test
    void shouldTakeGlobalOptionsBeforeAndAfterTheCommand() {
        WorkBody reportJson = (terminal, options) -> options.json() ? 7 : 0;
        assertThat(run(reportJson, "work", "--json")).isEqualTo(7);
        assertThat(run(reportJson, "--json", "work")).isEqualTo(7);
        assertThat(run(reportJson, "work")).isZero();
    }

    @Test
    void shouldSayWhatWentWrongInOneLineWithoutStackTrace() {
        int code = run(
                (terminal, options) -> {
                    throw new UserException("no file 'x.csv'. Name one with --data.", new IOException("deep"));
                },
                "work");
        assertThat(code).isEqualTo(1);
        assertThat(captured.errLines()).containsExactly("sequitur: no file 'x.csv'. Name one with --data.");
        assertThat(captured.out()).isEmpty();
    }

    @Test
    void shouldShowTheStackTraceOfAnExpectedFailureWhenVerbose() {
        int code = run(
                (terminal, options) -> {
                    throw new UserException("no file 'x.csv'", new IOException("deep"));
                },
                "work",
                "--verbose");
        assertThat(code).isEqualTo(1);
        assertThat(captured.errLines().get(0)).isEqualTo("sequitur: no file 'x.csv'");
        assertThat(captured.err())
                .contains("\tat dev.sequitur.deploy.cli.SequiturTest")
                .contains("Caused by: java.io.IOException: deep");
    }

    @Test
    void shouldTreatAWrongSpecAndAMissingFileAsExpected() {
        run(
                (terminal, options) -> {
                    throw new SpecException("fleet.yaml:3: unknown key 'fild'");
                },
                "work");
        run(
                (terminal, options) ->
                        Files.readString(Path.of("/nowhere/fleet.yaml")).length(),
                "work");
        run(
                (terminal, options) -> {
                    throw new UncheckedIOException(new java.nio.file.AccessDeniedException("/etc/secret"));
                },
                "work");
        assertThat(captured.errLines())
                .containsExactly(
                        "sequitur: fleet.yaml:3: unknown key 'fild'",
                        "sequitur: /nowhere/fleet.yaml: no such file or directory",
                        "sequitur: /etc/secret: permission denied");
    }

    @Test
    void shouldCallADefectADefectAndOfferVerbose() {
        int code = run(
                (terminal, options) -> {
                    throw new IllegalStateException("rows 3 != 4");
                },
                "work");
        assertThat(code).isEqualTo(1);
        assertThat(captured.errLines())
                .containsExactly(
                        "sequitur: unexpected java.lang.IllegalStateException: rows 3 != 4",
                        "This is a defect of Sequitur. Run again with --verbose to see where it arose.");
    }

    @Test
    void shouldReportAnErrorOfTheMachineToo() {
        int code = run(
                (terminal, options) -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                "work");
        assertThat(code).isEqualTo(1);
        assertThat(captured.errLines().get(0)).contains("OutOfMemoryError: Java heap space");
    }

    @Test
    void shouldCallWrongUsageByExitCodeTwoAndPointToHelp() {
        assertThat(run((terminal, options) -> 0, "work", "--count", "many")).isEqualTo(2);
        assertThat(captured.errLines())
                .containsExactly(
                        "sequitur: Invalid value for option '--count': 'many' is not an int",
                        "Try 'sequitur work --help'.");
    }

    @Test
    void shouldSuggestTheCommandThatWasMeant() {
        assertThat(run((terminal, options) -> 0, "works")).isEqualTo(2);
        assertThat(captured.errLines())
                .containsExactly(
                        "sequitur: Unmatched argument at index 0: 'works'",
                        "Did you mean: sequitur work?",
                        "Try 'sequitur --help'.");
    }

    @Test
    void shouldAskForACommandWhenThereIsNone() {
        assertThat(run((terminal, options) -> 0)).isEqualTo(2);
        assertThat(captured.errLines()).containsExactly("sequitur: Missing command", "Try 'sequitur --help'.");
    }

    @Test
    void shouldPrintHelpAndVersionsOnStandardOutput() {
        assertThat(run((terminal, options) -> 0, "--help")).isZero();
        assertThat(captured.out()).contains("Usage: sequitur", "work", "--verbose", "Exit codes:", "SEQUITUR_LOG");
        assertThat(run((terminal, options) -> 0, "work", "--help")).isZero();
        assertThat(captured.out()).contains("Usage: sequitur work", "--count");
        assertThat(run((terminal, options) -> 0, "--version")).isZero();
        assertThat(captured.out()).containsPattern("sequitur \\d+\\.\\d+").containsPattern("Kafka 4\\.\\d+");
        assertThat(captured.err()).isEmpty();
    }

    @Test
    void shouldLogOwnInfoOnlyWhenVerbose() {
        run((terminal, options) -> OWN_LOG.isInfoEnabled() ? 7 : 0, "work");
        assertThat(run((terminal, options) -> OWN_LOG.isInfoEnabled() ? 7 : 0, "work"))
                .isZero();
        assertThat(run((terminal, options) -> OWN_LOG.isInfoEnabled() ? 7 : 0, "work", "-v"))
                .isEqualTo(7);
        assertThat(LoggerFactory.getLogger("org.apache.kafka.clients").isInfoEnabled())
                .isFalse();
    }

    @Test
    void shouldLogExceptionsWithTheirStackTracesOnlyWhenVerbose() {
        assertThat(logged("work"))
                .contains("java.lang.IllegalStateException: broken")
                .doesNotContain("\tat ");
        assertThat(logged("work", "-v")).contains("java.lang.IllegalStateException: broken", "\tat ");
    }

    /** What the shipped log writes of an exception during a command. */
    private String logged(String... args) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        ConsoleAppender<ILoggingEvent> stderr = (ConsoleAppender<ILoggingEvent>)
                context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        Encoder<ILoggingEvent> before = stderr.getEncoder();
        StringBuilder text = new StringBuilder();
        try {
            run(
                    (terminal, options) -> {
                        Throwable broken = new IllegalStateException("broken");
                        LoggingEvent event = new LoggingEvent(
                                "test", context.getLogger("dev.sequitur.test"), Level.WARN, "warned", broken, null);
                        text.append(new String(stderr.getEncoder().encode(event), StandardCharsets.UTF_8));
                        return 0;
                    },
                    args);
        } finally {
            stderr.setEncoder(before);
        }
        return text.toString();
    }

    @Test
    void shouldTakeLogLevelsFromTheEnvironment() {
        assertThat(LogLevels.parse("")).isEmpty();
        assertThat(LogLevels.parse("debug")).isEqualTo(Map.of("dev.sequitur", Level.DEBUG));
        assertThat(LogLevels.parse("dev.sequitur=TRACE, org.apache.kafka=INFO"))
                .isEqualTo(Map.of("dev.sequitur", Level.TRACE, "org.apache.kafka", Level.INFO));

        run((terminal, options) -> 0, Map.of("SEQUITUR_LOG", "org.apache.kafka=INFO"), "work");
        assertThat(LoggerFactory.getLogger("org.apache.kafka.clients").isInfoEnabled())
                .isTrue();
    }

    @Test
    void shouldRefuseALogLevelThatIsNone() {
        assertThat(run((terminal, options) -> 0, Map.of("SEQUITUR_LOG", "loud"), "work"))
                .isEqualTo(1);
        assertThat(captured.errLines())
                .singleElement()
                .asString()
                .contains("SEQUITUR_LOG=loud")
                .contains("Use TRACE");
    }
}
