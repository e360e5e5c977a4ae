package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BenchCommandTest {
    @Test
    void shouldRunEveryContestantOnTheSameEvents() {
        // A short commit interval, so that few events take several.
        List<JsonNode> lines = CommandRun.of(
                        "bench",
                        "throughput",
                        "--entities",
                        "200",
                        "--distribution",
                        "zipf",
                        "--events",
                        "40000",
                        "--slow-events",
                        "4000",
                        "--runs",
                        "1",
                        "--units",
                        "8",
                        "--property",
                        "commit.interval.ms=10",
                        "--json")
                .json();
        assertThat(lines)
                .extracting(line -> line.get("contestant").textValue())
                .containsExactly("state only", "state and result", "sequitur", "sequitur, one by one", "by hand");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("median").doubleValue()).isPositive();
            assertThat(line.get("runs")).hasSize(1);
            assertThat(line.get("distribution").textValue()).isEqualTo("zipf");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bench|Missing benchmark; there are [throughput]",
                "bench throughput --runs 0|--events, --slow-events, --partitions and --runs are at least 1",
                "bench throughput --distribution even|expected one of [UNIFORM, ZIPF, SINGLE]"
            })
    void shouldSayWhatABenchmarkTakes(String arguments, String message) {
        CommandRun run = CommandRun.of((Object[]) arguments.split(" "));
        assertThat(run.err()).contains(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
