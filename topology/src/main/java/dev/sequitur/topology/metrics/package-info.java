/** What happened to every event, counted. */
package dev.sequitur.topology.metrics;
