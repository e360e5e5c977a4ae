package dev.sequitur.deploy.api;

import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.query.EntityQueries;
import dev.sequitur.topology.state.EntityStates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The application that questions are asked of.
 *
 * <p>Threading: safe for use by many threads.
 */
final class Served {
    private final ScoringApplication application;
    private final Peers peers;
    private final EntityQueries queries;
    private final EntityQueries standby;
    private final Instant since = Instant.now();

    Served(ScoringApplication application, Peers peers) {
        this.application = application;
        this.peers = peers;
        this.queries = queries(false);
        this.standby = queries(true);
    }

    private EntityQueries queries(boolean stale) {
        return new EntityQueries(
                application.bundle().model(),
                application.bundle().learned(),
                new EntityQueries.Stores() {
                    @Override
                    public List<ReadOnlyKeyValueStore<Bytes, byte[]>> all() {
                        return stores(stale);
                    }

                    @Override
                    public Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> likely(String entity) {
                        OptionalInt partition = peers.partitionHere(streams(), entity);
                        return partition.isPresent()
                                ? Optional.of(store(partition.getAsInt(), stale))
                                : Optional.empty();
                    }
                },
                application.history());
    }

    ScoringApplication application() {
        return application;
    }

    Peers peers() {
        return peers;
    }

    KafkaStreams streams() {
        return application.streams();
    }

    Optional<History> history() {
        return application.history();
    }

    Instant since() {
        return since;
    }

    /** Of the entities whose states are processed here. */
    EntityQueries queries() {
        return queries;
    }

    /** Of those too that are only copied here, as far as the copies are. */
    EntityQueries standby() {
        return standby;
    }

    /**
     * The state store of each partition that is here.
     *
     * @throws InvalidStateStoreException while one of them is being restored or moved
     */
    private List<ReadOnlyKeyValueStore<Bytes, byte[]>> stores(boolean stale) {
        Set<Integer> partitions = new TreeSet<>();
        streams().metadataForLocalThreads().stream()
                .flatMap(thread -> stale
                        ? Stream.concat(thread.activeTasks().stream(), thread.standbyTasks().stream())
                        : thread.activeTasks().stream())
                .map(TaskMetadata::taskId)
                .forEach(task -> partitions.add(task.partition()));
        List<ReadOnlyKeyValueStore<Bytes, byte[]>> stores = new ArrayList<>();
        for (int partition : partitions) {
            try {
                stores.add(store(partition, stale));
            } catch (InvalidStateStoreException e) {
                // The stage that keys an unkeyed topic may have more partitions than the stage that has states.
                if (streams().state() != KafkaStreams.State.RUNNING) {
                    throw e;
                }
            }
        }
        return stores;
    }

    private ReadOnlyKeyValueStore<Bytes, byte[]> store(int partition, boolean stale) {
        StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> store = StoreQueryParameters.fromNameAndType(
                        EntityStates.STORE, QueryableStoreTypes.<Bytes, byte[]>keyValueStore())
                .withPartition(partition);
        return streams().store(stale ? store.enableStaleStores() : store);
    }
}
