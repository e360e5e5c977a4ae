package dev.sequitur.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.scoring.LateEvents;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

class InternalTopicsTest {
    /** The only store that has no changelog: it holds nothing. */
    private static final String NOT_LOGGED = "sequitur-before-commit";

    @Test
    void shouldNameWhatKafkaStreamsMakesOfTheTopologyWithAllItsOptions() {
        SequiturTopology sequitur = SequiturTopology.of(TestModel.endless().model())
                .input("events")
                .scores("scores")
                .keyed(false)
                .collecting(true)
                .late(LateEvents.processed().reorderedWithin(Duration.ofMinutes(1)))
                .stateTimeToLive(Duration.ofDays(1))
                .build();
        Properties properties = new Properties();
        properties.setProperty("application.id", "fleet");
        properties.setProperty("bootstrap.servers", "unused:9092");
        StreamsBuilder builder = new StreamsBuilder();
        sequitur.addTo(builder);
        assertThat(SequiturTopology.internalTopics("fleet"))
                .isEqualTo(named(builder.build(sequitur.configure(properties))));
    }

    private static Set<String> named(Topology topology) {
        Set<String> topics = new TreeSet<>();
        for (TopologyDescription.Subtopology part : topology.describe().subtopologies()) {
            for (TopologyDescription.Node node : part.nodes()) {
                if (node instanceof TopologyDescription.Processor processor) {
                    processor.stores().stream()
                            .filter(store -> !store.equals(NOT_LOGGED))
                            .forEach(store -> topics.add("fleet-" + store + "-changelog"));
                }
                if (node instanceof TopologyDescription.Sink sink
                        && sink.topic() != null
                        && sink.topic().endsWith("-repartition")) {
                    topics.add("fleet-" + sink.topic());
                }
            }
        }
        return topics;
    }
}
