package dev.sequitur.topology.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.topology.state.OldStatesException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestoredStatesTest {
    private static final TopicPartition EVENTS = new TopicPartition("events", 3);

    private final List<String> asked = new ArrayList<>();

    private RestoredStates states(boolean events) {
        return new RestoredStates((partition, from, to) -> {
            asked.add(partition + " " + from + ".." + to);
            return events;
        });
    }

    @Test
    void shouldTakeStatesThatEndWhereTheEventsBeginWithoutLookingFurther() {
        states(true).require(EVENTS, OptionalLong.of(41), 42);
        // Delivered again.
        states(true).require(EVENTS, OptionalLong.of(41), 30);
        // Nothing known.
        states(true).require(EVENTS, OptionalLong.empty(), 42);
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldTakeOffsetsWithoutAnEventForNoGap() {
        states(false).require(EVENTS, OptionalLong.of(41), 44);
        assertThat(asked).containsExactly("events-3 42..44");
    }

    @Test
    void shouldRefuseStatesThatLackEventsAndSayWhatToDo() {
        assertThatThrownBy(() -> states(true).require(EVENTS, OptionalLong.of(41), 44))
                .isInstanceOf(OldStatesException.class)
                .hasMessageContainingAll("events-3", "up to offset 41", "up to 43", "reset");
    }
}
