package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.application.Maintenance;
import dev.sequitur.deploy.application.ResetPlan;
import dev.sequitur.deploy.application.ResetPoint;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Terminal;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "reset",
        description = {
            "Takes a stopped application back to its beginning: every entity's state is deleted, in Kafka and on this"
                    + " machine, and the input is read from elsewhere. What it wrote stays, and is written again for"
                    + " events that are read again. Says what it would do, and does it with --execute."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur reset --config sequitur.properties",
            "  sequitur reset --config sequitur.properties --to latest --execute",
            "  sequitur reset --config sequitur.properties --to 2026-01-31T12:00:00Z --execute",
            "",
            "On every other machine that the application ran on: sequitur clean --execute"
        })
final class ResetCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--to",
            paramLabel = "WHERE",
            defaultValue = "earliest",
            converter = PointConverter.class,
            description = "Where the input is read from: earliest, latest, or a time. Default: ${DEFAULT-VALUE}.")
    private ResetPoint to;

    @Option(names = "--execute", description = "Do it.")
    private boolean execute;

    @Option(
            names = "--force",
            description = "Remove members of the application's group that are no more, instead of waiting for their"
                    + " session to end. An instance that runs comes back: stop it first.")
    private boolean force;

    ResetCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    /** An option's value, as a place in a topic. */
    static final class PointConverter implements ITypeConverter<ResetPoint> {
        @Override
        public ResetPoint convert(String text) {
            try {
                return ResetPoint.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() {
        Maintenance maintenance = Maintenance.of(config.read(options.environment()));
        ResetPlan plan = maintenance.plan(to);
        if (options.json()) {
            printJson(plan);
        } else {
            print(plan);
        }
        if (execute) {
            maintenance.reset(plan, force);
            terminal.err()
                    .line("done; every entity starts anew. On other machines that it ran on: sequitur clean --execute");
        } else {
            terminal.err()
                    .line("nothing is done yet; with --execute it is, and what the application knows of every entity is"
                            + " lost");
        }
        return 0;
    }

    private void print(ResetPlan plan) {
        Output out = terminal.out();
        out.line("application " + plan.applicationId());
        for (ResetPlan.Offset offset : plan.offsets()) {
            out.line(String.format(
                    Locale.ROOT,
                    "  read %s, partition %d, from %,d (%s)",
                    offset.topic(),
                    offset.partition(),
                    offset.to(),
                    offset.from().isPresent()
                            ? String.format(
                                    Locale.ROOT, "now at %,d", offset.from().getAsLong())
                            : "nothing is committed"));
        }
        for (ResetPlan.Deletion topic : plan.topics()) {
            out.line(String.format(
                    Locale.ROOT, "  delete topic %s (at most %,d records)", topic.topic(), topic.records()));
        }
        out.line(CleanCommand.words(plan.local()));
        plan.members().forEach(member -> out.line("  in the way: " + member));
    }

    private void printJson(ResetPlan plan) {
        for (ResetPlan.Offset offset : plan.offsets()) {
            ObjectNode json = action("read-from")
                    .put("topic", offset.topic())
                    .put("partition", offset.partition())
                    .put("to", offset.to());
            offset.from().ifPresentOrElse(from -> json.put("from", from), () -> json.putNull("from"));
            terminal.out().line(RecordJson.line(json));
        }
        for (ResetPlan.Deletion topic : plan.topics()) {
            terminal.out()
                    .line(RecordJson.line(
                            action("delete-topic").put("topic", topic.topic()).put("records", topic.records())));
        }
        terminal.out().line(CleanCommand.json(plan.local()));
        plan.members().forEach(member -> terminal.out()
                .line(RecordJson.line(action("stop-first").put("member", member))));
    }

    private static ObjectNode action(String name) {
        return JsonNodeFactory.instance.objectNode().put("action", name);
    }
}
