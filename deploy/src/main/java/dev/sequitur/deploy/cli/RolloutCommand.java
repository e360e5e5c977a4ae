package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.ForecastTable;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.generate.Continuation;
import dev.sequitur.model.generate.EntityPoint;
import dev.sequitur.model.generate.Forecast;
import dev.sequitur.model.generate.Rollout;
import dev.sequitur.model.generate.RolloutException;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "rollout",
        description = "Draws what may follow an entity's last event, many times, and says what the samples have in"
                + " common: quantiles of numbers and times, shares of categories, the likeliest continuations.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur rollout --bundle model --data events.csv --entity ticket-7",
            "  sequitur rollout --bundle model --data events.csv --entity ticket-7 \\",
            "      --steps 10 --samples 1000 --temperature 0.7 --top-k 5 --json"
        })
final class RolloutCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--bundle", required = true, paramLabel = "PATH", description = "The bundle.")
    private Path bundle;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "Whose sequence is continued; the values of several key columns joined by |.")
    private String entity;

    @Option(names = "--steps", defaultValue = "5", description = "Events to draw, at most. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(names = "--samples", defaultValue = "200", description = "Continuations. Default: ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = "--temperature",
            defaultValue = "1",
            description =
                    "1: as predicted; below 1 nearer to the likeliest, 0 the likeliest. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(
            names = "--top-k",
            defaultValue = "0",
            description = "Draw categories from the k likeliest; 0: from all. Default: ${DEFAULT-VALUE}.")
    private int topK;

    @Option(names = "--seed", defaultValue = "1", description = "Same seed, same samples. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--hold",
            description = "Keep inputs that the model doesn't predict, and the time between events where it doesn't"
                    + " predict that, as they last were.")
    private boolean hold;

    RolloutCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        try (ModelBundle loaded = ModelBundle.load(bundle)) {
            Rollout.Options how = new Rollout.Options(steps, samples, temperature, topK, seed, hold);
            List<Event> events = data.load(loaded.spec(), terminal).events().stream()
                    .filter(e -> e.entity().equals(entity))
                    .toList();
            if (events.isEmpty()) {
                throw new UserException(
                        "The data has no event of entity '" + entity + "'; give the key as the spec's column "
                                + loaded.spec().entity() + " writes it");
            }
            EntityPoint point = EntityPoint.after(loaded.model(), events);
            List<Continuation> continuations = new Rollout(loaded.model(), loaded.learned()).run(point, how);
            List<Forecast> forecasts = Forecast.of(
                    loaded.spec(), point, continuations, loaded.spec().task().top());
            if (options.json()) {
                forecasts.forEach(forecast -> terminal.out().line(RecordJson.line(json(forecast))));
                for (int i = 0; i < continuations.size(); i++) {
                    terminal.out().line(RecordJson.line(json(loaded.spec(), i, continuations.get(i))));
                }
            } else {
                terminal.out()
                        .line(events.size() + " events of " + entity + ", the last at "
                                + Instant.ofEpochMilli(point.last().timeMs()) + "; " + samples + " samples, seed "
                                + seed);
                new ForecastTable(loaded.spec(), terminal.out()).print(forecasts, continuations);
            }
            return 0;
        } catch (RolloutException e) {
            throw new UserException(e.getMessage(), e);
        }
    }

    private static ObjectNode json(Forecast forecast) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "forecast").put("step", forecast.step()).put("samples", forecast.samples());
        ArrayNode fields = node.putArray("fields");
        forecast.fields().forEach(field -> fields.add(RecordJson.node(field)));
        return node;
    }

    private static ObjectNode json(PipelineSpec spec, int number, Continuation continuation) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "sample").put("sample", number).put("ended", continuation.ended());
        ArrayNode events = node.putArray("events");
        for (Event event : continuation.events()) {
            ObjectNode fields = events.addObject()
                    .put("time", Instant.ofEpochMilli(event.timeMs()).toString())
                    .putObject("fields");
            for (int i = 0; i < event.values().length; i++) {
                put(fields, spec.fields().get(i), event.values()[i]);
            }
        }
        return node;
    }

    private static void put(ObjectNode fields, FieldSpec field, Object value) {
        if (value instanceof Double number) {
            fields.put(field.name(), number);
        } else if (value instanceof boolean[] set && field instanceof FieldSpec.Flags flags) {
            ArrayNode on = fields.putArray(field.name());
            for (int i = 0; i < set.length; i++) {
                if (set[i]) {
                    on.add(flags.flags().get(i));
                }
            }
        } else if (value != null) {
            fields.put(field.name(), value.toString());
        }
    }
}
