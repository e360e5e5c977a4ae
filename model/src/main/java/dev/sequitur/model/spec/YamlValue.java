package dev.sequitur.model.spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a spec, or its absence. An accessor gives the fallback where the value is absent, and also where it is wrong,
 * which it reports: reading goes on to find the other problems, and nothing read from a spec with problems is kept.
 *
 * @param node null where the value is absent
 */
record YamlValue(Node node, String path, SpecProblems problems) {
    /** Turns text into a value. */
    interface Parser<T> {
        /** @throws IllegalArgumentException with what was expected, and what to do */
        T parse(String text);
    }

    boolean present() {
        return node != null;
    }

    void problem(String message) {
        problems.add(node, path, message);
    }

    <T> T parse(T fallback, String expected, Parser<T> parser) {
        if (node == null) {
            return fallback;
        }
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            problem("expected " + expected + ", got " + describe() + ".");
            return fallback;
        }
        try {
            return parser.parse(scalar.getValue());
        } catch (IllegalArgumentException e) {
            problem(e.getMessage());
            return fallback;
        }
    }

    String text(String fallback) {
        return parse(fallback, "text", YamlValue::nonEmpty);
    }

    private static String nonEmpty(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("expected text, got an empty one.");
        }
        return text;
    }

    boolean truth(boolean fallback) {
        return parse(fallback, "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false, got '" + text + "'.");
        });
    }

    int integer(int fallback, int min, int max) {
        return (int) integer((long) fallback, min, max);
    }

    long integer(long fallback, long min, long max) {
        return parse(fallback, wholeNumber(min, max), text -> wholeNumber(text, min, max));
    }

    /** One whole number, or a list of at least one. */
    List<Integer> integers(List<Integer> fallback, int min, int max) {
        return repeatableList(
                fallback, wholeNumber(min, max) + " or a list", text -> (int) wholeNumber(text, min, max));
    }

    private static String wholeNumber(long min, long max) {
        return max == Integer.MAX_VALUE || max == Long.MAX_VALUE
                ? "a whole number" + (min == Long.MIN_VALUE ? "" : " >= " + min)
                : "a whole number from " + min + " to " + max;
    }

    private static long wholeNumber(String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected " + wholeNumber(min, max) + ", got '" + text + "'.", e);
        }
        throw new IllegalArgumentException("expected " + wholeNumber(min, max) + ", got " + text + ".");
    }

    double number(double fallback, NumberRange range) {
        return parse(fallback, range.toString(), range::parse);
    }

    Duration duration(Duration fallback, Duration min) {
        return parse(fallback, "a duration such as 30s", text -> {
            Duration duration = Durations.parse(text);
            if (duration.compareTo(min) < 0) {
                throw new IllegalArgumentException("expected at least " + min.toMillis() + "ms, got '" + text + "'.");
            }
            return duration;
        });
    }

    /** One of the words of an enum, written in lower case with dashes. */
    <E extends Enum<E>> E oneOf(Class<E> type, E fallback) {
        Map<String, E> words = words(type);
        return parse(fallback, "one of " + String.join(", ", words.keySet()), text -> word(words, text));
    }

    /** One or several words of an enum, each at most once. */
    <E extends Enum<E>> List<E> someOf(Class<E> type, List<E> fallback) {
        Map<String, E> words = words(type);
        return list(fallback, "one or several of " + String.join(", ", words.keySet()), text -> word(words, text));
    }

    /** One word or a list of words. */
    List<String> texts(List<String> fallback) {
        return list(fallback, "text or a list of texts", YamlValue::nonEmpty);
    }

    /** A single value or a list of at least one, without doubles. */
    private <T> List<T> list(List<T> fallback, String expected, Parser<T> parser) {
        List<T> values = repeatableList(fallback, expected, parser);
        if (new LinkedHashSet<>(values).size() < values.size()) {
            problem("expected each value once, got " + describe() + ". Remove the doubles.");
        }
        return values;
    }

    /** A single value or a list of at least one. */
    private <T> List<T> repeatableList(List<T> fallback, String expected, Parser<T> parser) {
        if (node == null) {
            return fallback;
        }
        if (!(node instanceof SequenceNode sequence)) {
            T single = parse(null, expected, parser);
            return single == null ? fallback : List.of(single);
        }
        if (sequence.getValue().isEmpty()) {
            problem("expected " + expected + ", got an empty list.");
        }
        List<T> values = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            T value = new YamlValue(element, path, problems).parse(null, expected, parser);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** The mapping; an empty one where there is none. */
    YamlMapping mapping() {
        if (node != null && !(node instanceof MappingNode)) {
            problem("expected a mapping of keys to values, got " + describe() + ".");
        }
        return new YamlMapping(node, path, problems);
    }

    boolean isMapping() {
        return node instanceof MappingNode;
    }

    String describe() {
        if (node instanceof ScalarNode scalar) {
            return scalar.getTag().equals(Tag.NULL) ? "nothing" : "'" + scalar.getValue() + "'";
        }
        return node instanceof SequenceNode ? "a list" : "a mapping";
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> Map<String, E> words(Class<E> type) {
        Map<String, E> words = new LinkedHashMap<>();
        Arrays.stream(type.getEnumConstants()).forEach(constant -> words.put(word(constant), constant));
        return words;
    }

    static <E> E word(Map<String, E> words, String text) {
        E constant = words.get(text);
        if (constant == null) {
            throw new IllegalArgumentException("expected one of " + String.join(", ", words.keySet()) + ", got '" + text
                    + "'." + Suggestion.of(text, words.keySet()));
        }
        return constant;
    }
}
