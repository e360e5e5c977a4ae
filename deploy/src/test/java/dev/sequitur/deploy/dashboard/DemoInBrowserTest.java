package dev.sequitur.deploy.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.cli.Sequitur;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebElement;

/** What a person does who starts the demo and looks: sees an alarm, asks why, opens the cell, asks what if. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DemoInBrowserTest {
    private static final Pattern ADDRESS = Pattern.compile("dashboard at (http://\\S+)");
    /** Training and a fault that surprises enough, on a machine that does other things too. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path dir;

    private Browser browser;
    private Process demo;

    @BeforeEach
    void start() throws IOException {
        browser = Browser.open();
        Path temporary = Files.createDirectory(dir.resolve("tmp"));
        demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sequitur.class.getName(),
                        "demo",
                        "--vehicles",
                        "6",
                        "--history",
                        "1h",
                        "--speed",
                        "300")
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile())
                .start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (demo != null) {
            demo.destroyForcibly().waitFor();
        }
        if (browser != null) {
            browser.close();
        }
    }

    private Optional<URI> address() {
        try {
            String said = Files.readString(dir.resolve("err"));
            assertThat(demo.isAlive()).as(said).isTrue();
            Matcher address = ADDRESS.matcher(said);
            return address.find() ? Optional.of(URI.create(address.group(1))) : Optional.empty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldLeadFromAnAlarmToItsReasonsTheCellAndWhatWouldBeIf() {
        browser.size(1280, 1000);
        URI address = browser.await("the demo's dashboard", PATIENCE, this::address);
        browser.go(address);
        browser.awaitText(".link", "live");
        browser.await("an alarm", PATIENCE, () -> browser.all(".alarms ol > li > a").stream()
                .findFirst());
        browser.awaitText(".faults .tally", "caught");
        browser.find(".faults rect.fault");
        assertThat(browser.text(".alarms ul.why li")).contains(" expected ");
        browser.screenshot("demo-overview");

        String entity = browser.click(".alarms ol > li > a");
        browser.awaitText("h1", entity);
        String step = browser.click(".events tr[data-state=alarming] button");
        browser.awaitText(".explain", "Step " + step);
        browser.awaitText(".explain", "starts an alarm");
        assertThat(browser.texts(".explain table.why tbody tr:first-child > *"))
                .hasSize(4)
                .doesNotContain("");
        assertThat(browser.all(".series path.band"))
                .as("bands of what was expected")
                .isNotEmpty();
        browser.screenshot("demo-entity");

        browser.click("details.cell summary");
        browser.find(".cell-diagram");
        String now = browser.text(".cell-when");
        browser.click(".cell-view button[aria-label='One step back']");
        browser.await("another step of the cell", () -> Optional.of(browser.text(".cell-when"))
                .filter(when -> !when.isEmpty() && !when.equals(now)));
        browser.screenshot("demo-cell");

        browser.click(".what-if button[type=button]");
        WebElement speed = browser.find(".what-if input[name=speed]");
        speed.clear();
        speed.sendKeys("50");
        WebElement vibration = browser.find(".what-if input[name=vibration]");
        vibration.clear();
        vibration.sendKeys("9");
        browser.click(".what-if button.primary");
        browser.await("an answer to what if", () -> browser.all(".what-if table.why tbody tr").stream()
                .filter(row -> row.getText().startsWith("vibration"))
                .findFirst());
        assertThat(browser.text(".what-if .result tbody tr:first-child")).startsWith("vibration");
        browser.screenshot("demo-what-if");
        assertThat(browser.complaints()).isEmpty();
    }
}
