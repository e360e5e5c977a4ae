package dev.sequitur.deploy.integration;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Who of an application reads what of its input, how far that is committed, and what its transactions leave open. */
final class ConsumerGroup implements AutoCloseable {
    private static final int ANSWER_S = 30;

    private final Admin admin;
    private final String id;

    ConsumerGroup(String bootstrapServers, String id) {
        this(bootstrapServers, id, Map.of());
    }

    /** @param more settings of its client */
    ConsumerGroup(String bootstrapServers, String id, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        this.admin = Admin.create(settings);
        this.id = id;
    }

    /** The partitions of the topic that each client reads, by its {@code client.id} up to the thread's name. */
    Map<String, Set<Integer>> readers(String topic) {
        return ask(() -> {
            Map<String, Set<Integer>> readers = new HashMap<>();
            for (MemberDescription member : members()) {
                String client = member.clientId().split("-StreamThread-", 2)[0];
                Set<Integer> partitions = readers.computeIfAbsent(client, c -> new TreeSet<>());
                member.assignment().topicPartitions().stream()
                        .filter(partition -> partition.topic().equals(topic))
                        .forEach(partition -> partitions.add(partition.partition()));
            }
            return readers;
        });
    }

    private Collection<MemberDescription> members() throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(id))
                    .all()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .get(id)
                    .members();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return List.of();
            }
            throw e;
        }
    }

    /** Whether one of the transactions whose id holds the text has written and neither committed nor aborted. */
    boolean hasOpenTransaction(String part) {
        return ask(() -> admin
                .listTransactions(new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
                .all()
                .get(ANSWER_S, TimeUnit.SECONDS)
                .stream()
                .anyMatch(transaction -> transaction.transactionalId().contains(part)));
    }

    /** Ids of the brokers that keep its offsets and its transactions. */
    Set<Integer> coordinators() {
        return ask(() -> {
            Set<Integer> brokers = new TreeSet<>();
            brokers.add(admin.describeConsumerGroups(List.of(id))
                    .all()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .get(id)
                    .coordinator()
                    .id());
            List<String> transactions = admin.listTransactions().all().get(ANSWER_S, TimeUnit.SECONDS).stream()
                    .map(TransactionListing::transactionalId)
                    .filter(transaction -> transaction.startsWith(id + "-"))
                    .toList();
            admin.describeTransactions(transactions)
                    .all()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .values()
                    .forEach(transaction -> brokers.add(transaction.coordinatorId()));
            return brokers;
        });
    }

    /** The next record to be read of each partition; 0 where nothing is committed. */
    Map<Integer, Long> committed(String topic) {
        return ask(() -> {
            Map<Integer, Long> committed = new HashMap<>();
            offsets().forEach((partition, next) -> {
                if (partition.topic().equals(topic)) {
                    committed.put(partition.partition(), next == null ? 0 : next.offset());
                }
            });
            return committed;
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets()
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(id)
                    .partitionsToOffsetAndMetadata()
                    .get(ANSWER_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Map.of();
            }
            throw e;
        }
    }

    /** Whether every record that the topic holds now is committed. */
    boolean hasRead(String topic) {
        return ask(() -> {
            var description = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .get(topic);
            Map<TopicPartition, OffsetSpec> latest = description.partitions().stream()
                    .collect(Collectors.toMap(
                            info -> new TopicPartition(topic, info.partition()), info -> OffsetSpec.latest()));
            var ends = admin.listOffsets(latest).all().get(ANSWER_S, TimeUnit.SECONDS);
            Map<Integer, Long> committed = committed(topic);
            return ends.entrySet().stream()
                    .allMatch(end -> end.getValue().offset()
                            == committed.getOrDefault(end.getKey().partition(), 0L));
        });
    }

    private interface Question<T> {
        T answer() throws ExecutionException, TimeoutException, InterruptedException;
    }

    private <T> T ask(Question<T> question) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_S);
        while (true) {
            try {
                return question.answer();
            } catch (ExecutionException | TimeoutException e) {
                // So Kafka's admin client fails where a broker leaves while it asks all of them.
                boolean brokerLeft = e.getCause() instanceof IllegalArgumentException;
                if (!brokerLeft || System.nanoTime() - deadline > 0) {
                    throw new AssertionError("the broker doesn't tell about " + id, e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
