package dev.sequitur.topology.batch;

import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Stops on an exception, as Kafka Streams' default does, but for the record that this one adds to the topic of dead
 * letters: of a natural batch it would be the {@link Carrier}, which says nothing to anybody. Its events come again.
 *
 * <p>Threading: stateless.
 */
public final class BatchFailureHandler extends LogAndFailProcessingExceptionHandler {
    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        Response logged = super.handleError(context, record, exception);
        return Carrier.isMark(context.sourceRawValue()) ? Response.fail() : logged;
    }
}
