package dev.sequitur.model.spec;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping of a spec. A key is known once it was asked for; what nobody asked for is reported at the end. */
final class YamlMapping {
    private final Node node;
    private final String path;
    private final SpecProblems problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    YamlMapping(Node node, String path, SpecProblems problems) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        List<NodeTuple> tuples = node instanceof MappingNode mapping ? mapping.getValue() : List.of();
        for (NodeTuple tuple : tuples) {
            if (tuple.getKeyNode() instanceof ScalarNode key) {
                NodeTuple first = entries.putIfAbsent(key.getValue(), tuple);
                if (first != null) {
                    int line = first.getKeyNode().getStartMark().orElseThrow().getLine() + 1;
                    problems.add(
                            key,
                            path,
                            "'" + key.getValue() + "' stands here a second time, the first is in line " + line
                                    + ". Remove or rename one of them.");
                }
            } else {
                problems.add(tuple.getKeyNode(), path, "expected a word as the key, got a list or a mapping.");
            }
        }
    }

    Set<String> keys() {
        return entries.keySet();
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** The value of a key that may be left out. */
    YamlValue value(String key) {
        known.add(key);
        NodeTuple tuple = entries.get(key);
        return new YamlValue(
                tuple == null ? null : tuple.getValueNode(), path.isEmpty() ? key : path + "." + key, problems);
    }

    /** The value of a key that has to be there; reported here when it isn't, unless the whole mapping is absent. */
    YamlValue required(String key, String whatToDo) {
        if (node instanceof MappingNode && !has(key)) {
            problems.add(node, path, "the key '" + key + "' is missing. " + whatToDo);
        }
        return value(key);
    }

    void problem(String message) {
        problems.add(node, path, message);
    }

    /** To be called when every key was asked for. */
    void rejectUnknownKeys() {
        entries.forEach((key, tuple) -> {
            if (!known.contains(key)) {
                problems.add(
                        tuple.getKeyNode(),
                        path,
                        "unknown key '" + key + "', expected one of " + String.join(", ", known) + "."
                                + Suggestion.of(key, known));
            }
        });
    }
}
