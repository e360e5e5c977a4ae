package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.bench.QueriesBench.LookUps;
import dev.sequitur.deploy.bench.QueriesBench.Run;
import dev.sequitur.deploy.bench.QueriesBench.Serving;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Events a second of each way to be asked, what they are to one another, and what became of the look-ups.
 *
 * @param runs of each way, by round
 */
record QueriesReport(QueriesBench.Plan plan, Map<Serving, List<Run>> runs) implements BenchReport {
    private static final double AIM = 0.9;

    @Override
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "uniform over %,d entities, %d partitions, %,d events, %,d look-ups a second, median of %d runs in turn",
                plan.entities(),
                plan.partitions(),
                plan.events(),
                plan.rate(),
                plan.runs()));
        lines.add(String.format(
                Locale.ROOT, "  %-16s %10s %10s %10s %6s %6s", "", "events/s", "least", "most", "ratio", "CPU µs"));
        runs.forEach((serving, of) -> lines.add(String.format(
                Locale.ROOT,
                "  %-16s %,10.0f %,10.0f %,10.0f %6.2f %6.2f  %s",
                serving.title(),
                rate(serving),
                of.stream().mapToDouble(QueriesReport::rate).min().orElseThrow(),
                of.stream().mapToDouble(QueriesReport::rate).max().orElseThrow(),
                ratio(serving, Serving.NOTHING),
                cpuMicros(serving),
                serving.description())));
        lines.add(String.format(
                Locale.ROOT,
                "  look-ups: %,.0f answered a second, %,d refused; p50 %.2f ms, p99 %.2f ms from when they were due",
                lookUps(QueriesReport::answeredASecond),
                refused(),
                lookUps(it -> it.asked().answered().p50Ms()),
                lookUps(it -> it.asked().answered().p99Ms())));
        lines.add(String.format(
                Locale.ROOT,
                "  a look-up took %.0f µs of the server's CPU; asking took %.2f of a core, in a process of its own",
                lookUps(LookUps::serverMicros),
                lookUps(QueriesReport::askersCores)));
        lines.add("  ratio: to the first one, the median of the rounds' ratios.");
        lines.add("  CPU µs: what an event takes of the stream thread's CPU.");
        aims().forEach(aim -> lines.add(aim.line()));
        return lines;
    }

    private List<Aim> aims() {
        return List.of(
                Aim.atLeast(AIM, ratio(Serving.LOOK_UPS, Serving.NOBODY), "events/s, look-ups / nobody asks"),
                Aim.atLeast(AIM, ratio(Serving.LOOK_UPS, Serving.NOTHING), "events/s, look-ups / nothing to ask"),
                Aim.atMost(0, refused(), "look-ups refused"));
    }

    private static double rate(Run run) {
        return run.pace().eventsPerSecond();
    }

    private double rate(Serving serving) {
        return Quantile.median(
                runs.get(serving).stream().map(QueriesReport::rate).toList());
    }

    private double cpuMicros(Serving serving) {
        return Quantile.median(
                runs.get(serving).stream().map(run -> run.pace().cpuMicros()).toList());
    }

    /** Round by round, so that what else the machine does meanwhile falls on both. */
    private double ratio(Serving of, Serving to) {
        return Quantile.median(IntStream.range(0, runs.get(of).size())
                .mapToObj(i -> rate(runs.get(of).get(i)) / rate(runs.get(to).get(i)))
                .toList());
    }

    private List<LookUps> lookUps() {
        return runs.get(Serving.LOOK_UPS).stream()
                .map(run -> run.lookUps().orElseThrow())
                .toList();
    }

    private double lookUps(ToDoubleFunction<LookUps> figure) {
        return Quantile.median(lookUps().stream().map(figure::applyAsDouble).toList());
    }

    private long refused() {
        return lookUps().stream()
                .mapToLong(it -> it.asked().answered().refused())
                .sum();
    }

    private static double answeredASecond(LookUps lookUps) {
        Asker.Answered answered = lookUps.asked().answered();
        return answered.answered() / answered.seconds();
    }

    private static double askersCores(LookUps lookUps) {
        return lookUps.asked().cpuSeconds() / lookUps.asked().answered().seconds();
    }

    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> nodes = new ArrayList<>();
        runs.forEach((serving, of) -> {
            ObjectNode node = JsonNodeFactory.instance
                    .objectNode()
                    .put("benchmark", "queries")
                    .put("contestant", serving.title())
                    .put("entities", plan.entities())
                    .put("partitions", plan.partitions())
                    .put("events", plan.events())
                    .put("median", rate(serving))
                    .put("cpuMicros", cpuMicros(serving));
            of.forEach(run -> node.withArray("runs").add(rate(run)));
            if (serving == Serving.LOOK_UPS) {
                node.putObject("lookUps")
                        .put("rate", plan.rate())
                        .put("answeredPerSecond", lookUps(QueriesReport::answeredASecond))
                        .put(
                                "answered",
                                lookUps().stream()
                                        .mapToLong(it -> it.asked().answered().answered())
                                        .sum())
                        .put("refused", refused())
                        .put("p50Ms", lookUps(it -> it.asked().answered().p50Ms()))
                        .put("p99Ms", lookUps(it -> it.asked().answered().p99Ms()))
                        .put("maxMs", lookUps(it -> it.asked().answered().maxMs()))
                        .put("serverMicros", lookUps(LookUps::serverMicros))
                        .put("askersCores", lookUps(QueriesReport::askersCores));
            }
            nodes.add(node);
        });
        aims().forEach(aim -> nodes.add(aim.json("queries")));
        return nodes;
    }
}
