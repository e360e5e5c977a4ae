package dev.sequitur.topology.metrics;

/** What a stage shows the present value of. */
public enum Level {
    BACKLOG("backlog", "offsets of the partition that were polled and not processed yet"),
    HELD("held", "events that wait to be put in the order of event time"),
    ENTITIES("entities", "entities that have a state; an estimate until all were looked at once"),
    STATE_BYTES("state-bytes", "bytes of their keys and states; an estimate until all were looked at once");

    private final String code;
    private final String description;

    Level(String code, String description) {
        this.code = code;
        this.description = description;
    }

    /** Name of the metric. */
    public String code() {
        return code;
    }

    String description() {
        return description;
    }
}
