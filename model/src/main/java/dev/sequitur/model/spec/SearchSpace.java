package dev.sequitur.model.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Which options of a spec are searched, and over which values. YAML: a path of the spec, such as
 * {@code training.learning-rate}, to one of
 *
 * <ul>
 *   <li>{@code {choice: [a, b, c]}}: each alike
 *   <li>{@code {uniform: [low, high]}}: a number between
 *   <li>{@code {log-uniform: [low, high]}}: a number between, whose logarithm is uniform; low above 0
 *   <li>{@code {integer: [low, high]}}: a whole number, both ends included
 * </ul>
 *
 * Paths lie under {@code cell} and {@code training}, or are the {@code embedding} or {@code components} of a field. What
 * would change what the validation loss measures can't be searched: trials couldn't be compared.
 */
public final class SearchSpace {
    private static final Pattern PATH =
            Pattern.compile("(cell|training)(\\.[A-Za-z0-9_-]+)+|fields\\..+\\.(embedding|components)");
    private static final Pattern MEASURE = Pattern.compile("training\\.(split|weights|seed|threads)(\\..*)?");

    /** Draws a value. */
    @FunctionalInterface
    private interface Distribution {
        Object draw(Random random);
    }

    private final Map<String, Distribution> distributions = new LinkedHashMap<>();

    private SearchSpace() {}

    /** @throws SpecException when the file can't be read or isn't a valid space */
    public static SearchSpace read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new SpecException(
                    "No search space at '" + file.toAbsolutePath() + "'. Give the path of a YAML file.");
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read the search space '" + file + "': " + e.getMessage(), e);
        }
    }

    /** @throws SpecException when the text isn't a valid space, with every problem of it */
    public static SearchSpace parse(String yaml, String name) {
        SpecProblems problems = new SpecProblems(name);
        YamlMapping mapping = new YamlValue(PipelineSpecReader.compose(yaml, name), "", problems).mapping();
        SearchSpace space = new SearchSpace();
        for (String path : mapping.keys()) {
            YamlValue value = mapping.value(path);
            if (!PATH.matcher(path).matches() || MEASURE.matcher(path).matches()) {
                value.problem("can't be searched, expected a path under cell or training, or fields.NAME.embedding or"
                        + " fields.NAME.components; training.split, weights, seed and threads are the same for every"
                        + " trial, or their losses couldn't be compared. Remove it.");
            }
            space.distributions.put(path, distribution(value));
        }
        problems.throwIfAny();
        if (space.distributions.isEmpty()) {
            throw new SpecException(name + ": the search space is empty. Name at least one option, such as"
                    + " training.learning-rate: {log-uniform: [1e-4, 1e-2]}.");
        }
        return space;
    }

    private static Distribution distribution(YamlValue value) {
        YamlMapping mapping = value.mapping();
        List<String> choices = mapping.value("choice").texts(List.of());
        double[] uniform = range(mapping.value("uniform"), false);
        double[] logUniform = range(mapping.value("log-uniform"), true);
        double[] integer = range(mapping.value("integer"), false);
        mapping.rejectUnknownKeys();
        if (mapping.keys().size() != 1) {
            value.problem("expected one of {choice: [..]}, {uniform: [low, high]}, {log-uniform: [low, high]},"
                    + " {integer: [low, high]}, got " + value.describe() + " of "
                    + mapping.keys().size() + " keys.");
        }
        if (mapping.has("choice")) {
            return random -> plain(choices.get(random.nextInt(choices.size())));
        } else if (mapping.has("log-uniform")) {
            double low = Math.log(logUniform[0]);
            double high = Math.log(logUniform[1]);
            return random -> Math.exp(low + (high - low) * random.nextDouble());
        } else if (mapping.has("integer")) {
            long low = (long) Math.ceil(integer[0]);
            long high = (long) Math.floor(integer[1]);
            return random -> low + (long) Math.floor((high - low + 1) * random.nextDouble());
        }
        return random -> uniform[0] + (uniform[1] - uniform[0]) * random.nextDouble();
    }

    /** Low and high; 1 and 1 where they aren't there, or wrong, which is reported. */
    private static double[] range(YamlValue value, boolean positive) {
        double[] none = {1, 1};
        List<String> texts = value.texts(List.of());
        if (!value.present()) {
            return none;
        }
        String expected = "expected two numbers, the lower one first" + (positive ? ", both above 0" : "");
        try {
            double[] range = texts.stream().mapToDouble(Double::parseDouble).toArray();
            if (range.length == 2
                    && Double.isFinite(range[1] - range[0])
                    && range[0] < range[1]
                    && (!positive || range[0] > 0)) {
                return range;
            }
            value.problem(expected + ", got " + texts + ".");
        } catch (NumberFormatException e) {
            value.problem(expected + ", got " + texts + ".");
        }
        return none;
    }

    /** A number where the text is one, so that YAML writes it without quotes. */
    private static Object plain(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }

    /** The values of a trial, by path: the same for the same seed and number, whatever other trials there are. */
    public Map<String, Object> draw(long seed, int trial) {
        Random random = new Random(seed * 1_000_003 + trial);
        // Seeds next to each other start alike.
        random.nextLong();
        Map<String, Object> values = new LinkedHashMap<>();
        distributions.forEach((path, distribution) -> values.put(path, distribution.draw(random)));
        return values;
    }

    /**
     * The spec with these values in it, without its comments. It may be no valid one: values are drawn one by one.
     *
     * @param yaml a valid spec
     * @throws SpecException when a path leads through something that has no keys
     */
    public static String apply(String yaml, Map<String, Object> values) {
        Object root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        values.forEach((path, value) -> put(root, path, value));
        DumpSettings block =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return new Dump(block).dumpToString(root);
    }

    private static void put(Object root, String path, Object value) {
        // The name of a field may have dots in it.
        String[] keys = path.startsWith("fields.")
                ? new String[] {
                    "fields",
                    path.substring("fields.".length(), path.lastIndexOf('.')),
                    path.substring(path.lastIndexOf('.') + 1)
                }
                : path.split("\\.");
        Object at = root;
        for (int i = 0; i < keys.length; i++) {
            if (!(at instanceof Map<?, ?>)) {
                throw new SpecException("The search space names " + path + ", but the spec has a value and no keys at '"
                        + keys[i - 1] + "'. Write it as a mapping in the spec, or remove the path.");
            }
            @SuppressWarnings("unchecked")
            Map<Object, Object> mapping = (Map<Object, Object>) at;
            if (i == keys.length - 1) {
                mapping.put(keys[i], value);
            } else {
                at = mapping.computeIfAbsent(keys[i], key -> new LinkedHashMap<>());
            }
        }
    }
}
