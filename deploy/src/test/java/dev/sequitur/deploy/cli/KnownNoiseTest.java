package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownNoiseTest {
    private static final String TEMPORARY_STATE =
            "Using an OS temp directory in the state.dir property can cause failures with writing the checkpoint file"
                    + " due to the fact that this directory can be cleared by the OS. Resolved state.dir: [{}]";

    private static FilterReply decide(Throwable thrown, String message, Object... arguments) {
        LoggerContext context = new LoggerContext();
        return new KnownNoise()
                .decide(new LoggingEvent("test", context.getLogger("kafka"), Level.WARN, message, thrown, arguments));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tmp/sequitur-replay-986427838100207954",
                "/tmp/sequitur-demo-949/state",
                "/tmp/sequitur-bench-1"
            })
    void shouldNotWarnOfATemporaryStateThatIsOneOnPurpose(String directory) {
        assertThat(decide(null, TEMPORARY_STATE, directory)).isEqualTo(FilterReply.DENY);
    }

    @Test
    void shouldWarnOfATemporaryStateOfAService() {
        assertThat(decide(null, TEMPORARY_STATE, "/tmp/kafka-streams")).isEqualTo(FilterReply.NEUTRAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONCURRENT_TRANSACTIONS", "OUT_OF_ORDER_SEQUENCE_NUMBER"})
    void shouldNotWarnOfFirstBatchesThatAreSentAgain(String error) {
        String message = "[Producer clientId=a, transactionalId=b] Got error produce response with correlation id {} on"
                + " topic-partition {}, retrying ({} attempts left). Error: {}";
        assertThat(decide(null, message, 15, "scores-0", 2147483646, error)).isEqualTo(FilterReply.DENY);
        assertThat(decide(null, message, 15, "scores-0", 2147483646, "NOT_ENOUGH_REPLICAS"))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void shouldShowAnyOtherErrorOfTheBrokersLog() {
        String message = "[ReplicaManager broker=1] Error processing append operation on partition id:scores-0";
        assertThat(decide(new OutOfOrderSequenceException("4 for 0"), message)).isEqualTo(FilterReply.DENY);
        assertThat(decide(new KafkaStorageException("disk full"), message)).isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(new OutOfOrderSequenceException("4 for 0"), "Sending failed"))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void shouldLeaveAnUnreachableBrokerToTheErrorOfTheStartUpCheck() {
        String message = "[AdminClient clientId={}] Connection to node -1 (/127.0.0.1:1) could not be established. Node"
                + " may not be available.";
        assertThat(decide(null, message, "sequitur-start-up-check")).isEqualTo(FilterReply.DENY);
        assertThat(decide(null, message, "sequitur-fleet-admin")).isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void shouldDropWhatSaysNothing() {
        assertThat(decide(
                        null,
                        "Processing exception handler is not enabled for the GlobalThread. It's recommended to set it"))
                .isEqualTo(FilterReply.DENY);
        assertThat(
                        decide(
                                null,
                                "[NodeToControllerChannelManager id=1] Attempting to close NetworkClient that has already been closed."))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(null, "Connection to node 1 could not be established"))
                .isEqualTo(FilterReply.NEUTRAL);
    }
}
