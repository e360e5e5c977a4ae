package dev.sequitur.deploy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import dev.sequitur.deploy.terminal.UserException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says: warnings of Sequitur, and little of anything else (logback.xml). {@code --verbose} adds
 * Sequitur's own INFO and stack traces. {@code SEQUITUR_LOG} overrides: a level for Sequitur ({@code DEBUG}), or
 * levels by logger ({@code dev.sequitur=DEBUG,org.apache.kafka=INFO}).
 */
final class LogLevels {
    static final String VARIABLE = "SEQUITUR_LOG";
    private static final String OWN = "dev.sequitur";

    private LogLevels() {}

    /** @throws UserException when {@code SEQUITUR_LOG} names no level */
    static void apply(boolean verbose, Map<String, String> environment) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Map<String, Level> levels = new LinkedHashMap<>();
        if (verbose) {
            levels.put(OWN, Level.INFO);
            showStackTraces(context);
        }
        levels.putAll(parse(environment.getOrDefault(VARIABLE, "")));
        levels.forEach((logger, level) -> context.getLogger(logger).setLevel(level));
    }

    static Map<String, Level> parse(String text) {
        Map<String, Level> levels = new LinkedHashMap<>();
        for (String part : text.split(",")) {
            if (!part.isBlank()) {
                int equals = part.indexOf('=');
                String logger = equals < 0 ? OWN : part.substring(0, equals).strip();
                levels.put(logger, level(part.substring(equals + 1).strip(), text));
            }
        }
        return levels;
    }

    private static Level level(String name, String text) {
        Level level = Level.toLevel(name, null);
        if (level == null) {
            throw new UserException(
                    VARIABLE + "=" + text + ": '" + name
                            + "' is no level. Use TRACE, DEBUG, INFO, WARN, ERROR or OFF, alone or as LOGGER=LEVEL,LOGGER=LEVEL.");
        }
        return level;
    }

    private static void showStackTraces(LoggerContext context) {
        Appender<ILoggingEvent> shipped =
                context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        // Whoever brings a configuration of his own (-Dlogback.configurationFile) has chosen his patterns.
        if (shipped instanceof ConsoleAppender<ILoggingEvent> console) {
            PatternLayoutEncoder encoder = new PatternLayoutEncoder();
            encoder.setContext(context);
            encoder.setPattern(context.getProperty("line") + "%n%ex");
            encoder.start();
            console.setEncoder(encoder);
        }
    }
}
