package dev.sequitur.deploy.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C (SIGINT) or SIGTERM as a wish to end, not a death: the work sees it, ends cleanly and says so by
 * {@link #close()}; the process waits for that, for as long as the grace period allows, and then ends with the signal's
 * own exit status (130, 143).
 *
 * <p>Threading: safe for use by many threads. The signal arrives on a thread of its own.
 */
public final class StopSignal implements AutoCloseable {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Duration grace;
    private final Thread hook;

    private StopSignal(Duration grace) {
        this.grace = grace;
        this.hook = new Thread(this::requestAndAwaitEnd, "stop-signal");
    }

    /** @param grace how long the process waits for the work to end once it was asked to */
    public static StopSignal install(Duration grace) {
        StopSignal signal = new StopSignal(grace);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Whether the work shall end. */
    public boolean requested() {
        return requested.getCount() == 0;
    }

    /** Asks for the end from within, as the signal does from without. */
    public void request() {
        requested.countDown();
    }

    /** Waits for the wish to end, at most this long; whether it came. */
    public boolean await(Duration atMost) throws InterruptedException {
        return requested.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The work has ended. */
    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already: the hook has seen that the work is done.
            requested.countDown();
        }
    }

    private void requestAndAwaitEnd() {
        requested.countDown();
        try {
            if (!finished.await(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("sequitur: still busy " + grace.toMillis() + " ms after the signal; ending anyway");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
