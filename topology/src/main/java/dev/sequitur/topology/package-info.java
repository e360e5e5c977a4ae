/**
 * Scoring as a part of any Kafka Streams topology; start at {@link dev.sequitur.topology.SequiturTopology}. An event
 * goes through the packages in this order: {@code batch} → {@code input} → {@code scoring} (with {@code state}) →
 * {@code output}.
 */
package dev.sequitur.topology;
