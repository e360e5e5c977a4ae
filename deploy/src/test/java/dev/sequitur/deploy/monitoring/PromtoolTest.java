package dev.sequitur.deploy.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Prometheus itself says of the rules and the dashboard's expressions. {@code promtool} comes with Prometheus; where
 * it is not on the PATH, these are skipped, or fail with {@code PROMTOOL=required} in the environment.
 */
class PromtoolTest {
    private static String promtool(boolean good, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(
                    "required".equals(System.getenv("PROMTOOL")),
                    "there is no promtool on the PATH, so the rules are not checked; it comes with Prometheus");
            throw e;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue() == 0).as(output).isEqualTo(good);
        return output;
    }

    @Test
    void shouldHaveRulesThatPrometheusTakes() throws Exception {
        promtool(true, "check", "rules", "monitoring/alerts.yml");
    }

    @Test
    void shouldFireEachAlertWhereThereIsTroubleAndNowhereElse() throws Exception {
        promtool(true, "test", "rules", "monitoring/tests/alerts_test.yml");
    }

    @Test
    void shouldDrawExpressionsThatPrometheusTakes(@TempDir Path dir) throws Exception {
        List<String> expressions = Dashboard.expressions();
        assertThat(expressions).hasSizeGreaterThan(20);
        promtool(true, "check", "rules", rules(dir, expressions).toString());
        promtool(false, "check", "rules", rules(dir, List.of("sum(rate(x[5m])")).toString());
    }

    /** Recording rules of the expressions, with what Grafana puts in for its variables. */
    private static Path rules(Path dir, List<String> expressions) throws IOException {
        StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        for (int i = 0; i < expressions.size(); i++) {
            String expression =
                    expressions.get(i).replace("$__rate_interval", "1m").replace("$job", ".*");
            rules.append("      - record: panel:").append(i).append("\n        expr: '");
            rules.append(expression.replace("'", "''")).append("'\n");
        }
        return Files.writeString(dir.resolve("dashboard.yml"), rules);
    }
}
