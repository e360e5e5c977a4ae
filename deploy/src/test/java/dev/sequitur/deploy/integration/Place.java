package dev.sequitur.deploy.integration;

/** Where a record stands in the input topic. */
record Place(int partition, long offset) {
    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
