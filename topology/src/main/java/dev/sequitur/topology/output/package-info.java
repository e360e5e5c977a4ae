/** What leaves the topology: scores and predictions as Avro, dead letters as they came. */
package dev.sequitur.topology.output;
