package dev.sequitur.deploy.integration;

/** A record that the broker has taken. */
record Sent(Place place, Input input) {}
