/** Ids for schemas, where topics carry Confluent's wire format. */
package dev.sequitur.topology.registry;
