package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    /** Clocks of nanoseconds may be negative, and overflow. */
    private static final long START = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(50);

    private static long at(long ms) {
        return START + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private static Headers headers() {
        return new ProducerRecord<byte[], byte[]>("topic", new byte[0]).headers();
    }

    @Test
    void shouldCountFromWhenAnEventWasDue() {
        Latencies latencies = new Latencies(START, START);
        // Due every 10 ms; the second holds all up until 100 ms, as a schedule that waits for answers would hide.
        latencies.record(at(0), at(1));
        for (int due = 10; due < 100; due += 10) {
            latencies.record(at(due), at(100));
        }
        assertThat(latencies.count()).isEqualTo(10);
        assertThat(latencies.maxMs()).isCloseTo(90, within(0.1));
        // Sorted: 1, 10, 20, … 90 ms; half of the ten are at most 40.
        assertThat(latencies.percentileMs(50)).isCloseTo(40, within(0.05));
        assertThat(latencies.percentileMs(10)).isCloseTo(1, within(0.002));
    }

    @Test
    void shouldSeeWhatWarmsUpWithoutRecordingIt() {
        Latencies latencies = new Latencies(START, at(20));
        latencies.record(at(0), at(1000));
        latencies.record(at(20), at(25));
        assertThat(latencies.seen()).isEqualTo(2);
        assertThat(latencies.count()).isEqualTo(1);
        assertThat(latencies.maxMs()).isCloseTo(5, within(0.01));
    }

    @Test
    void shouldPassOverWhatWasDueBefore() {
        Latencies latencies = new Latencies(START, START);
        latencies.record(at(-1), at(1000));
        assertThat(latencies.seen()).isZero();
        assertThat(latencies.count()).isZero();
    }

    @Test
    void shouldCarryTheDueTimeWithTheEvent() {
        Latencies latencies = new Latencies(START, START);
        Headers headers = headers();
        Latencies.mark(headers, at(60));
        latencies.record(headers, at(67));
        assertThat(latencies.maxMs()).isCloseTo(7, within(0.01));
    }

    @Test
    void shouldRefuseAScoreWithoutADueTime() {
        assertThatThrownBy(() -> new Latencies(START, START).record(headers(), START))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("bench-due");
    }
}
