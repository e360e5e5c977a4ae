package dev.sequitur.deploy.dashboard;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.FluentWait;

/**
 * The machine's own Chromium without a window, driven by its own chromedriver; nothing is downloaded. Where one of them
 * isn't on the PATH, who asks for a browser is skipped, or fails with {@code BROWSER=required} in the environment.
 *
 * <p>Threading: belongs to one thread.
 */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** It warns where it has no classes for the protocol of the browser's version; none of them is used here. */
    private static final Logger DEVTOOLS = Logger.getLogger("org.openqa.selenium.devtools");

    static {
        DEVTOOLS.setLevel(Level.OFF);
    }

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    static Browser open() {
        Path chromium = required("chromium");
        Path chromedriver = required("chromedriver");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.toFile());
        // Without its sandbox, which the root of a container has no right to; it sees pages of this test alone.
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars");
        LoggingPreferences console = new LoggingPreferences();
        console.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, console);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.toFile())
                .usingAnyFreePort()
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static Path required(String program) {
        Optional<Path> found = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
        String reason = "there is no " + program + " on the PATH, so nobody looks at the dashboard; Debian has it in"
                + " its packages chromium and chromium-driver";
        assumeTrue(found.isPresent() || "required".equals(System.getenv("BROWSER")), reason);
        return found.orElseThrow(() -> new AssertionError("BROWSER=required, but " + reason));
    }

    /** @param width of the page, in its own pixels */
    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    void prefersDark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Loads the page anew, also where only what is behind the # differs. */
    void go(URI page) {
        driver.get("about:blank");
        driver.get(page.toString());
    }

    /** The first that is there, waiting for one. */
    WebElement find(String css) {
        return await("an element " + css, () -> all(css).stream().findFirst());
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** The text of the first such element; empty where there is none. */
    String text(String css) {
        return texts(css).stream().findFirst().orElse("");
    }

    /** The texts of all such elements. */
    List<String> texts(String css) {
        return await(
                "the texts of " + css,
                () -> Optional.of(all(css).stream().map(WebElement::getText).toList()));
    }

    /** Clicks the first that is there, waiting for one; the text that it had. */
    String click(String css) {
        return await(
                "an element " + css + " to click",
                () -> all(css).stream().findFirst().map(element -> {
                    String text = element.getText();
                    element.click();
                    return text;
                }));
    }

    void awaitText(String css, String part) {
        await(css + " with the text '" + part + "'", () -> Optional.of(text(css))
                .filter(text -> text.contains(part)));
    }

    /** @param wanted for the message when it doesn't come */
    <T> T await(String wanted, Supplier<Optional<T>> look) {
        return await(wanted, PATIENCE, look);
    }

    <T> T await(String wanted, Duration patience, Supplier<Optional<T>> look) {
        return new FluentWait<>(driver)
                .withTimeout(patience)
                .pollingEvery(LOOK_AGAIN)
                // Lists are drawn anew while somebody reads them.
                .ignoring(StaleElementReferenceException.class)
                .withMessage(() -> wanted + "; the page says: " + text("body"))
                .until(driver -> look.get().orElse(null));
    }

    Object script(String javaScript, Object... arguments) {
        return driver.executeScript(javaScript, arguments);
    }

    /** Keeps a picture of the whole page for a person to look at: {@code deploy/target/screenshots/NAME.png}. */
    void screenshot(String name) {
        script("scrollTo(0, 0)");
        Map<?, ?> size =
                (Map<?, ?>) script("return {width: innerWidth, height: document.documentElement.scrollHeight}");
        Object picture = driver.executeCdpCommand(
                        "Page.captureScreenshot",
                        Map.of(
                                "captureBeyondViewport",
                                true,
                                "clip",
                                Map.of(
                                        "x",
                                        0,
                                        "y",
                                        0,
                                        "width",
                                        size.get("width"),
                                        "height",
                                        size.get("height"),
                                        "scale",
                                        1)))
                .get("data");
        try {
            Files.createDirectories(SCREENSHOTS);
            Files.write(SCREENSHOTS.resolve(name + ".png"), Base64.getDecoder().decode((String) picture));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the console has said since the last call that isn't just information. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::toString)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
