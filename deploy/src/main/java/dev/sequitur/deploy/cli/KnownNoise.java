package dev.sequitur.deploy.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;

/**
 * Drops warnings that say nothing to anyone, from loggers whose other warnings matter. Named in logback.xml.
 *
 * <p>Threading: immutable.
 */
public final class KnownNoise extends Filter<ILoggingEvent> {
    private static final List<Pattern> MESSAGES = List.of(
            // Every controller client of an embedded broker says so when the broker stops.
            Pattern.compile("Attempting to close NetworkClient that has already been closed\\.$"),
            // There are no global stores in a topology of ours.
            Pattern.compile("^Processing exception handler is not enabled for the GlobalThread\\."),
            // True where a service keeps its states there; a demo, a replay or a benchmark deletes its own when
            // it ends.
            Pattern.compile(
                    "^Using an OS temp directory in the state\\.dir property.*[/\\\\]sequitur-(demo|replay|bench)-"),
            // The check's error says it once, and what to do.
            Pattern.compile("clientId=sequitur-start-up-check\\] Connection to node .* could not be established"),
            // A partition's first batches overtake its joining the transaction. Were retrying in vain, the send would
            // fail.
            Pattern.compile("Got error produce response .* retrying .*"
                    + " Error: (CONCURRENT_TRANSACTIONS|OUT_OF_ORDER_SEQUENCE_NUMBER)$"));

    /** The same batches as an embedded broker sees them. */
    private static final Pattern APPEND = Pattern.compile("Error processing append operation on partition");

    @Override
    public FilterReply decide(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        boolean early = event.getThrowableProxy() != null
                && event.getThrowableProxy().getClassName().equals(OutOfOrderSequenceException.class.getName())
                && APPEND.matcher(message).find();
        return early
                        || MESSAGES.stream()
                                .anyMatch(known -> known.matcher(message).find())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
