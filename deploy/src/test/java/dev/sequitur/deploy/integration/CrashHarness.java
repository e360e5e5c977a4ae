package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.state.EntityStates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * One round of a crash test: a broker and several applications as processes, a stream of events, now a trickle, now a
 * flood, and faults. In the end what is committed is compared with what the events give one by one.
 *
 * <p>A fault counts only if it met the process in the middle of its work: with an open transaction, or at least once with
 * results that were written and not committed. Otherwise it is tried again.
 *
 * <p>Threading: belongs to one thread.
 */
final class CrashHarness implements AutoCloseable {
    private static final String APPLICATION = "crash";
    private static final String EVENTS = "events";
    private static final OutputTopics OUTPUTS = OutputTopics.of(APPLICATION);
    private static final int OUTPUT_PARTITIONS = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Events that aren't committed as read before more are sent. */
    private static final int[] BACKLOGS = {1, 20, 400, 1000};

    private static final int FLOOD = 1500;
    private static final int MOST_AT_ONCE = 400;
    private static final int MOST_TRIES = 8;
    /** 128 + SIGTERM: the signal's own status, after an orderly end. */
    private static final int TERMINATED = 143;

    private static final String FAREWELL = "stopped; everything that was scored is committed";
    private static final int LOG_TAIL = 3000;

    private final Path directory;
    private final Path bundleDirectory;
    private final ModelBundle bundle;
    private final CrashPlan plan;
    private final Random random;
    private final ChildBroker broker;
    private final InputTopic input;
    private final CommittedReader reader;
    private final ConsumerGroup group;
    private final Supplier<Input> traffic;
    private final List<Instance> instances = new ArrayList<>();
    private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
    private final Map<Fault, Integer> missed = new EnumMap<>(Fault.class);

    private final Set<Place> handled = new HashSet<>();
    private final Map<Integer, Long> lastHandled = new HashMap<>();
    private int scoresRead;
    private int deadLettersRead;
    private int backlog = 1;
    private boolean feeding = true;
    private int instancesEver;

