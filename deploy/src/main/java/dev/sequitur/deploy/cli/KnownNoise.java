package dev.sequitur.deploy.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Set;

/**
 * Drops warnings that say nothing to anyone, from loggers whose other warnings matter. Named in logback.xml.
 *
 * <p>Threading: immutable.
 */
public final class KnownNoise extends Filter<ILoggingEvent> {
    private static final Set<String> MESSAGES = Set.of(
            // Every controller client of an embedded broker says so when the broker stops.
            "Attempting to close NetworkClient that has already been closed.");

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return MESSAGES.contains(event.getMessage()
                        .substring(event.getMessage().indexOf(']') + 1)
                        .strip())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
