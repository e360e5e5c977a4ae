package dev.sequitur.deploy.bench.micro;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.bench.BenchReport;
import dev.sequitur.deploy.terminal.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks of this package, in processes of their own. */
public final class MicroBench {
    /** Where no bundle was named: a benchmark that was started past this class. */
    static final String NO_BUNDLE = "none";

    private static final String BUNDLE = "bundle";

    private MicroBench() {}

    /**
     * What is measured.
     *
     * @param pattern a regular expression; benchmarks whose names have it in them run
     * @param forks processes for each benchmark; 0 for this one
     * @param iterations that count; half as many, rounded up, warm up
     * @param millis of an iteration
     * @param threads that run a benchmark at the same time, with one step function for all
     */
    public record Plan(String pattern, int forks, int iterations, int millis, int threads) {}

    /**
     * @param progress whether JMH says on standard output what it does
     * @throws UserException when no benchmark fits the pattern
     */
    public static BenchReport run(Path bundle, Plan plan, boolean progress) {
        // Two commands at a time are their user's to avoid; JMH's lock would stay as a file.
        System.setProperty("jmh.ignoreLock", "true");
        try {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include(MicroBench.class.getPackageName() + ".*" + plan.pattern)
                            .param(BUNDLE, bundle.toString())
                            .forks(plan.forks)
                            .threads(plan.threads)
                            .warmupIterations((plan.iterations + 1) / 2)
                            .warmupTime(TimeValue.milliseconds(plan.millis))
                            .measurementIterations(plan.iterations)
                            .measurementTime(TimeValue.milliseconds(plan.millis))
                            .shouldFailOnError(true)
                            .verbosity(progress ? VerboseMode.NORMAL : VerboseMode.SILENT)
                            .build())
                    .run();
            return new Report(List.copyOf(results));
        } catch (NoBenchmarksException e) {
            throw new UserException(
                    "No benchmark fits " + plan.pattern + "; there are EventBenchmark, PackingBenchmark,"
                            + " StateBenchmark and StepBenchmark",
                    e);
        } catch (RunnerException e) {
            throw new UserException("A benchmark failed: " + e.getMessage() + "; run again with --verbose", e);
        }
    }

    private record Report(List<RunResult> results) implements BenchReport {
        @Override
        public List<String> table() {
            List<String> lines = new ArrayList<>();
            lines.add(String.format(Locale.ROOT, "%-40s %-26s %12s %10s", "", "", "mean", "± 99.9 %"));
            for (RunResult result : results) {
                double error = result.getPrimaryResult().getScoreError();
                lines.add(String.format(
                        Locale.ROOT,
                        "%-40s %-26s %,12.2f %10s %s",
                        name(result),
                        parameters(result).stream()
                                .map(key -> key + "=" + result.getParams().getParam(key))
                                .collect(Collectors.joining(" ")),
                        result.getPrimaryResult().getScore(),
                        // It takes three iterations.
                        Double.isNaN(error) ? "" : String.format(Locale.ROOT, "%,.2f", error),
                        result.getPrimaryResult().getScoreUnit()));
            }
            return lines;
        }

        private static String name(RunResult result) {
            return result.getParams()
                    .getBenchmark()
                    .substring(MicroBench.class.getPackageName().length() + 1);
        }

        private static List<String> parameters(RunResult result) {
            return result.getParams().getParamsKeys().stream()
                    .filter(key -> !key.equals(BUNDLE))
                    .sorted()
                    .toList();
        }

        @Override
        public List<ObjectNode> json() {
            List<ObjectNode> nodes = new ArrayList<>();
            for (RunResult result : results) {
                ObjectNode node = JsonNodeFactory.instance
                        .objectNode()
                        .put("benchmark", "micro")
                        .put("name", name(result))
                        .put("mean", result.getPrimaryResult().getScore())
                        .put("unit", result.getPrimaryResult().getScoreUnit());
                double error = result.getPrimaryResult().getScoreError();
                if (!Double.isNaN(error)) {
                    node.put("error", error);
                }
                parameters(result)
                        .forEach(key -> node.put(key, result.getParams().getParam(key)));
                nodes.add(node);
            }
            return nodes;
        }
    }
}
