/** What is kept of an entity between two of its events. */
package dev.sequitur.topology.state;
