/** What one poll brought for a partition, handed on as one record; and its events cut into waves of distinct entities. */
package dev.sequitur.topology.batch;
