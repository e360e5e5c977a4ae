package dev.sequitur.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference page and the reader say the same. */
class PipelineSpecDocumentTest {
    private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SECTION = Pattern.compile("(?m)^([a-z]+):(?:.|\n(?![a-z]))*\n?");

    private static List<String> blocks() throws IOException {
        Path page = Path.of(System.getProperty("basedir", "."), "..", "docs", "pipeline-spec.md");
        return BLOCK.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    static Stream<String> completedBlocks() throws IOException {
        Map<String, String> complete = sections(blocks().get(0));
        return blocks().stream().map(block -> {
            Map<String, String> sections = new LinkedHashMap<>(complete);
            sections.putAll(sections(block));
            return String.join("", sections.values());
        });
    }

    private static Map<String, String> sections(String block) {
        Map<String, String> sections = new LinkedHashMap<>();
        for (MatchResult match : SECTION.matcher(block).results().toList()) {
            sections.put(match.group(1), match.group().stripTrailing() + "\n");
        }
        return sections;
    }

    @ParameterizedTest
    @MethodSource("completedBlocks")
    void shouldAcceptEveryExampleOfThePage(String yaml) {
        assertThat(PipelineSpecReader.parse(yaml, "pipeline-spec.md").fields()).isNotEmpty();
    }

    @Test
    void shouldHaveTheDefaultsThatThePageWritesOut() throws IOException {
        PipelineSpec smallest = PipelineSpecReader.parse(blocks().get(0), "smallest");
        PipelineSpec written = PipelineSpecReader.parse(blocks().get(1), "written");

        // Weights of 1 are what a target without a weight has; the smallest spec names none.
        assertThat(written)
                .usingRecursiveComparison()
                .ignoringFields("training.weights")
                .isEqualTo(smallest);
        assertThat(written.training().weights())
                .containsOnlyKeys("activity", "gap")
                .containsValue(1.0);
    }

    @Test
    void shouldDescribeEveryKeyThatTheReaderKnows() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("basedir", "."), "..", "docs", "pipeline-spec.md"));
        List<String> described = new ArrayList<>();
        Pattern.compile("`([a-z-]+(?:\\.[a-z]+)?)`").matcher(page).results().forEach(m -> described.add(m.group(1)));

        for (String section : List.of("", "time: ", "session: ", "task: ", "cell: ", "training: ", "data: ")) {
            String yaml = section.isEmpty() ? "no-such-key: 1\n" : section + "{no-such-key: 1}\n";
            String message =
                    catchThrowable(() -> PipelineSpecReader.parse(yaml, "x")).getMessage();
            String known = message.lines()
                    .filter(line -> line.contains("unknown key"))
                    .findFirst()
                    .orElseThrow();
            for (String key :
                    known.replaceAll(".*expected one of ([^.]*)\\..*", "$1").split(", ")) {
                assertThat(described.stream().anyMatch(d -> d.equals(key) || d.startsWith(key + "."))
                                || page.contains("{" + key + ":"))
                        .as("key '%s' of '%s' stands on the page", key, section)
                        .isTrue();
            }
        }
    }
}
