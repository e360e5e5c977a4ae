/** From the bytes of a record to an event: keys, decoding, re-keying, and a topic as a source of training data. */
package dev.sequitur.topology.input;
