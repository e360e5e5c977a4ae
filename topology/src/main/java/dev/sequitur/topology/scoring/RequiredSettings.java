package dev.sequitur.topology.scoring;

import dev.sequitur.topology.batch.BatchFailureHandler;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/** Streams settings without which events would be lost or stepped twice. */
public final class RequiredSettings {
    private static final Set<Object> FAILING =
            Set.of(BatchFailureHandler.class.getName(), LogAndFailProcessingExceptionHandler.class.getName());

    private RequiredSettings() {}

    /**
     * @param configs Streams properties, parsed or as the user wrote them
     * @throws ConfigException when one is missing or wrong
     */
    public static void check(Map<?, ?> configs) {
        Object guarantee = configs.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG);
        if (!StreamsConfig.EXACTLY_ONCE_V2.equals(guarantee) && !StreamsConfig.AT_LEAST_ONCE.equals(guarantee)) {
            throw new ConfigException(
                    StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                    guarantee,
                    "must be " + StreamsConfig.EXACTLY_ONCE_V2 + ", which SequiturTopology.configure adds, or "
                            + StreamsConfig.AT_LEAST_ONCE);
        }
        Object handler = configs.get(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG);
        if (handler != null && !fails(handler)) {
            throw new ConfigException(
                    StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                    handler,
                    "must be " + BatchFailureHandler.class.getName() + ", the default, or "
                            + LogAndFailProcessingExceptionHandler.class.getName() + ": a handler that"
                            + " continues would skip all the events of a natural batch. Events that can't be used are"
                            + " dead-lettered without it");
        }
    }

    /**
     * @param why what asks for it
     * @throws ConfigException when an event may be delivered again after it was stepped
     */
    static void requireExactlyOnce(Map<?, ?> configs, String why) {
        Object guarantee = configs.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG);
        if (!StreamsConfig.EXACTLY_ONCE_V2.equals(guarantee)) {
            throw new ConfigException(
                    StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                    guarantee,
                    "must be " + StreamsConfig.EXACTLY_ONCE_V2 + " where " + why + ": an event that is delivered again"
                            + " can't be told by its offset there");
        }
    }

    /** Whether events may be delivered again. */
    public static boolean isAtLeastOnce(Map<?, ?> configs) {
        return StreamsConfig.AT_LEAST_ONCE.equals(configs.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
    }

    private static boolean fails(Object handler) {
        return handler instanceof Class<?> type
                ? LogAndFailProcessingExceptionHandler.class.isAssignableFrom(type)
                : FAILING.contains(handler);
    }
}
