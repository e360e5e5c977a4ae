package dev.sequitur.deploy.supply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Versions stand in one place: the properties of the root pom.xml. */
class VersionsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern VERSION = Pattern.compile("<version>([^<]*)</version>");
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(r -> r.group(1)).toList();
    }

    /** The pom without what Maven asks of every one: who its parent is. */
    private static String pom(String module) throws IOException {
        return Files.readString(ROOT.resolve(module).resolve("pom.xml")).replaceFirst("(?s)<parent>.*?</parent>", "");
    }

    @Test
    void shouldLeaveVersionsToTheRoot() throws IOException {
        List<String> modules = all(MODULE, pom("."));
        assertThat(modules).contains("schemas", "model", "topology", "deploy");
        for (String module : modules) {
            assertThat(all(VERSION, pom(module))).as(module).allMatch(version -> version.startsWith("${"));
        }
    }

    @Test
    void shouldNameEachVersionAsAProperty() throws IOException {
        String root = pom(".");
        Matcher own = Pattern.compile("<artifactId>sequitur</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(root);
        assertThat(own.find()).isTrue();
        assertThat(all(VERSION, root.substring(own.end())))
                // The enforcer's rules say from which version on a tool will do.
                .filteredOn(version -> !version.startsWith("["))
                .isNotEmpty()
                .allMatch(version -> version.startsWith("${"));
    }

    @Test
    void shouldTakeReleasesOnly() throws IOException {
        assertThat(all(Pattern.compile("<[a-z-]+\\.version>([^<]+)</"), pom(".")))
                .hasSizeGreaterThan(20)
                .noneMatch(version -> version.matches("(?i).*(snapshot|alpha|beta|-rc|latest|release).*"));
    }
}
