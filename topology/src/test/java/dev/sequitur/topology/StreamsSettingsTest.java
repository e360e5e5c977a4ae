package dev.sequitur.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.fixture.TestModel;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {
    private static final String INTERCEPTOR = NaturalBatchInterceptor.class.getName();

    private static Properties user(Object... keysAndValues) {
        Properties properties = new Properties();
        properties.put("application.id", "fleet");
        properties.put("bootstrap.servers", "unused:9092");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }

    private static SequiturTopologyBuilder topology() {
        return SequiturTopology.of(TestModel.endless().model()).input("events").scores("scores");
    }

    private static Properties configured(Object... keysAndValues) {
        return topology().build().configure(user(keysAndValues));
    }

    /** What Streams itself would give to its main consumer. */
    private static Map<String, Object> mainConsumer(Properties properties) {
        return new StreamsConfig(properties).getMainConsumerConfigs("fleet", "client", 0);
    }

    @Test
    void shouldAddWhatTheTopologyNeeds() {
        Properties properties = configured();
        StreamsConfig config = new StreamsConfig(properties);
        assertThat(config.getString("processing.guarantee")).isEqualTo("exactly_once_v2");
        assertThat(config.getString("errors.dead.letter.queue.topic.name")).isEqualTo("dead-letters");
        assertThat(config.getBoolean("ensure.explicit.internal.resource.naming"))
                .isTrue();
        assertThat(config.getInt("buffered.records.per.partition")).isEqualTo(8);
        assertThat(config.getProducerConfigs("client").get("batch.size")).isEqualTo("262144");
        Map<String, Object> consumer = mainConsumer(properties);
        assertThat(consumer)
                .containsEntry("interceptor.classes", INTERCEPTOR)
                .containsEntry("max.poll.records", "16000")
                .containsEntry(NaturalBatchInterceptor.TOPICS, "events")
                .containsEntry(NaturalBatchInterceptor.MAX_EVENTS, "4000");
    }

    @Test
    void shouldKeepTheInterceptorAwayFromOtherConsumers() {
        StreamsConfig config = new StreamsConfig(configured());
        assertThat(config.getRestoreConsumerConfigs("client")).doesNotContainKey("interceptor.classes");
        assertThat(config.getGlobalConsumerConfigs("client")).doesNotContainKey("interceptor.classes");
        assertThat(config.getProducerConfigs("client")).doesNotContainKey("interceptor.classes");
    }

    @Test
    void shouldKeepWhatTheUserSet() {
        Properties properties = configured(
                "errors.dead.letter.queue.topic.name",
                "mine",
                "buffered.records.per.partition",
                50,
                "producer.batch.size",
                "1000",
                "consumer.max.poll.records",
                "123",
                "ensure.explicit.internal.resource.naming",
                "false");
        StreamsConfig config = new StreamsConfig(properties);
        assertThat(config.getString("errors.dead.letter.queue.topic.name")).isEqualTo("mine");
        assertThat(config.getInt("buffered.records.per.partition")).isEqualTo(50);
        assertThat(config.getProducerConfigs("client").get("batch.size")).isEqualTo("1000");
        assertThat(config.getBoolean("ensure.explicit.internal.resource.naming"))
                .isFalse();
        assertThat(mainConsumer(properties)).containsEntry("max.poll.records", "123");
    }

    @Test
    void shouldKeepUnprefixedClientSettingsOfTheUser() {
        Properties properties = configured("batch.size", "2000", "max.poll.records", "77");
        assertThat(new StreamsConfig(properties).getProducerConfigs("client").get("batch.size"))
                .isEqualTo("2000");
        assertThat(mainConsumer(properties)).containsEntry("max.poll.records", "77");
    }

    @Test
    void shouldComeLastAmongTheUsersInterceptors() {
        for (String key : List.of("main.consumer.interceptor.classes", "consumer.interceptor.classes")) {
            assertThat(mainConsumer(configured(key, "a.First, b.Second")).get("interceptor.classes"))
                    .isEqualTo("a.First,b.Second," + INTERCEPTOR);
            assertThat(mainConsumer(configured(key, List.of("a.First", NaturalBatchInterceptor.class)))
                            .get("interceptor.classes"))
                    .isEqualTo("a.First," + INTERCEPTOR);
        }
        assertThat(configured("main.consumer.interceptor.classes", INTERCEPTOR + ",a.First")
                        .get("main.consumer.interceptor.classes"))
                .isEqualTo("a.First," + INTERCEPTOR);
    }

    @Test
    void shouldPackTheTopicsOfSeveralTopologies() {
        Properties properties = topology().build().configure(configured());
        properties = topology().input("more").build().configure(properties);
        assertThat(mainConsumer(properties))
                .containsEntry(NaturalBatchInterceptor.TOPICS, "events,more")
                .containsEntry("interceptor.classes", INTERCEPTOR);
    }

    @Test
    void shouldPackTheRepartitionTopicWhereTheInputIsNotKeyed() {
        Properties properties = topology().keyed(false).build().configure(user());
        assertThat(mainConsumer(properties))
                .containsEntry(NaturalBatchInterceptor.TOPICS, "fleet-sequitur-by-entity-repartition");
    }

    @Test
    void shouldNeedTheApplicationsNameWhereTheInputIsNotKeyed() {
        SequiturTopology topology = topology().keyed(false).build();
        assertThatThrownBy(() -> topology.configure(new Properties()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("application.id is not set");
    }

    @Test
    void shouldReadPropertiesThatStandOnOthers() {
        Properties defaults = user("buffered.records.per.partition", "33");
        assertThat(topology().build().configure(new Properties(defaults)))
                .containsEntry("application.id", "fleet")
                .containsEntry("buffered.records.per.partition", "33");
    }

    @Test
    void shouldLeaveTheUsersPropertiesAlone() {
        Properties user = user();
        topology().build().configure(user);
        assertThat(user).isEqualTo(user());
    }

    @Test
    void shouldTakeAtLeastOnceWhereTheTopicIsKeyedByEntity() {
        Properties properties = configured("processing.guarantee", "at_least_once");
        assertThat(properties).containsEntry("processing.guarantee", "at_least_once");
        assertThat(mainConsumer(properties)).containsEntry("interceptor.classes", INTERCEPTOR);
    }

    @Test
    void shouldRefuseAtLeastOnceBehindARepartitionTopic() {
        assertThatThrownBy(
                        () -> topology().keyed(false).build().configure(user("processing.guarantee", "at_least_once")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "processing.guarantee", "at_least_once", "repartition topic", "keyed by entity");
    }

    @Test
    void shouldRefuseAnyOtherGuarantee() {
        assertThatThrownBy(() -> configured("processing.guarantee", "at_most_once"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("processing.guarantee", "at_most_once", "exactly_once_v2", "at_least_once");
    }

    @Test
    void shouldRefuseAHandlerThatWouldSkipABatch() {
        for (Object handler : List.of(
                LogAndContinueProcessingExceptionHandler.class,
                LogAndContinueProcessingExceptionHandler.class.getName())) {
            assertThatThrownBy(() -> configured("processing.exception.handler", handler))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("would skip all the events of a natural batch");
        }
        assertThat(configured("processing.exception.handler", LogAndFailProcessingExceptionHandler.class.getName()))
                .isNotEmpty();
    }
}
