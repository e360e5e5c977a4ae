package dev.sequitur.deploy.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What the dashboard asks Prometheus. */
final class Dashboard {
    private Dashboard() {}

    static List<String> expressions() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(AlertRulesTest.MONITORING
                        .resolve("grafana/dashboards/sequitur.json")
                        .toFile());
        List<String> expressions = new ArrayList<>();
        dashboard.path("panels").forEach(panel -> panel.path("targets")
                .forEach(target -> expressions.add(target.path("expr").asText())));
        return expressions;
    }
}
