package dev.sequitur.deploy.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alert rules, their unit tests and the runbook go together. */
class AlertRulesTest {
    static final Path MONITORING = Path.of("monitoring");
    private static final Path RUNBOOK = Path.of("RUNBOOK.md");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final Pattern SECTION = Pattern.compile("(?m)^#{2,3} (.+)$");
    private static final Pattern LINK = Pattern.compile("\\]\\(#([^)]+)\\)");
    private static final Pattern FILE = Pattern.compile("\\]\\(([^#)]+)(#[^)]*)?\\)");

    private static List<String> all(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static List<String> alerts() throws IOException {
        return all(ALERT, MONITORING.resolve("alerts.yml"));
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9 -]", "")
                .replace(' ', '-');
    }

    @Test
    void shouldHaveASectionOfTheRunbookForEachAlertAndTheReverse() throws IOException {
        assertThat(alerts()).hasSizeGreaterThan(10).doesNotHaveDuplicates();
        assertThat(all(SECTION, RUNBOOK).stream().filter(s -> s.startsWith("Sequitur")))
                .containsExactlyElementsOf(alerts());
    }

    @Test
    void shouldTestEachAlertWhileItFires() throws IOException {
        String tests = Files.readString(MONITORING.resolve("tests/alerts_test.yml"));
        List<String> fired = Pattern.compile("alertname: (\\w+)\\s+eval_time: \\w+\\s+exp_alerts:\\s+- exp_labels")
                .matcher(tests)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
        assertThat(new TreeSet<>(fired)).containsExactlyElementsOf(new TreeSet<>(alerts()));
    }

    @Test
    void shouldLinkToWhatIsThere() throws IOException {
        List<String> anchors =
                all(SECTION, RUNBOOK).stream().map(AlertRulesTest::anchor).toList();
        assertThat(all(LINK, RUNBOOK)).isNotEmpty().isSubsetOf(anchors);
        for (Path page : List.of(RUNBOOK, Path.of("helm/sequitur/README.md"))) {
            Stream<String> files = all(FILE, page).stream().filter(link -> !link.startsWith("http"));
            assertThat(files).isNotEmpty().allSatisfy(link -> assertThat(
                            page.resolveSibling(link).normalize())
                    .exists());
        }
    }
}
