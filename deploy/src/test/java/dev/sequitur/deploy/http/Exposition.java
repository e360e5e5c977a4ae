package dev.sequitur.deploy.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a scrape says, read by the rules of Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats) and by nothing else; an {@link AssertionError} where it
 * breaks one: families that aren't whole, a type after its samples, two samples of one series, names and values that are
 * none.
 */
public final class Exposition {
    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)");
    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)(?: (-?[0-9]+))?");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");

    /** One line of a family. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, String> helps = new LinkedHashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private final Set<String> closed = new HashSet<>();
    private String current = "";

    private Exposition() {}

    public static Exposition parse(String text) {
        require(text.isEmpty() || text.endsWith("\n"), "the last line ends with a line feed", text);
        Exposition exposition = new Exposition();
        text.lines().forEach(exposition::line);
        return exposition;
    }

    private void line(String line) {
        Matcher type = TYPE.matcher(line);
        Matcher help = HELP.matcher(line);
        if (type.matches()) {
            enter(type.group(1), line);
            require(samples.stream().noneMatch(s -> family(s.name()).equals(current)), "the type comes first", line);
            require(types.put(current, type.group(2)) == null, "one type a family", line);
        } else if (help.matches()) {
            enter(help.group(1), line);
            require(helps.put(current, help.group(2)) == null, "one help a family", line);
        } else {
            require(!line.startsWith("#"), "a TYPE, a HELP or a sample", line);
            sample(line);
        }
    }

    private void sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        require(matcher.matches(), "name{labels} value", line);
        enter(family(matcher.group(1)), line);
        require(types.containsKey(current), "a type for each family", line);
        Map<String, String> labels = labels(matcher.group(2), line);
        Sample sample = new Sample(matcher.group(1), labels, value(matcher.group(3), line));
        require(
                samples.stream()
                        .noneMatch(s ->
                                s.name().equals(sample.name()) && s.labels().equals(labels)),
                "one sample a series",
                line);
        samples.add(sample);
    }

    /** Lines of a family stand together. */
    private void enter(String family, String line) {
        if (!family.equals(current)) {
            closed.add(current);
            require(!closed.contains(family), "the lines of a family together", line);
            current = family;
        }
    }

    private String family(String sample) {
        for (String suffix : List.of("_bucket", "_sum", "_count")) {
            String base = sample.endsWith(suffix) ? sample.substring(0, sample.length() - suffix.length()) : "";
            if (List.of("summary", "histogram").contains(types.getOrDefault(base, ""))) {
                return base;
            }
        }
        return sample;
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        int at = 0;
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find(at) && label.start() == at) {
            String value = label.group(2)
                    .replace("\\\\", "\0")
                    .replace("\\n", "\n")
                    .replace("\\\"", "\"")
                    .replace("\0", "\\");
            require(labels.put(label.group(1), value) == null, "each label once", line);
            at = label.end();
        }
        require(at == (text == null ? 0 : text.length()), "labels", line);
        return labels;
    }

    private static double value(String text, String line) {
        try {
            return switch (text) {
                case "+Inf" -> Double.POSITIVE_INFINITY;
                case "-Inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        } catch (NumberFormatException e) {
            throw new AssertionError("expected a number: " + line, e);
        }
    }

    private static void require(boolean holds, String rule, String line) {
        if (!holds) {
            throw new AssertionError("expected " + rule + ", got: " + line);
        }
    }

    public Map<String, String> types() {
        return types;
    }

    public Map<String, String> helps() {
        return helps;
    }

    public List<Sample> samples(String name) {
        return samples.stream().filter(s -> s.name().equals(name)).toList();
    }

    public double sum(String name) {
        return samples(name).stream().mapToDouble(Sample::value).sum();
    }
}
