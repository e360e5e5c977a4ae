package dev.sequitur.deploy.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How fast a group commits a topic, from some commit on to the topic's end.
 *
 * <p>Threading: belongs to one thread.
 */
final class Pace {
    /** How long nothing at all may happen: a start, a rebalance and the first commit lie within. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final int LOOK_MS = 10;

    private final BenchCluster cluster;
    private final String group;
    private final Watched watched;

    /** The application whose commits are watched. */
    interface Watched {
        boolean dead();

        /** What is said of one that doesn't get on. */
        RuntimeException failure(String what);
    }

    /** What is done when the measurement begins. */
    interface Begun {
        void begun() throws InterruptedException;
    }

    /** @param group the application's id */
    Pace(BenchCluster cluster, String group, Watched watched) {
        this.cluster = cluster;
        this.group = group;
        this.watched = watched;
    }

    /**
     * Waits until the group has committed the topic up to its end, and measures from the first commit seen that begins.
     *
     * @param begins whether a commit, offsets by partition, is beyond what doesn't count
     * @param end offsets, summed over partitions, of the end
     * @param begun is called when that commit is seen
     */
    Rate measure(String topic, Predicate<Map<Integer, Long>> begins, long end, Begun begun)
            throws InterruptedException {
        long firstNanos = 0;
        long firstCpuNanos = 0;
        long first = 0;
        boolean measuring = false;
        long last = 0;
        long lastNanos = System.nanoTime();
        while (true) {
            Map<Integer, Long> offsets = cluster.offsets(group, topic);
            long committed =
                    offsets.values().stream().mapToLong(offset -> offset).sum();
            long nowNanos = System.nanoTime();
            if (!measuring && begins.test(offsets)) {
                measuring = true;
                firstNanos = nowNanos;
                firstCpuNanos = streamNanos();
                first = committed;
                begun.begun();
            }
            if (committed >= end) {
                return measuring
                        ? Rate.of(end - first, nowNanos - firstNanos, streamNanos() - firstCpuNanos)
                        : Rate.of(0, 0, 0);
            }
            if (committed > last) {
                last = committed;
                lastNanos = nowNanos;
            }
            if (watched.dead() || nowNanos - lastNanos > PATIENCE.toNanos()) {
                throw watched.failure(committed + " of " + end + " events are committed");
            }
            Thread.sleep(LOOK_MS);
        }
    }

    /**
     * How fast events were processed.
     *
     * @param eventsPerSecond NaN where all were committed at once
     * @param cpuMicros that an event took of the stream threads' CPU; NaN likewise, and where the JVM doesn't tell
     */
    record Rate(double eventsPerSecond, double cpuMicros) {
        private static Rate of(long events, long nanos, long cpuNanos) {
            return events == 0
                    ? new Rate(Double.NaN, Double.NaN)
                    : new Rate(events / (nanos / 1e9), cpuNanos > 0 ? cpuNanos / 1e3 / events : Double.NaN);
        }
    }

    private long streamNanos() {
        return cpuNanos(name -> name.startsWith(group + "-") && name.contains("-StreamThread-"));
    }

    /** CPU that this process's threads of such names have taken; 0 where the JVM doesn't tell. */
    static long cpuNanos(Predicate<String> name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && name.test(thread.getThreadName())) {
                nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return nanos;
    }
}
