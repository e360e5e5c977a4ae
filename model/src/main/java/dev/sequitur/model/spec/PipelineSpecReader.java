package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpec.DataSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import dev.sequitur.model.spec.PipelineSpec.TaskSpec;
import dev.sequitur.model.spec.PipelineSpec.TrainingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads a pipeline spec; its keys and defaults are described in {@code docs/pipeline-spec.md}. All problems of a spec are
 * reported at once, one a line, each as {@code file:line: where: what was expected, what was found, what to do}.
 */
public final class PipelineSpecReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");

    private PipelineSpecReader() {}

    /** @throws SpecException when the file can't be read or isn't a valid spec */
    public static PipelineSpec read(Path file) {
        return parse(text(file), file.toString());
    }

    /**
     * A spec's text as it stands in its file, for whoever keeps it too.
     *
     * @throws SpecException when there is no file, or it isn't text
     */
    public static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new SpecException(
                    "No pipeline spec at '" + file.toAbsolutePath() + "'. Give the path of a YAML file.");
        } catch (CharacterCodingException e) {
            throw new SpecException(file + ": expected UTF-8, got other bytes. Save the spec as UTF-8.");
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read the pipeline spec '" + file + "': " + e.getMessage(), e);
        }
    }

    /**
     * @param name of the text, for the messages: usually its file
     * @throws SpecException when the text isn't a valid spec
     */
    public static PipelineSpec parse(String yaml, String name) {
        Node root = compose(yaml, name);
        SpecProblems problems = new SpecProblems(name);
        PipelineSpec spec = read(new YamlValue(root, "", problems).mapping());
        problems.throwIfAny();
        return spec;
    }

    static Node compose(String yaml, String name) {
        LoadSettings settings = LoadSettings.builder().setLabel(name).build();
        try {
            return new Compose(settings)
                    .composeString(yaml)
                    .orElseThrow(() -> new SpecException(
                            name + ":1: the spec is empty; it needs at least name, entity, time, fields and cell."));
        } catch (MarkedYamlEngineException e) {
            String place = e.getProblemMark()
                    .map(mark -> name + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1))
                    .orElse(name);
            throw new SpecException(
                    place + ": not YAML: " + e.getProblem() + ". Mend the syntax there or just before.");
        } catch (YamlEngineException e) {
            throw new SpecException(name + ": not YAML: " + e.getMessage());
        }
    }

    private static PipelineSpec read(YamlMapping spec) {
        String name = spec.required("name", "Name the pipeline, with letters, digits and dashes.")
                .parse("", "a name", PipelineSpecReader::name);
        List<String> entity = spec.required("entity", "Name the column, or the columns, that tell entities apart.")
                .texts(List.of());
        var time = TimeSection.read(spec.required("time", "Name the column of the event's time."));
        Optional<Duration> gap = sessionGap(spec.value("session"));
        EndSpec end = end(spec.value("end"));
        List<FieldSpec> fields = FieldsSection.read(
                spec.required("fields", "Name at least one field with the roles input and target."), time.zone());
        List<String> targets = targets(fields, end);
        TaskSpec task = TrainingSections.task(
                spec.value("task"),
                targets,
                targets(fields, FieldSpec.Categorical.class),
                targets(fields, FieldSpec.Numeric.class));
        CellSpec cell = CellSection.read(
                spec.required("cell", "Name the kind of the network's cell, such as cell: {kind: lstm}."));
        TrainingSpec training = TrainingSections.training(spec.value("training"), fields, targets);
        YamlMapping data = spec.value("data").mapping();
        DataSpec dataSpec = new DataSpec(data.value("max-malformed").integer(100L, 0, Long.MAX_VALUE));
        data.rejectUnknownKeys();
        spec.rejectUnknownKeys();
        return new PipelineSpec(name, entity, time, gap, end, fields, task, cell, training, dataSpec);
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("expected letters, digits and dashes, got '" + text
                    + "'. It becomes part of topic and file names.");
        }
        return text;
    }

    private static Optional<Duration> sessionGap(YamlValue value) {
        YamlMapping session = value.mapping();
        Duration gap = session.value("gap").duration(null, Duration.ofMillis(1));
        session.rejectUnknownKeys();
        return Optional.ofNullable(gap);
    }

    private static EndSpec end(YamlValue value) {
        if (value.isMapping()) {
            YamlMapping end = value.mapping();
            String column = end.required("field", "Name the column that tells an entity's last event.")
                    .text("");
            List<String> values = end.required("values", "List the values of that column that close a sequence.")
                    .texts(List.of());
            end.rejectUnknownKeys();
            return new EndSpec.Value(column, values);
        }
        return value.parse(new EndSpec.None(), "none, last or a mapping with field and values", text -> switch (text) {
            case "none" -> new EndSpec.None();
            case "last" -> new EndSpec.Last();
            default ->
                throw new IllegalArgumentException("expected none, last or {field: COLUMN, values: [..]}, got '" + text
                        + "'." + Suggestion.of(text, List.of("none", "last")));
        });
    }

    private static List<String> targets(List<FieldSpec> fields, Class<? extends FieldSpec> kind) {
        return fields.stream()
                .filter(field -> kind.isInstance(field) && field.is(Role.TARGET))
                .map(FieldSpec::name)
                .toList();
    }

    /** What may be predicted: the target fields, and END where it is learned. */
    private static List<String> targets(List<FieldSpec> fields, EndSpec end) {
        List<String> targets = new ArrayList<>();
        fields.stream()
                .filter(field -> field.is(Role.TARGET))
                .map(FieldSpec::name)
                .forEach(targets::add);
        if (end instanceof EndSpec.Last) {
            targets.add(PipelineSpec.END);
        }
        return targets;
    }
}
