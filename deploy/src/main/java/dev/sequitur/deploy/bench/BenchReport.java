package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import java.util.List;

/** What a benchmark measured, for people and for machines. */
public interface BenchReport {
    /** A table; the first line is its title. */
    List<String> table();

    /** The same figures, an object a line. */
    List<ObjectNode> json();

    /** Writes the table, or the objects. */
    default void print(Output out, boolean json) {
        if (json) {
            json().forEach(node -> out.line(RecordJson.line(node)));
        } else {
            table().forEach(out::line);
        }
    }
}
