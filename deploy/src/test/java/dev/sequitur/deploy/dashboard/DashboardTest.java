package dev.sequitur.deploy.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.deploy.http.DashboardFiles;
import dev.sequitur.deploy.http.HttpServer;
import dev.sequitur.deploy.http.ListenAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The dashboard in a browser, before an API whose answers are written here. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DashboardTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Whatever a key holds, it is text. */
    private static final String ODD_KEY = "<img src=x onerror=alert> a/b?c#d%20é";

    private static final int EVENTS = 40;
    private static final int SURPRISING = 30;

    private static Browser browser;
    private static StubApi api;
    private static HttpServer server;

    @BeforeAll
    static void start() {
        browser = Browser.open();
        api = new StubApi();
        server = HttpServer.start(
                new ListenAddress("127.0.0.1", 0), Map.of("/", new DashboardFiles(), "/api/v1/*", api));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            api.hangUp();
            server.close();
        }
    }

    @BeforeEach
    void answers() {
        browser.size(1280, 900);
        browser.prefersDark(false);
        browser.complaints();
        api.wants(null);
        api.questions().clear();
        api.answer(
                "model",
                """
                {"name": "fleet", "cell": {"kind": "lstm", "units": [32], "layers": 1}, "fingerprint": "9c41d7e2",
                 "sessionGap": null, "calibration": {"events": 1200}, "provenance": {"epochs": 12}, "spec": "name: fleet",
                 "fields": [
                   {"name": "mode", "kind": "categorical", "roles": ["input", "target"], "categories": ["driving", "idle"]},
                   {"name": "speed", "kind": "numeric", "roles": ["given", "input"]},
                   {"name": "vibration", "kind": "numeric", "roles": ["input", "target"]},
                   {"name": "gap", "kind": "since-previous", "roles": ["input"]}]}""");
        api.answer("entities", entities(listed("van-1", 0.5), listed("van-2", 0.25), listed(ODD_KEY, 0.125)));
        api.answer("alarms", "{\"alarms\": []}");
        api.answer("status", status(false));
        api.answer("entities/van-1", entity("van-1"));
    }

    @AfterEach
    void closeThePage() {
        browser.go(URI.create("about:blank"));
        api.hangUp();
    }

    private static URI page(String hash) {
        return URI.create("http://127.0.0.1:" + server.port() + "/" + hash);
    }

    private static String status(boolean demo) {
        return "{\"state\": \"RUNNING\", \"uptime\": 1000, \"instances\": [], \"also\": ["
                + (demo ? "\"/api/v1/demo/faults\"" : "") + "]}";
    }

    private static String entities(String... listed) {
        return "{\"next\": null, \"since\": \"2026-01-05T07:00:00Z\", \"entities\": [" + String.join(",", listed)
                + "]}";
    }

    private static String listed(String key, double score) {
        return """
                {"key": "%s", "score": %s, "surprise": 1.5, "alarm": false, "alarming": false,
                 "time": "2026-01-05T07:10:00Z", "step": 7, "spark": [0.1, %s]}"""
                .formatted(key, score, score);
    }

    private static String time(int step) {
        return "2026-01-05T07:%02d:00Z".formatted(step);
    }

    /** Vibrations near 0.2 where 0.1 to 0.3 is expected, and one of 1.35. */
    private static String fields(int step) {
        boolean odd = step == SURPRISING;
        return """
                [{"field": "mode", "surprise": 0.1, "observed": "driving", "expected":
                   {"kind": "categorical", "top": [{"value": "driving", "probability": 0.9}, {"value": "idle", "probability": 0.1}]}},
                 {"field": "vibration", "surprise": %s, "observed": %s, "expected":
                   {"kind": "continuous", "median": 0.2, "p05": 0.1, "p95": 0.3}}]"""
                .formatted(odd ? 35.3 : -0.8, odd ? "1.35" : "0.2" + step % 7);
    }

    private static String event(int step) {
        boolean odd = step == SURPRISING;
        return """
                {"time": "%s", "step": %d, "end": false, "surprise": %s, "score": %s, "alarm": %s, "alarming": %s,
                 "partition": 0, "offset": %d, "fields": %s}"""
                .formatted(time(step), step, odd ? 35.4 : -0.7, odd ? 0.99995 : 0.4, odd, odd, step, fields(step));
    }

    private static String entity(String key) {
        String events =
                IntStream.rangeClosed(1, EVENTS).mapToObj(DashboardTest::event).collect(Collectors.joining(","));
        return """
                {"key": "%s", "instance": "127.0.0.1:8080", "steps": %d, "sessionStart": "%s", "lastEventTime": "%s",
                 "alarming": false, "stale": null, "history": {"complete": false, "since": "%s"}, "events": [%s],
                 "prediction": [
                   {"field": "mode", "expected": {"kind": "categorical", "top": [{"value": "idle", "probability": 0.75}]}},
                   {"field": "vibration", "expected": {"kind": "continuous", "median": 0.2, "p05": 0.15, "p95": 0.25}}]}"""
                .formatted(key, EVENTS, time(1), time(EVENTS), time(1), events);
    }

    private static void awaitFeed() {
        browser.await("a page that listens to the feed", () -> Optional.of(api).filter(it -> it.listeners() == 1));
        browser.awaitText(".link", "live");
    }

    private static String row(String key) {
        return ".entities tr[data-key='" + key + "'] ";
    }

    @Test
    void shouldFollowTheFeedFromEventToEvent() {
        browser.go(page(""));
        awaitFeed();
        browser.awaitText(row("van-2"), "0.25");
        api.say(
                "tick",
                "{\"throughput\": 12345.6, \"lag\": 7, \"backlog\": 0, \"batchSize\": 3.25, \"entities\": 3, \"alarms\": 1}");
        browser.awaitText(".tile[data-name=throughput] dd", "12,346");
        browser.awaitText(".tile[data-name=batchSize] dd", "3.3");
        api.say(
                "scores",
                "{\"key\": \"van-2\", \"time\": \"2026-01-05T07:11:00Z\", \"step\": 8, \"score\": 0.9934,"
                        + " \"surprise\": 9.5, \"alarm\": true, \"alarming\": true}");
        browser.awaitText(row("van-2") + ".score", "0.9934");
        assertThat(browser.find(row("van-2")).getDomAttribute("data-state")).isEqualTo("alarming");
        // What is older than what is shown changes nothing.
        api.say(
                "scores",
                "{\"key\": \"van-2\", \"time\": \"2026-01-05T07:01:00Z\", \"step\": 2, \"score\": 0.75,"
                        + " \"surprise\": 1, \"alarm\": false, \"alarming\": false}");
        api.say(
                "tick",
                "{\"throughput\": 1, \"lag\": 0, \"backlog\": 0, \"batchSize\": 1, \"entities\": 3, \"alarms\": 1}");
        browser.awaitText(".tile[data-name=throughput] dd", "1");
        assertThat(browser.text(row("van-2") + ".score")).isNotEqualTo("0.75");
        api.say(
                "alarm",
                "{\"key\": \"van-2\", \"time\": \"2026-01-05T07:11:00Z\", \"step\": 8, \"score\": 0.9934, \"surprise\": 9.5,"
                        + " \"why\": " + fields(SURPRISING) + "}");
        browser.awaitText(".alarms li", "van-2");
        // The field that is to blame comes first.
        assertThat(browser.text(".alarms ul.why li:first-child")).isEqualTo("vibration 1.35 expected 0.2 (0.1 to 0.3)");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldComeBackByItselfAfterTheFeedHasBroken() {
        browser.go(page(""));
        awaitFeed();
        api.hangUp();
        browser.await(
                "the page to notice", () -> Optional.of(browser.text(".link")).filter(it -> !it.contains("live")));
        awaitFeed();
    }

    @Test
    void shouldShowTheEntityAsSoonAsTheApplicationAnswers() {
        api.refuse("model", 503, StubApi.error("There is nothing to ask yet: restoring states"));
        browser.go(page("#/entity/van-1"));
        browser.awaitText(".notice", "There is nothing to ask yet: restoring states.");
        awaitFeed();
        answers();
        api.hangUp();
        browser.awaitText(".explain", "Step " + EVENTS);
        assertThat(browser.find(".notice").isDisplayed()).isFalse();
    }

    @Test
    void shouldReadNoKeyAsMarkupAndFindItsPage() {
        String encoded =
                "entities/" + URLEncoder.encode(ODD_KEY, StandardCharsets.UTF_8).replace("+", "%20");
        api.answer(encoded, entity(ODD_KEY));
        browser.go(page(""));
        WebElement link = browser.await("the odd key", () -> browser.all(".entities tbody a").stream()
                .filter(it -> it.getText().equals(ODD_KEY))
                .findFirst());
        link.click();
        browser.awaitText("h1", ODD_KEY);
        browser.awaitText(".explain", "Step " + EVENTS);
        assertThat(browser.all("img")).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldShowWhatWasExpectedOfEachEventAndWalkBetweenThem() {
        browser.go(page("#/entity/van-1"));
        browser.awaitText(".explain", "Step " + EVENTS);
        assertThat(browser.all(".series figure")).hasSize(3);
        assertThat(browser.all(".series circle.out.alarmed"))
                .as("marks where it surprised")
                .hasSize(1);
        browser.click(".events tr[data-step='" + SURPRISING + "'] button");
        browser.awaitText(".explain", "starts an alarm");
        assertThat(browser.text(".explain table.why tbody tr:first-child"))
                .isEqualToNormalizingWhitespace("vibration 1.35 0.2 (0.1 to 0.3) 35.3");
        assertThat(browser.all(".series .chosen")).hasSize(3);
        browser.find(".walk input").sendKeys(Keys.ARROW_LEFT);
        browser.awaitText(".explain", "Step " + (SURPRISING - 1));
        browser.click(".walk button[aria-label='The event after']");
        browser.awaitText(".explain", "Step " + SURPRISING);
        assertThat(browser.text(".foretold")).contains("idle", "75 %", "0.15 to 0.25");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldAskWhatIfWithTheFieldsOfTheModelAndSayWhatIsWrong() throws Exception {
        api.answer(
                "entities/van-1/what-if",
                "{\"time\": \"2026-01-05T07:41:00Z\", \"score\": 0.99995, \"surprise\": 35.4, \"alarm\": true,"
                        + " \"alarming\": true, \"fields\": " + fields(SURPRISING) + ", \"predictionAfter\": []}");
        browser.go(page("#/entity/van-1"));
        browser.awaitText(".explain", "Step " + EVENTS);
        browser.find(".what-if input[name=speed]").sendKeys("50");
        WebElement vibration = browser.find(".what-if input[name=vibration]");
        vibration.clear();
        vibration.sendKeys("1.35");
        browser.click(".what-if button.primary");
        browser.awaitText(".what-if .result", "would alarm");
        assertThat(browser.text(".what-if .result tbody tr:first-child")).startsWith("vibration 1.35");
        JsonNode asked = JSON.readTree(api.questions().stream()
                .filter(it -> it.method().equals("POST"))
                .findFirst()
                .orElseThrow()
                .body());
        assertThat(asked)
                .isEqualTo(JSON.readTree("{\"fields\": {\"mode\": \"driving\", \"speed\": 50, \"vibration\": 1.35}}"));
        assertThat(browser.complaints()).isEmpty();

        api.refuse(
                "entities/van-1/what-if",
                400,
                "{\"error\": {\"what\": \"speed is too high\", \"expected\": \"at most 40\", \"got\": \"50\", \"do\": \"Slow down.\"}}");
        browser.click(".what-if button.primary");
        browser.awaitText(".what-if .error", "speed is too high. expected at most 40, got 50. Slow down.");
    }

    @Test
    void shouldDrawWhatMayFollow() throws Exception {
        String step = ", \"end\": 0, \"time\": {\"p05\": 50000, \"p50\": 60000, \"p95\": 90000}, \"fields\": "
                + "[{\"field\": \"vibration\", \"expected\": {\"kind\": \"continuous\", \"median\": 0.2, \"p05\": 0.1, \"p95\": 0.3}}]}";
        api.answer(
                "entities/van-1/rollout",
                "{\"samples\": 200, \"steps\": [{\"step\": 1" + step + ", {\"step\": 2" + step + "]}");
        browser.go(page("#/entity/van-1"));
        browser.awaitText(".explain", "Step " + EVENTS);
        browser.click(".rollout button.primary");
        browser.awaitText(".rollout .result", "200 samples; 2 events take 1 min (50 s to 1.5 min)");
        browser.find(".rollout path.band");
        assertThat(JSON.readTree(api.questions().stream()
                        .filter(it -> it.method().equals("POST"))
                        .findFirst()
                        .orElseThrow()
                        .body()))
                .as("what isn't predicted, such as the speed, is held")
                .isEqualTo(JSON.readTree("{\"steps\": 12, \"samples\": 200, \"hold\": true}"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldTellWhichFaultsWereCaughtMissedAndWhichAlarmsWereRaisedInVain() {
        api.answer("status", status(true));
        api.answer(
                "demo/faults",
                """
                {"grace": 180000, "faults": [
                  {"entity": "van-1", "kind": "stuck-sensor", "from": "2026-01-05T07:00:00Z", "to": "2026-01-05T07:06:00Z", "caught": "2026-01-05T07:00:40Z"},
                  {"entity": "van-2", "kind": "overheating", "from": "2026-01-05T07:05:00Z", "to": "2026-01-05T07:10:00Z", "caught": null},
                  {"entity": "van-3", "kind": "vibration", "from": "2026-01-05T07:58:00Z", "to": "2026-01-05T08:04:00Z", "caught": null}]}""");
        String alarm = ", \"score\": 1, \"surprise\": 30, \"step\": 5, \"why\": []}";
        api.answer(
                "alarms",
                "{\"alarms\": ["
                        + "{\"key\": \"van-2\", \"time\": \"2026-01-05T08:00:00Z\"" + alarm
                        + ", {\"key\": \"van-1\", \"time\": \"2026-01-05T07:00:40Z\"" + alarm + "]}");
        browser.go(page(""));
        browser.awaitText(".faults .tally", "1 caught, 1 missed, 1 acting now; 1 of 2 alarms in vain");
        browser.find(".faults rect.fault.missed");
        browser.find(".faults path.mark.vain");
        browser.click(".faults summary");
        browser.awaitText(".faults td.outcome.caught", "caught after 40 s");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldAskForTheTokenOnceAndGoOnWithIt() {
        api.wants("secret");
        browser.go(page(""));
        browser.find(".notice input[type=password]").sendKeys("secret" + Keys.ENTER);
        browser.awaitText(row("van-1"), "0.50");
        awaitFeed();
        assertThat(browser.all(".notice form")).noneMatch(WebElement::isDisplayed);
        browser.script("sessionStorage.clear()");
    }

    @Test
    void shouldSearchWithTheKeyboardAndKeepTheChosenColours() {
        browser.go(page(""));
        browser.awaitText(row("van-1"), "0.50");
        browser.find("body").sendKeys("/");
        browser.find(".find input").sendKeys("van-1" + Keys.ENTER);
        browser.awaitText(".explain", "Step " + EVENTS);
        browser.click("button.theme");
        browser.click("button.theme");
        browser.go(page("#/model"));
        browser.awaitText("h1", "fleet");
        assertThat(browser.find("html").getDomAttribute("data-theme")).isEqualTo("dark");
        browser.script("localStorage.clear()");
        assertThat(browser.complaints()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"390, 844, false", "390, 844, true", "1280, 900, false", "1280, 900, true", "2560, 1440, true"})
    void shouldFitFromAPhonesWidthToAWallScreen(int width, int height, boolean dark) {
        browser.size(width, height);
        browser.prefersDark(dark);
        for (String name : List.of("overview", "entity", "model")) {
            browser.go(page(name.equals("overview") ? "" : name.equals("entity") ? "#/entity/van-1" : "#/model"));
            browser.find(name.equals("entity") ? ".series circle" : ".card td");
            long tooWide = (long) browser.script(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            browser.screenshot("stub-" + name + "-" + width + (dark ? "-dark" : "-light"));
            assertThat(tooWide).as(name).isNotPositive();
        }
        assertThat(browser.complaints()).isEmpty();
    }
}