    /**
     * @param directory for all files of the round
     * @param bundle that lies in {@code bundleDirectory}
     */
    CrashHarness(Path directory, Path bundleDirectory, ModelBundle bundle, CrashPlan plan) throws Exception {
        this.directory = directory;
        this.bundleDirectory = bundleDirectory;
        this.bundle = bundle;
        this.plan = plan;
        this.random = new Random(plan.seed());
        this.traffic = Traffic.endless(bundle.spec(), plan.keys(), plan.entities(), plan.seed());
        this.broker = ChildBroker.start(directory.resolve("broker"));
        createTopics();
        this.input = new InputTopic(broker.bootstrapServers(), EVENTS);
        this.reader = new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.results());
        this.group = new ConsumerGroup(broker.bootstrapServers(), APPLICATION);
    }

    private void createTopics() throws Exception {
        List<NewTopic> topics = new ArrayList<>(List.of(new NewTopic(EVENTS, plan.partitions(), (short) 1)));
        OUTPUTS.results().forEach(topic -> topics.add(new NewTopic(topic, OUTPUT_PARTITIONS, (short) 1)));
        try (Admin admin =
                Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
            admin.createTopics(topics).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Runs the round to its end; problems that the check finds are in the report, everything else is an error. */
    CrashReport run() throws Exception {
        long startNanos = System.nanoTime();
        for (int i = 0; i < plan.instances(); i++) {
            join();
        }
        for (Fault fault : plan.faults()) {
            boolean met = false;
            for (int tries = 1; !met; tries++) {
                assertThat(tries).as("tries of %s", fault).isLessThanOrEqualTo(MOST_TRIES);
                awaitProgress();
                met = strike(fault);
                (met ? struck : missed).merge(fault, 1, Integer::sum);
            }
        }
        awaitProgress();
        finish();
        List<String> problems = problems();
        return new CrashReport(plan, input.size(), (System.nanoTime() - startNanos) / 1e9, struck, missed, problems);
    }

    private Instance join() throws IOException {
        Instance instance = new Instance(
                "instance-" + ++instancesEver,
                directory.resolve("instance-" + instancesEver),
                plan.subject().program(),
                config());
        instances.add(instance);
        instance.start();
        return instance;
    }

    private Properties config() {
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", bundleDirectory.toString());
        config.setProperty("sequitur.input.topic", EVENTS);
        config.setProperty("sequitur.scores.topic", OUTPUTS.scores());
        config.setProperty("sequitur.predictions.topic", OUTPUTS.predictions());
        config.setProperty("errors.dead.letter.queue.topic.name", OUTPUTS.deadLetters());
        config.setProperty("application.id", APPLICATION);
        config.setProperty("bootstrap.servers", broker.bootstrapServers());
        // Its instances share this machine.
        config.setProperty("sequitur.http.listen", "127.0.0.1:0");
        config.setProperty("processing.guarantee", plan.atLeastOnce() ? "at_least_once" : "exactly_once_v2");
        config.setProperty("consumer.session.timeout.ms", "3000");
        config.setProperty("consumer.heartbeat.interval.ms", "700");
        // A newcomer gets work at once, however much it has to restore first.
        config.setProperty("acceptable.recovery.lag", Long.toString(Long.MAX_VALUE));
        plan.settings().forEach(config::setProperty);
        return config;
    }

    private void awaitProgress() {
        await("every instance in the group, and every partition read", () -> {
            Map<String, Set<Integer>> readers = group.readers(EVENTS);
            return instances.stream().allMatch(instance -> readers.containsKey(instance.name()))
                    && readers.values().stream().mapToInt(Set::size).sum() == plan.partitions();
        });
        int enough = handled.size() + 100 + random.nextInt(400);
        await("progress", () -> handled.size() >= enough);
    }

    /** Whether the fault met a process in the middle of its work. */
    private boolean strike(Fault fault) throws Exception {
        return switch (fault) {
            case KILL -> kill();
            case TAKEOVER -> takeOver();
            case TERMINATE -> terminate();
            case PAUSE -> pause();
            case REBALANCE -> rebalance();
            case BROKER -> restartBroker();
        };
    }

    private boolean kill() throws Exception {
        Victim victim = awaitVictim(v -> true);
        victim.instance.kill();
        boolean cut = victim.cut();
        victim.instance.start();
        return cut;
    }

    private boolean takeOver() throws Exception {
        Victim victim = awaitVictim(v -> v.partitions.stream().allMatch(partition -> instances.stream()
                .anyMatch(other -> other != v.instance && other.keeps(partition))));
        victim.instance.kill();
        boolean cut = victim.cut();
        awaitSuccessors(victim);
        victim.instance.start();
        return cut;
    }

    private boolean terminate() throws Exception {
        Victim victim = awaitVictim(v -> true);
        terminate(victim.instance);
        victim.instance.start();
        return true;
    }

    private boolean pause() throws Exception {
        Victim victim = awaitVictim(v -> true);
        victim.instance.pause();
        boolean cut = victim.cut();
        if (cut) {
            awaitSuccessors(victim);
        }
        victim.instance.resume();
        return cut;
    }

    private boolean rebalance() throws Exception {
        Instance newcomer = join();
        await("work for a newcomer", () -> !group.readers(EVENTS)
                .getOrDefault(newcomer.name(), Set.of())
                .isEmpty());
        Victim victim = awaitVictim(v -> v.instance != newcomer);
        terminate(victim.instance);
        instances.remove(victim.instance);
        awaitSuccessors(victim);
        return true;
    }

    private boolean restartBroker() throws Exception {
        awaitVictim(v -> true);
        broker.killAndRestart();
        return true;
    }

    /** An instance and the partitions that it reads. */
    private final class Victim {
        private final Instance instance;
        private final Set<Integer> partitions;

        Victim(Instance instance, Set<Integer> partitions) {
            this.instance = instance;
            this.partitions = partitions;
        }

        /** Whether it has written what isn't committed. */
        boolean isInTheMiddle() {
            if (!plan.atLeastOnce()) {
                return group.hasOpenTransaction(instance.processId());
            }
            Map<Integer, Long> committed = group.committed(EVENTS);
            return partitions.stream().anyMatch(p -> lastHandled.getOrDefault(p, -1L) >= committed.getOrDefault(p, 0L));
        }

        /** The same once it can't go on: a fault that came between two commits' work proves nothing. */
        boolean cut() {
            reader.toEnd(PATIENCE);
            takeHandled();
            return isInTheMiddle();
        }
    }

    private interface Wanted {
        boolean is(Victim victim);
    }

    /** One that is in the middle of its work, in a flood. */
    private Victim awaitVictim(Wanted wanted) {
        List<Victim> found = new ArrayList<>();
        await("an instance in the middle of its work", () -> {
            backlog = FLOOD;
            Map<String, Set<Integer>> readers = group.readers(EVENTS);
            Instance instance = instances.get(random.nextInt(instances.size()));
            Victim victim = new Victim(instance, readers.getOrDefault(instance.name(), Set.of()));
            if (victim.partitions.isEmpty() || !wanted.is(victim) || !victim.isInTheMiddle()) {
                return false;
            }
            return found.add(victim);
        });
        return found.get(0);
    }

    private void awaitSuccessors(Victim victim) {
        await("others with the work of " + victim.instance.name(), () -> {
            Map<String, Set<Integer>> readers = group.readers(EVENTS);
            Set<Integer> read = new HashSet<>();
            readers.forEach((name, partitions) -> {
                if (!name.equals(victim.instance.name())) {
                    read.addAll(partitions);
                }
            });
            return read.containsAll(victim.partitions);
        });
    }

    private void terminate(Instance instance) throws InterruptedException {
        assertThat(instance.terminate()).as(instance::said).isEqualTo(TERMINATED);
        if (plan.subject() != CrashPlan.Subject.SEQUITUR) {
            return;
        }
        assertThat(instance.said()).contains(FAREWELL);
        if (!plan.atLeastOnce()) {
            assertThat(group.hasOpenTransaction(instance.processId()))
                    .as("a transaction left open by an orderly end")
                    .isFalse();
        }
    }

    /** The end is where the input is committed, whatever came of it: a loss shall be found, not waited for. */
    private void finish() throws InterruptedException {
        feeding = false;
        input.flush();
        await("the end of the input", () -> group.hasRead(EVENTS));
        for (Instance instance : instances) {
            terminate(instance);
        }
    }

    private List<String> problems() throws Exception {
        Expected expected = SequentialReference.of(bundle, bundleDirectory, input.sent());
        List<String> problems = new ArrayList<>();
        try (CommittedReader all = new CommittedReader(broker.bootstrapServers(), OUTPUTS, OUTPUTS.all())) {
            problems.addAll(
                    ExactlyOnceCheck.problems(bundle.fingerprint(), plan.atLeastOnce(), expected, all.toEnd(PATIENCE)));
        }
        if (plan.subject() == CrashPlan.Subject.SEQUITUR) {
            ExactlyOnceCheck.stateProblems(bundle.fingerprint(), plan.atLeastOnce(), expected, stored(expected))
                    .forEach(problem -> problems.add("in the store: " + problem));
        }
        return problems;
    }

    /** The states as the next application finds them: those of an instance's disk, the others restored. */
    private Map<String, EntityState> stored(Expected expected) throws IOException, InterruptedException {
        Map<String, EntityState> states = new HashMap<>();
        Properties config = instances.get(0).config();
        try (ScoringApplication application = ScoringApplication.start(ApplicationConfig.of(config, Map.of()))) {
            if (!application.awaitRunning(PATIENCE)) {
                throw new AssertionError(
                        "the last application isn't running",
                        application.failure().orElse(null));
            }
            try (KeyValueIterator<Bytes, byte[]> all = application
                    .streams()
                    .store(StoreQueryParameters.fromNameAndType(
                            EntityStates.STORE, QueryableStoreTypes.<Bytes, byte[]>keyValueStore()))
                    .all()) {
                while (all.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = all.next();
                    if (EntityStates.isEntity(entry.key.get())) {
                        states.put(
                                new String(entry.key.get(), StandardCharsets.UTF_8),
                                EntityState.getDecoder().decode(entry.value));
                    }
                }
            }
        }
        // A store has nothing of an entity that has ended, the changelog says so.
        expected.states.forEach((entity, state) -> {
            if (state == null) {
                states.putIfAbsent(entity, null);
            }
        });
        return states;
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(
                        "seed " + plan.seed() + ": no " + what + " within " + PATIENCE.toSeconds() + " s, with "
                                + input.size() + " records sent and " + handled.size() + " handled, after " + struck
                                + said());
            }
            turn();
        } while (!condition.getAsBoolean());
    }

    private void turn() {
        reader.poll();
        takeHandled();
        // What is lost never gets an outcome; it must not hold up the rest.
        if (feeding
                && input.size()
                                - group.committed(EVENTS).values().stream()
                                        .mapToLong(n -> n)
                                        .sum()
                        < backlog) {
            int records = 1 + random.nextInt(MOST_AT_ONCE);
            for (int i = 0; i < records; i++) {
                input.send(traffic.get());
            }
            backlog = BACKLOGS[random.nextInt(BACKLOGS.length)];
        }
        Optional<Instance> dead =
                instances.stream().filter(Instance::endedByItself).findAny();
        if (dead.isPresent()) {
            throw new AssertionError(
                    "seed " + plan.seed() + ": " + dead.get().name() + " ended by itself, after " + struck + said());
        }
    }

    private void takeHandled() {
        Committed committed = reader.poll();
        for (; scoresRead < committed.scores().size(); scoresRead++) {
            Score score = committed.scores().get(scoresRead);
            take(new Place(score.getPartition(), score.getOffset()));
        }
        for (; deadLettersRead < committed.deadLetters().size(); deadLettersRead++) {
            take(ExactlyOnceCheck.place(committed.deadLetters().get(deadLettersRead)));
        }
    }

    private void take(Place place) {
        handled.add(place);
        lastHandled.merge(place.partition(), place.offset(), Math::max);
    }

    private String said() {
        StringBuilder said = new StringBuilder();
        for (Instance instance : instances) {
            String log = instance.said();
            said.append("\n--- ")
                    .append(instance.name())
                    .append(":\n")
                    .append(log.substring(Math.max(0, log.length() - LOG_TAIL)));
        }
        return said.toString();
    }

    @Override
    public void close() {
        instances.forEach(Instance::close);
        reader.close();
        group.close();
        input.close();
        broker.close();
    }
}
