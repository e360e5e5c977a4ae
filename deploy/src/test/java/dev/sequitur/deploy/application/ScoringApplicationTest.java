package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;

class ScoringApplicationTest {
    @Test
    void shouldGoOnWithANewThreadWhereTheBrokerHasAbortedATransaction() {
        assertThat(ScoringApplication.response(new StreamsException(
                        "Error encountered trying to commit a transaction", new InvalidTxnStateException("aborted"))))
                .isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
    }

    @Test
    void shouldStopForEveryFailureThatWouldComeAgain() {
        assertThat(ScoringApplication.response(
                        new StreamsException("Exception caught in process", new IllegalStateException("damaged"))))
                .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
        assertThat(ScoringApplication.response(new OutOfMemoryError()))
                .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    }
}
