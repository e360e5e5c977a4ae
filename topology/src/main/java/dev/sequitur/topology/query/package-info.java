/** Questions about single entities, answered from their states without touching the stream. */
package dev.sequitur.topology.query;
