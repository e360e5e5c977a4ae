package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Exactly once, whatever fails: several applications and a broker as processes, killed, paused, stopped and started in
 * the middle of their work, and what is committed in the end is what an entity's events give when they are taken one by
 * one.
 *
 * <p>A build runs one round with each fault. The long form runs rounds with everything at random until the time is over:
 *
 * <pre>{@code mvn verify -Pcrash -Dcrash.duration=PT10M -Dcrash.seed=7 -Dcrash.instances=3 -Dcrash.guarantee=exactly_once_v2}</pre>
 *
 * Round n of it has the seed {@code crash.seed} + n.
 */
class CrashTest {
    private static final Duration DURATION = Duration.parse(System.getProperty("crash.duration", "PT0S"));
    private static final long SEED = Long.getLong("crash.seed", 1);
    private static final int INSTANCES = Integer.getInteger("crash.instances", 2);
    private static final boolean AT_LEAST_ONCE =
            System.getProperty("crash.guarantee", "exactly_once_v2").equals("at_least_once");

    private static final CrashPlan EVERY_FAULT = new CrashPlan(
            11,
            CrashPlan.Subject.SEQUITUR,
            false,
            2,
            Keys.ZIPF,
            120,
            4,
            List.of(Fault.values()),
            Map.of(
                    "num.standby.replicas", "1",
                    "num.stream.threads", "1",
                    // Intervals that don't divide each other, and many batches to a poll: a loss shows only when a kill
                    // falls between what one of them has done and the next has not.
                    "commit.interval.ms", "61",
                    "producer.linger.ms", "23",
                    "sequitur.batch.max-events", "3"));

    @TempDir
    static Path dir;

    private static Path bundleDirectory;
    private static ModelBundle bundle;
    private static Level kafkaLevel;

    @BeforeAll
    static void trainAndHush() throws Exception {
        bundleDirectory = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 8}", bundleDirectory);
        bundle = ModelBundle.load(bundleDirectory);
        // A broker that was killed is missed by each of this process's clients, again and again.
        kafkaLevel = kafka().getLevel();
        kafka().setLevel(Level.OFF);
    }

    @AfterAll
    static void close() {
        kafka().setLevel(kafkaLevel);
        bundle.close();
    }

    private static Logger kafka() {
        return (Logger) LoggerFactory.getLogger("org.apache.kafka");
    }

    @Test
    void shouldGiveEveryEventItsResultOnceWhateverFails() throws Exception {
        if (DURATION.isZero()) {
            CrashReport report = round(EVERY_FAULT);
            assertThat(report.struck()).containsOnlyKeys(Fault.values());
            return;
        }
        long startNanos = System.nanoTime();
        for (long seed = SEED; System.nanoTime() - startNanos < DURATION.toNanos(); seed++) {
            round(CrashPlan.random(seed, AT_LEAST_ONCE, INSTANCES));
        }
    }

    @Test
    void shouldGiveCollectedEventsTheirResultsOnce() throws Exception {
        round(EVERY_FAULT
                .with(List.of(Fault.KILL, Fault.PAUSE))
                .with("sequitur.batch.collecting", "true")
                // Not reached between commits: batches end with these.
                .with("sequitur.batch.max-events", "1000"));
    }

    @Test
    void shouldGiveEveryEventItsResultAtLeastOnceAndStepNoStateTwice() throws Exception {
        round(EVERY_FAULT
                .deliveredAgain()
                .with(List.of(Fault.KILL, Fault.TAKEOVER))
                // Long enough that a kill leaves results behind that no commit covers.
                .with("commit.interval.ms", "499"));
    }

    @Test
    void shouldCatchABufferThatATimerEmpties() throws Exception {
        CrashReport report =
                report(EVERY_FAULT.with(CrashPlan.Subject.BUFFER_AND_TIMER).with(List.of(Fault.KILL)));
        assertThat(report.problems())
                .as(report::toString)
                .anyMatch(problem -> problem.startsWith("missing score of "))
                .anyMatch(problem -> problem.contains(" state of "));
    }

    /** A round without a problem. */
    private static CrashReport round(CrashPlan plan) throws Exception {
        CrashReport report = report(plan);
        assertThat(report.problems()).as(report::toString).isEmpty();
        return report;
    }

    private static CrashReport report(CrashPlan plan) throws Exception {
        Path directory = Files.createTempDirectory(dir, "round-");
        CrashReport report;
        try (CrashHarness harness = new CrashHarness(directory, bundleDirectory, bundle, plan)) {
            report = harness.run();
        }
        System.out.println(report);
        Utils.delete(directory.toFile());
        return report;
    }
}
