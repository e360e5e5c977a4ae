package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestorationTest {
    private static final TopicPartition FIRST = new TopicPartition("changelog", 0);
    private static final TopicPartition SECOND = new TopicPartition("changelog", 1);

    @Test
    void shouldCountWhatIsToGoUntilNothingIs() {
        Restoration restoration = new Restoration();
        assertThat(restoration.inWords()).isEmpty();
        restoration.onRestoreStart(FIRST, "store", 1_000, 101_000);
        restoration.onRestoreStart(SECOND, "store", 0, 50_000);
        assertThat(restoration.inWords()).hasValue("restoring 2 of 2 changelog partitions: 150,000 records to go");
        restoration.onBatchRestored(FIRST, "store", 40_999, 40_000);
        restoration.onRestoreEnd(SECOND, "store", 50_000);
        assertThat(restoration.inWords()).hasValue("restoring 1 of 2 changelog partitions: 60,000 records to go");
        // A store behind its listener, reset while it was restored: never less than none.
        restoration.onBatchRestored(FIRST, "store", 200_000, 1);
        assertThat(restoration.inWords()).hasValue("restoring 1 of 2 changelog partitions: 0 records to go");
        restoration.onRestoreSuspended(FIRST, "store", 70_000);
        assertThat(restoration.inWords()).isEmpty();
        restoration.onRestoreStart(FIRST, "store", 0, 10);
        assertThat(restoration.inWords()).hasValue("restoring 1 of 1 changelog partitions: 10 records to go");
    }
}
