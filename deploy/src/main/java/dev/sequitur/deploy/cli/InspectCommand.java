package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.score.AlarmThreshold;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.AlarmSpec.BudgetSpec.Per;
import dev.sequitur.model.spec.FieldSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.avro.SchemaFormatter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = "Loads a bundle with every check, and says what is in it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur inspect model",
            "  sequitur inspect model --event-schema > event.avsc",
            "  sequitur inspect model.zip --json"
        })
final class InspectCommand implements Callable<Integer> {
    private static final int VALUES_SHOWN = 8;

    private final Terminal terminal;
    private final GlobalOptions options;

    @Parameters(paramLabel = "BUNDLE", description = "Directory or zip.")
    private Path path;

    @Option(
            names = "--event-schema",
            description = "Print the Avro schema of the events that the bundle's topics carry, and nothing else.")
    private boolean eventSchema;

    InspectCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        try (ModelBundle bundle = ModelBundle.load(path)) {
            if (eventSchema) {
                terminal.out().line(SchemaFormatter.format("json/pretty", new EventSchema(bundle.spec()).schema()));
            } else if (options.json()) {
                ObjectNode node = RecordJson.object(bundle.manifest());
                node.put("fingerprint", bundle.fingerprint());
                terminal.out().line(RecordJson.line(node));
            } else {
                print(bundle);
            }
            return 0;
        }
    }

    private void print(ModelBundle bundle) {
        Manifest manifest = bundle.manifest();
        Manifest.Provenance training = manifest.training();
        Output out = terminal.out();
        out.line(out.paint(Style.BOLD, manifest.name()) + "  " + bundle.fingerprint() + "  (format "
                + manifest.formatVersion() + ")");
        line(
                "cell",
                (manifest.members() == 1 ? "" : "ensemble of " + manifest.members() + ", ") + manifest.cell() + " "
                        + manifest.units() + ", " + training.weights() + " weights");
        line("entity", String.join(", ", bundle.spec().entity()));
        bundle.spec().sessionGap().ifPresent(gap -> line("session gap", gap.toString()));
        for (FieldSpec field : bundle.spec().fields()) {
            line("field " + field.name(), describe(field, bundle.learned().get(field.name())));
        }
        line("state", slices(manifest.state()));
        line("predicts", String.join(", ", manifest.surprises()));
        line("blocks", manifest.blocks().toString());
        line("calibration", "on " + manifest.calibration().events() + " events");
        AlarmSpec alarm = bundle.spec().task().alarm();
        line("alarm", "on " + String.join(", ", alarm.on()) + ": " + describe(alarm, manifest));
        line(
                "training",
                String.format(
                        Locale.ROOT,
                        "%s, %d entities, %d + %d events, %d malformed, validation loss %.4f, %.1f s",
                        String.join(", ", training.data()),
                        training.entities(),
                        training.trainingEvents(),
                        training.validationEvents(),
                        training.malformed(),
                        training.validationLoss(),
                        training.seconds()));
        for (Manifest.Member member : training.members()) {
            line(
                    "seed " + member.seed(),
                    String.format(
                            Locale.ROOT,
                            "epoch %d of %d, loss %.4f, validation loss %.4f",
                            member.bestEpoch(),
                            member.epochs(),
                            member.trainingLoss(),
                            member.validationLoss()));
        }
        line("trained", training.trainedAt() + " by sequitur " + training.sequitur());
    }

    private void line(String name, String value) {
        terminal.out().line(String.format("  %-20s %s", name, value));
    }

    private static String slices(List<Slice> slices) {
        int width = slices.stream().mapToInt(Slice::width).sum();
        return width + " floats: "
                + slices.stream().map(s -> s.name() + " [" + s.width() + "]").collect(Collectors.joining(", "));
    }

    private static String describe(AlarmSpec alarm, Manifest manifest) {
        Optional<Double> budgeted = Optional.ofNullable(manifest.alarms()).map(AlarmThreshold::level);
        String why = alarm.budget()
                .map(b -> String.format(
                        Locale.ROOT,
                        ", for %s alarms a %s",
                        b.alarms(),
                        b.per() == Per.DAY ? "day" : "day of an entity"))
                .orElse("");
        AlarmSpec.ScorerSpec scorer = alarm.scorer();
        if (scorer instanceof AlarmSpec.Tail tail) {
            double nats = budgeted.orElseGet(() -> manifest.calibration().threshold(tail.rate()));
            return String.format(
                    Locale.ROOT, "above %.3f nats%s", nats, budgeted.isPresent() ? why : ", rate " + tail.rate());
        } else if (scorer instanceof AlarmSpec.Adaptive adaptive) {
            String past = " among the entity's last " + adaptive.window() + " surprises";
            return budgeted.map(z -> String.format(Locale.ROOT, "above %.3f deviations%s%s", z, past, why))
                    .orElse("likelihood above " + adaptive.likelihood() + past);
        } else if (scorer instanceof AlarmSpec.Dynamic dynamic) {
            return String.format(
                    Locale.ROOT,
                    "severity above %.3f among the entity's last %d smoothed surprises%s",
                    budgeted.orElse(0.0),
                    dynamic.window(),
                    why);
        }
        return "none of the " + ((AlarmSpec.TopG) scorer).g() + " likeliest values";
    }

    private static String describe(FieldSpec field, LearnedField learned) {
        String kind = field.getClass()
                        .getSimpleName()
                        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                        .toLowerCase(Locale.ROOT)
                + " "
                + field.roles().stream()
                        .map(r -> r.name().toLowerCase(Locale.ROOT))
                        .sorted()
                        .toList();
        if (learned instanceof LearnedField.Vocabulary vocabulary) {
            String values = vocabulary.values().stream().limit(VALUES_SHOWN).collect(Collectors.joining(", "));
            int more = vocabulary.values().size() - VALUES_SHOWN;
            return kind + ", " + vocabulary.values().size() + " values: " + values
                    + (more > 0 ? ", … and " + more + " more" : "");
        } else if (learned instanceof LearnedField.Scale scale) {
            return kind
                    + String.format(
                            Locale.ROOT,
                            ", %smean %.4g, deviation %.4g",
                            scale.unit() > 0 ? "logarithm in units of " + scale.unit() + ", " : "",
                            scale.shift(),
                            scale.scale());
        }
        return kind;
    }
}
