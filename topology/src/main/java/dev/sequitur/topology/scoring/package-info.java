/** The processor that steps the events of a natural batch, and the counters that account for each of them. */
package dev.sequitur.topology.scoring;
