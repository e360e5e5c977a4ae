package dev.sequitur.model.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** What is wrong with a spec, all of it: a user mends a spec once, not error by error. */
final class SpecProblems {
    private record Problem(int line, String message) {}

    private final String file;
    private final List<Problem> problems = new ArrayList<>();

    SpecProblems(String file) {
        this.file = file;
    }

    /** @param path keys from the root to where it is wrong, joined by dots; empty for the root */
    void add(Node at, String path, String message) {
        int line = at.getStartMark().map(Mark::getLine).orElse(0) + 1;
        problems.add(new Problem(line, path.isEmpty() ? message : path + ": " + message));
    }

    void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new SpecException(problems.stream()
                    .sorted(Comparator.comparingInt(Problem::line))
                    .map(problem -> file + ":" + problem.line() + ": " + problem.message())
                    .collect(Collectors.joining(System.lineSeparator())));
        }
    }
}
