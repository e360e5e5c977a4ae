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
        return states(events, true);
    }

    private RestoredStates states(boolean events, boolean processed) {
        return new RestoredStates(new RestoredStates.Input() {
            @Override
            public boolean hasEvents(TopicPartition partition, long from, long to) {
                asked.add(partition + " " + from + ".." + to);
                return events;
            }

            @Override
            public boolean wasProcessed(TopicPartition partition) {
                asked.add(partition + " processed");
                return processed;
            }
        });
    }

    @Test
    void shouldTakeStatesThatEndWhereTheEventsBeginWithoutLookingFurther() {
        states(true).require(EVENTS, OptionalLong.of(41), false, 42);
        // Delivered again.
        states(true).require(EVENTS, OptionalLong.of(41), false, 30);
        // Of a version that didn't say.
        states(true).require(EVENTS, OptionalLong.empty(), false, 42);
        // The very beginning.
        states(true).require(EVENTS, OptionalLong.empty(), true, 0);
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldTakeOffsetsWithoutAnEventForNoGap() {
        states(false).require(EVENTS, OptionalLong.of(41), false, 44);
        assertThat(asked).containsExactly("events-3 42..44");
    }

    @Test
    void shouldRefuseStatesThatLackEventsAndSayWhatToDo() {
        assertThatThrownBy(() -> states(true).require(EVENTS, OptionalLong.of(41), false, 44))
                .isInstanceOf(OldStatesException.class)
                .hasMessageContainingAll("events-3", "up to offset 41", "up to 43", "reset");
    }

    @Test
    void shouldRefuseNoStatesAtAllWhereEventsWereProcessed() {
        assertThatThrownBy(() -> states(true).require(EVENTS, OptionalLong.empty(), true, 44))
                .isInstanceOf(OldStatesException.class)
                .hasMessageContainingAll("no event of events-3", "up to 43", "reset");
        assertThat(asked).containsExactly("events-3 0..44", "events-3 processed");
    }

    @Test
    void shouldBeginWithoutStatesWhereTheOffsetWasSetByHandOrNoEventIsBefore() {
        states(true, false).require(EVENTS, OptionalLong.empty(), true, 44);
        states(false).require(EVENTS, OptionalLong.empty(), true, 44);
        assertThat(asked).containsExactly("events-3 0..44", "events-3 processed", "events-3 0..44");
    }
}
