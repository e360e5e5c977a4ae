package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** What an application held over a soak, and whether that stood still. */
public final class SoakReport implements BenchReport {
    private static final String BLOCKS = " ▁▂▃▄▅▆▇█";
    private static final int COLUMNS = 60;

    /** What is watched. */
    enum Figure {
        RESIDENT("resident memory", "MB", 1 << 20, 8, SoakSample::resident),
        STORES("of which in RocksDB", "MB", 1 << 20, 8, SoakSample::stores),
        FILES("open files", "", 1, 4, SoakSample::files),
        THREADS("threads", "", 1, 1, SoakSample::threads),
        TENSORS("objects of TensorFlow", "", 1, 8, SoakSample::tensors);

        private final String title;
        private final String unit;
        private final double scale;
        private final double always;
        private final ToLongFunction<SoakSample> of;

        /**
         * @param scale of the unit
         * @param always what it may rise by, in the unit, however small it is
         */
        Figure(String title, String unit, double scale, double always, ToLongFunction<SoakSample> of) {
            this.title = title;
            this.unit = unit;
            this.scale = scale;
            this.always = always;
            this.of = of;
        }

        String title() {
            return title;
        }

        String unit() {
            return unit;
        }

        /** In its unit. */
        double in(SoakSample sample) {
            return of.applyAsLong(sample) / scale;
        }
    }

    private final SoakBench.Plan plan;
    private final List<SoakSample> samples;

    SoakReport(SoakBench.Plan plan, List<SoakSample> samples) {
        this.plan = plan;
        this.samples = List.copyOf(samples);
    }

    /** Whether every figure stood still. */
    public boolean steady() {
        for (Figure figure : Figure.values()) {
            if (!steadiness(figure).steady()) {
                return false;
            }
        }
        return true;
    }

    private Steadiness steadiness(Figure figure) {
        return Steadiness.of(samples, figure.of, plan.tolerance(), figure.always * figure.scale);
    }

    /** With a line drawn for each figure, from 0 up. */
    @Override
    public List<String> table() {
        SoakSample last = samples.get(samples.size() - 1);
        List<String> table = new ArrayList<>();
        table.add(String.format(
                Locale.ROOT,
                "%,d events of %,d entities, %s, %d partitions, in %,.0f s; the first %.0f %% are warm-up",
                last.events(),
                plan.entities(),
                plan.distribution().name().toLowerCase(Locale.ROOT),
                plan.partitions(),
                last.seconds(),
                100 * Steadiness.WARM_UP));
        table.add(
                String.format(Locale.ROOT, "  %-22s %10s %10s %10s %10s", "", "median", "most", "rises by", "may by"));
        for (Figure figure : Figure.values()) {
            Steadiness steadiness = steadiness(figure);
            double most = samples.stream().mapToDouble(figure::in).max().orElse(0);
            table.add(String.format(
                    Locale.ROOT,
                    "  %-22s %,10.1f %,10.1f %+,10.1f %,10.1f %-2s  %s",
                    figure.title,
                    steadiness.median() / figure.scale,
                    most,
                    steadiness.growth() / figure.scale,
                    steadiness.allowed() / figure.scale,
                    figure.unit,
                    steadiness.steady() ? "steady" : "grows"));
            table.add("  " + sparkline(figure, most));
        }
        return table;
    }

    private String sparkline(Figure figure, double most) {
        StringBuilder line = new StringBuilder();
        int columns = Math.min(COLUMNS, samples.size());
        for (int c = 0; c < columns; c++) {
            double value = figure.in(samples.get((int) ((long) c * samples.size() / columns)));
            line.append(BLOCKS.charAt((int) Math.round(value / Math.max(most, 1e-9) * (BLOCKS.length() - 1))));
        }
        return line.toString();
    }

    /** An object for each sample, then one for each figure. */
    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> json = new ArrayList<>();
        samples.forEach(sample ->
                json.add(RecordJson.object(sample).put("benchmark", "soak").put("kind", "sample")));
        for (Figure figure : Figure.values()) {
            Steadiness steadiness = steadiness(figure);
            json.add(JsonNodeFactory.instance
                    .objectNode()
                    .put("benchmark", "soak")
                    .put("kind", "verdict")
                    .put("figure", figure.name().toLowerCase(Locale.ROOT))
                    .put("median", steadiness.median())
                    .put("growth", steadiness.growth())
                    .put("allowed", steadiness.allowed())
                    .put("steady", steadiness.steady()));
        }
        return json;
    }

    /** A picture: a panel for each figure, over events. */
    public String svg() {
        return SoakPlot.svg(samples);
    }
}
