/** What the last events of entities were, in memory, for whoever asks while the stream goes on. */
package dev.sequitur.topology.history;
