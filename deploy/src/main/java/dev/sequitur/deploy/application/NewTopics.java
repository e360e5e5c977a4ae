package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.util.Optional;

/**
 * How a missing topic is created.
 *
 * @param partitions as many as the input topic has where empty, or the broker's default for the input itself
 * @param replicationFactor the broker's default where empty
 */
public record NewTopics(Optional<Integer> partitions, Optional<Short> replicationFactor) {
    public NewTopics {
        partitions.filter(n -> n < 1).ifPresent(n -> {
            throw new UserException("A topic has at least one partition, got " + n);
        });
        replicationFactor.filter(n -> n < 1).ifPresent(n -> {
            throw new UserException("A topic has a replication factor of at least 1, got " + n);
        });
    }
}
