package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSource;
import dev.sequitur.model.data.EventSources;
import dev.sequitur.model.data.EventSpool;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.data.MalformedRows;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.train.TrainingProgram;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.TopicEventSource;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command reads events: files, or a topic to its end. */
final class DataOptions {
    @ArgGroup
    private Where where;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private static final class Where {
        @Option(
                names = "--data",
                required = true,
                paramLabel = "FILE",
                description = "Events: .csv, .tsv or .avro (object container file). Repeat it for several files.")
        private List<Path> files = new ArrayList<>();

        @ArgGroup(exclusive = false)
        private Topic topic;
    }

    private static final class Topic {
        @Option(names = "--topic", required = true, description = "Events: a Kafka topic, read to its end.")
        private String name;

        @Option(
                names = "--bootstrap-servers",
                required = true,
                paramLabel = "HOST:PORT",
                description = "Brokers of the topic's cluster.")
        private String bootstrapServers;

        @Option(
                names = "--consumer-config",
                paramLabel = "FILE",
                description = "Properties of the consumer: security, timeouts.")
        private Path config;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Configuration of sequitur run; how events are encoded is taken from it:"
                        + " sequitur.input.format, sequitur.input.schemas, sequitur.registry.*.")
        private Path application;

        @Option(names = "--unkeyed", description = "The topic's keys aren't the entities; the values name them.")
        private boolean unkeyed;
    }

    /** Events in the order of their source, and what was skipped. */
    record Loaded(List<Event> events, List<String> names, MalformedRows malformed) {}

    boolean given() {
        return where != null;
    }

    /** The only {@code --data}, where it was given. */
    Optional<Path> only() {
        return where != null && where.topic == null && where.files.size() == 1
                ? Optional.of(where.files.get(0))
                : Optional.empty();
    }

    /** Reads everything into memory, reports malformed rows on standard error. */
    Loaded load(PipelineSpec spec, Terminal terminal) throws IOException {
        List<Event> events = new ArrayList<>();
        Origin origin = read(spec, terminal, events::add);
        return new Loaded(
                where.topic == null ? events : Sequences.byEntity(events), origin.names(), origin.malformed());
    }

    /**
     * Events grouped by entity on disk, and what was skipped.
     *
     * @param events to be closed
     */
    record Spooled(GroupedEvents events, TrainingProgram.Origin origin) {}

    /** Reads everything onto the disk that a bundle is written to, reports malformed rows on standard error. */
    Spooled spool(PipelineSpec spec, Path out, Terminal terminal) throws IOException {
        try (EventSpool spool = TrainingProgram.spool(out)) {
            Origin origin = read(spec, terminal, spool::add);
            return new Spooled(
                    spool.group(where.topic == null ? EventSpool.Order.ARRIVAL : EventSpool.Order.TIME),
                    new TrainingProgram.Origin(
                            origin.names(), origin.malformed().count()));
        }
    }

    private record Origin(List<String> names, MalformedRows malformed) {}

    /** Takes the events in. */
    @FunctionalInterface
    private interface Sink {
        void add(Event event) throws IOException;
    }

    private Origin read(PipelineSpec spec, Terminal terminal, Sink events) throws IOException {
        if (where == null) {
            throw new ParameterException(
                    command.commandLine(),
                    "Missing where the events are: give --data FILE, or --topic and --bootstrap-servers");
        }
        MalformedRows malformed = new MalformedRows(spec.data().maxMalformed());
        List<String> names = new ArrayList<>();
        if (where.topic != null) {
            Topic topic = where.topic;
            names.add("topic " + topic.name);
            try (EventSource source = TopicEventSource.open(
                    consumerConfig(topic), topic.name, !topic.unkeyed, spec, format(topic), malformed)) {
                read(source, names.get(0), events, terminal);
            } catch (IOException e) {
                throw new UserException(e.getMessage(), e);
            }
        } else {
            for (Path file : where.files) {
                names.add(file.toString());
                try (EventSource source = EventSources.open(file, spec, malformed)) {
                    read(source, file.toString(), events, terminal);
                } catch (IOException e) {
                    throw new UserException(e.getMessage(), e);
                }
            }
        }
        if (malformed.count() > 0) {
            terminal.err().line("skipped " + malformed.report());
        }
        return new Origin(names, malformed);
    }

    private static void read(EventSource source, String name, Sink events, Terminal terminal) throws IOException {
        int shown = 10_000;
        try (Progress progress = Progress.start(terminal, "read " + name, shown)) {
            long count = 0;
            for (Event event = source.next(); event != null; event = source.next()) {
                events.add(event);
                if ((++count & 0x3ff) == 0 && source.progress() >= 0) {
                    progress.advanceTo((long) (shown * source.progress()));
                }
            }
            progress.detail(count + " events");
            progress.advanceTo(shown);
        }
    }

    private static EventFormat format(Topic topic) {
        return topic.application == null
                ? EventFormat.singleObject()
                : ApplicationConfig.formats(Optional.of(topic.application), System.getenv())
                        .events();
    }

    private static Map<String, Object> consumerConfig(Topic topic) {
        Properties properties = new Properties();
        if (topic.config != null) {
            try (Reader reader = Files.newBufferedReader(topic.config)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new UserException("The consumer's properties " + topic.config + " can't be read: " + e, e);
            }
        }
        Map<String, Object> config = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> config.put(name, properties.getProperty(name)));
        config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, topic.bootstrapServers);
        return config;
    }
}
