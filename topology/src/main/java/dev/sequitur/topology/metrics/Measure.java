package dev.sequitur.topology.metrics;

/** What is measured once a natural batch. */
public enum Measure {
    BATCH_SIZE("batch-size", "events of a natural batch", 100_000),
    PADDING_SHARE("padding-share", "share of a batch's slots in calls of the step function that no event filled", 1),
    STEP_TIME("step-time-us", "microseconds in the step function, a batch", 10_000_000),
    STATE_READ_TIME("state-read-time-us", "microseconds reading states, a batch", 10_000_000),
    STATE_WRITE_TIME("state-write-time-us", "microseconds writing states, a batch", 10_000_000);

    private final String code;
    private final String description;
    private final double largest;

    Measure(String code, String description, double largest) {
        this.code = code;
        this.description = description;
        this.largest = largest;
    }

    /** The metrics are {@code <code>-avg}, {@code -max}, {@code -p50} and {@code -p99}. */
    public String code() {
        return code;
    }

    String description() {
        return description;
    }

    /** Percentiles count what is larger as this. */
    double largest() {
        return largest;
    }
}
