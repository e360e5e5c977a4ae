package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;

/**
 * How many events a second the step function steps, by the number of entities in a call and of events of each, on one
 * device after the other. A call copies what it is given to the device and the results back, as when events are scored;
 * one thread makes the calls.
 */
public final class DeviceBench {
    /**
     * What is measured.
     *
     * @param devices each for itself
     * @param rows entities of a call, each for itself
     * @param steps events of each entity in a call, each for itself; those that the bundle has no block of are left out
     * @param duration of each measurement, after half as long to warm up
     */
    public record Plan(List<Device> devices, List<Integer> rows, List<Integer> steps, Duration duration) {}

    /**
     * One measurement.
     *
     * @param callMicros median time of a call
     * @param rate events a second
     */
    record Figure(Device device, int steps, int rows, double callMicros, double rate) {}

    private final Path bundle;
    private final Terminal terminal;

    public DeviceBench(Path bundle, Terminal terminal) {
        this.bundle = bundle;
        this.terminal = terminal;
    }

    /** @throws IllegalArgumentException when a device isn't there */
    public BenchReport run(Plan plan) {
        List<Figure> figures = new ArrayList<>();
        String model = "";
        try (Progress progress = Progress.start(terminal, "bench", plan.devices.size())) {
            for (int i = 0; i < plan.devices.size(); i++) {
                try (ModelBundle loaded = ModelBundle.load(bundle, plan.devices.get(i))) {
                    StepFunction step = loaded.model().step();
                    model = loaded.spec().cell().kind() + ", state of "
                            + step.shape().state() + " floats";
                    measure(step, plan, figures);
                }
                progress.advanceTo(i + 1L);
            }
        }
        return new DeviceReport(model, figures);
    }

    private static void measure(StepFunction step, Plan plan, List<Figure> figures) {
        for (int steps : plan.steps) {
            if (steps != 1 && !step.blocks().contains(steps)) {
                continue;
            }
            for (int rows : plan.rows) {
                StepBatch batch = batch(step, steps, rows);
                long warmUntil = System.nanoTime() + plan.duration.toNanos() / 2;
                do {
                    step.step(batch);
                } while (System.nanoTime() < warmUntil);
                Histogram nanos = new Histogram(3);
                long startNanos = System.nanoTime();
                long until = startNanos + plan.duration.toNanos();
                long before = startNanos;
                do {
                    step.step(batch);
                    long now = System.nanoTime();
                    nanos.recordValue(now - before);
                    before = now;
                } while (before < until);
                double seconds = (before - startNanos) / 1e9;
                figures.add(new Figure(
                        step.device(),
                        steps,
                        rows,
                        nanos.getValueAtPercentile(50) / 1e3,
                        nanos.getTotalCount() * (double) rows * steps / seconds));
            }
        }
    }

    /** Random events in the middle of their sessions. */
    private static StepBatch batch(StepFunction step, int steps, int rows) {
        StepBatch batch = new StepBatch(step.shape());
        batch.resize(steps, rows);
        Random random = new Random(7);
        for (int i = 0; i < batch.features.length; i++) {
            boolean start = i % step.shape().features() == FeatureLayout.START;
            batch.features[i] = start ? 0 : (float) random.nextGaussian();
        }
        return batch;
    }
}
