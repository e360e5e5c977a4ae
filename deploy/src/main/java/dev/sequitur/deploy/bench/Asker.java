package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.report.RecordJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.HdrHistogram.Histogram;

/**
 * Asks an application for random entities, in a process of its own, so that what it takes is told apart from what the
 * application takes. A line on standard input, a port of this machine and look-ups a second, begins; the next one ends, and what was answered is
 * said on standard output, a line of JSON. The process ends when its input does.
 *
 * <p>Look-ups are due by a schedule that waits for nothing, in turn on a few connections that stay open; one that had to
 * wait for its connection counts from when it was due (no coordinated omission). All that were due before the end are
 * asked.
 *
 * <p>Threading: the main thread follows the input, and each connection has a thread of its own.
 */
final class Asker {
    private static final int CONNECTIONS = 8;
    private static final double MICROS_PER_MS = 1e3;
    private static final long RUNNING = Long.MAX_VALUE;

    private final int entities;
    private final double nanosBetween;
    private volatile long endNanos = RUNNING;

    /**
     * What became of the look-ups between a beginning and its end.
     *
     * @param answered with 200, and the entity that was asked for
     * @param refused any other answer
     * @param seconds from the first one's due time to the last answer
     */
    record Answered(long answered, long refused, double seconds, double p50Ms, double p99Ms, double maxMs) {}

    private record Share(Histogram micros, long refused) {}

    private Asker(int entities, double rate) {
        this.entities = entities;
        this.nanosBetween = TimeUnit.SECONDS.toNanos(1) / rate;
    }

    /** @param args number of entities */
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] portAndRate = line.split(" ");
                Asker asker = new Asker(Integer.parseInt(args[0]), Double.parseDouble(portAndRate[1]));
                long startNanos = System.nanoTime();
                List<Future<Share>> shares = asker.begin(threads, Integer.parseInt(portAndRate[0]), startNanos);
                in.readLine();
                asker.endNanos = System.nanoTime();
                out.println(RecordJson.line(RecordJson.object(answered(shares, startNanos))));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Future<Share>> begin(ExecutorService threads, int port, long startNanos) {
        List<Future<Share>> shares = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int first = i;
            Callable<Share> share = () -> ask(port, startNanos, first);
            shares.add(threads.submit(share));
        }
        return shares;
    }

    /** Every {@link #CONNECTIONS}th look-up, from this one on. */
    private Share ask(int port, long startNanos, int first) throws IOException {
        Histogram micros = new Histogram(3);
        long refused = 0;
        IntSupplier entity = KeyDistribution.UNIFORM.draw(entities, new Random(first));
        try (EntityLookUp lookUp = new EntityLookUp(port)) {
            for (long n = first; ; n += CONNECTIONS) {
                long dueNanos = startNanos + Math.round(n * nanosBetween);
                for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                if (endNanos != RUNNING && dueNanos - endNanos > 0) {
                    return new Share(micros, refused);
                }
                boolean answered = lookUp.answers("entity-" + entity.getAsInt());
                micros.recordValue((System.nanoTime() - dueNanos) / 1000);
                refused += answered ? 0 : 1;
            }
        }
    }

    private static Answered answered(List<Future<Share>> shares, long startNanos)
            throws InterruptedException, ExecutionException {
        Histogram micros = new Histogram(3);
        long refused = 0;
        for (Future<Share> future : shares) {
            Share share = future.get();
            micros.add(share.micros());
            refused += share.refused();
        }
        return new Answered(
                micros.getTotalCount() - refused,
                refused,
                (System.nanoTime() - startNanos) / 1e9,
                micros.getValueAtPercentile(50) / MICROS_PER_MS,
                micros.getValueAtPercentile(99) / MICROS_PER_MS,
                micros.getMaxValue() / MICROS_PER_MS);
    }
}
