package dev.sequitur.deploy.monitoring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The metrics of the application that the alert rules and the dashboard name. */
public final class AskedMetrics {
    private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
    private static final Pattern NAME = Pattern.compile("\\b(?:sequitur|kafka|jvm|process)_[a-z0-9_]+");

    private AskedMetrics() {}

    public static Set<String> names() throws IOException {
        List<String> expressions = new ArrayList<>(Dashboard.expressions());
        new ObjectMapper(new YAMLFactory())
                .readTree(AlertRulesTest.MONITORING.resolve("alerts.yml").toFile())
                .findValues("expr")
                .forEach(expr -> expressions.add(expr.asText()));
        Set<String> names = new TreeSet<>();
        for (String expression : expressions) {
            NAME.matcher(TEXT.matcher(expression).replaceAll(""))
                    .results()
                    .map(MatchResult::group)
                    .forEach(names::add);
        }
        return names;
    }
}
