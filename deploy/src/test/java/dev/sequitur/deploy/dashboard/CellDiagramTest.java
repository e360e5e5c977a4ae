package dev.sequitur.deploy.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.http.DashboardFiles;
import dev.sequitur.deploy.http.HttpServer;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.model.cell.Cell;
import dev.sequitur.model.cell.StackedCell;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.step.CellView;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The cells' diagrams in a browser: fed with the signals that the cells themselves name, with made-up values. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CellDiagramTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LAYERS = 2;
    private static final int STEPS = 6;
    private static final int UNITS = 8;

    /** What the page makes of other signals. */
    private static final String DERIVED = "divergence";

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
            server.close();
        }
    }

    @BeforeEach
    void size() {
        browser.size(1000, 800);
        browser.prefersDark(false);
        browser.complaints();
    }

    @AfterEach
    void closeThePage() {
        browser.go(URI.create("about:blank"));
    }

    private static URI page(String entity) {
        return URI.create("http://127.0.0.1:" + server.port() + "/cell.html?entity=" + entity);
    }

    static Stream<String> kinds() {
        return CellSpec.KINDS.stream();
    }

    private static CellSpec spec(String kind) {
        return PipelineSpecReader.parse(
                        """
                        name: drawn
                        entity: id
                        time: at
                        fields: {x: {kind: numeric}}
                        cell: {kind: %s, units: %d, layers: %d}
                        """
                                .formatted(kind, UNITS, LAYERS),
                        "drawn")
                .cell();
    }

    /** The names of what a cell says of its steps, with their widths; nothing is computed for it. */
    private static SortedMap<String, Integer> signals(String kind) {
        SortedMap<String, Integer> widths = new TreeMap<>();
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            StackedCell cell = StackedCell.of(spec(kind), (name, initializer, shape) -> zeros(tf, shape), UNITS);
            List<Operand<TFloat32>> state = new ArrayList<>();
            for (Cell.StateSlice slice : cell.state()) {
                state.add(zeros(tf, 1, slice.width()));
            }
            cell.step(
                    tf,
                    zeros(tf, 1, UNITS),
                    state,
                    List.of(),
                    (name, value) -> widths.put(
                            name, Math.toIntExact(value.get().asOutput().shape().get(1))));
        }
        return widths;
    }

    private static Operand<TFloat32> zeros(Ops tf, int... shape) {
        return tf.fill(tf.constant(shape), tf.constant(0f));
    }

    /** What the API would answer. */
    private static void answer(String entity, String kind, SortedMap<String, Integer> widths, double[] attention) {
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("cell").put("kind", kind).put("layers", LAYERS);
        answer.put("layers", LAYERS);
        answer.set("attention", attention == null ? JSON.nullNode() : JSON.valueToTree(attention));
        Random random = new Random(5);
        for (int s = 0; s < STEPS; s++) {
            ObjectNode step = answer.withArray("steps").addObject();
            step.put("time", "2026-01-05T07:0" + s + ":00Z").put("step", 40 + s).put("start", s == 3);
            ObjectNode signals = step.putObject("signals");
            widths.forEach((name, width) -> {
                float[] values = new float[width];
                for (int u = 0; u < width; u++) {
                    values[u] = 0.1f + 0.8f * random.nextFloat();
                }
                ObjectNode signal = JSON.valueToTree(CellView.Spread.of(values));
                signals.set(name, signal.set("values", JSON.valueToTree(values)));
            });
        }
        api.answer("entities/" + entity + "/cell", answer.toString());
    }

    private static void awaitDiagram() {
        browser.find(".cell-body:not([hidden]) .cell-diagram");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldDrawEveryCellByTheSignalsThatItGives(String kind) {
        SortedMap<String, Integer> widths = signals(kind);
        answer(kind, kind, widths, null);
        browser.go(page(kind));
        awaitDiagram();
        for (int layer = 1; layer <= LAYERS; layer++) {
            browser.all(".cell-layers button").get(layer - 1).click();
            String prefix = layer + ".";
            List<String> given = widths.keySet().stream()
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> name.substring(prefix.length()))
                    .toList();
            TreeSet<String> drawn = new TreeSet<>();
            ((List<?>)
                            browser.script(
                                    "return [...document.querySelectorAll('.cell-diagram [data-signal]')].map(it => it.dataset.signal)"))
                    .forEach(name -> drawn.add((String) name));
            // A name that one side has and the other hasn't is a line or a box without a value, or a value unseen.
            assertThat(drawn).allMatch(name -> given.contains(name) || name.equals(DERIVED));
            // Deviations stand with their mean; a grid's input is its h₁ above the lowest layer.
            assertThat(given)
                    .allMatch(name -> drawn.contains(name)
                            || name.endsWith("-deviation")
                            || name.equals("x") && drawn.contains("depth-hidden-before"));
            for (WebElement box : browser.all(".cell-diagram .node[tabindex]")) {
                assertThat(box.getDomAttribute("aria-label")).matches("(?s).*: mean −?\\d.*");
            }
            assertThat(browser.all(".cell-diagram [d*=NaN], .cell-diagram [d*=undefined], .cell-diagram [x1=NaN]"))
                    .isEmpty();
            browser.screenshot("cell-" + kind + "-" + layer);
        }
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldStepBackAndForthByKeysButtonsAndSlider() {
        answer("van-1", "lstm", signals("lstm"), new double[] {0.5, 0.25, 0.25});
        browser.go(page("van-1"));
        awaitDiagram();
        // The latest first, and what its prediction looks back on.
        browser.awaitText(".cell-when", "step 45");
        assertThat(browser.find(".cell-attention svg").getDomAttribute("aria-label"))
                .isEqualTo("this event: 50 %, 1 before: 25 %, 2 before: 25 %");
        WebElement forget = browser.find(".cell-diagram .node[data-signal=forget]");
        String latest = forget.getDomAttribute("aria-label");

        browser.find(".cell-diagram .node[tabindex]").sendKeys(Keys.ARROW_LEFT, Keys.ARROW_LEFT);
        browser.awaitText(".cell-when", "step 43, a session starts");
        assertThat(forget.getDomAttribute("aria-label")).isNotEqualTo(latest);
        assertThat(browser.find(".cell-attention").isDisplayed()).isFalse();

        browser.click(".cell-walk button[aria-label='One step back']");
        browser.awaitText(".cell-when", "step 42");
        browser.find(".cell-walk input").sendKeys(Keys.HOME);
        browser.awaitText(".cell-when", "step 40");
        assertThat(browser.find(".cell-walk button[aria-label='One step back']").isEnabled())
                .isFalse();
        browser.find(".cell-diagram .node[tabindex]").sendKeys(Keys.END);
        browser.awaitText(".cell-when", "step 45");
        assertThat(forget.getDomAttribute("aria-label")).isEqualTo(latest);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldTellOfTheSignalThatIsPointedOut() {
        answer("van-1", "gru", signals("gru"), null);
        browser.go(page("van-1"));
        awaitDiagram();
        browser.find(".cell-diagram .node[data-signal=update]").sendKeys(Keys.ENTER);
        browser.awaitText(".cell-detail h4", "update gate z");
        assertThat(browser.all(".cell-units rect")).hasSize(UNITS);
        browser.click(".cell-numbers summary");
        // A row for each of the layer's signals; the table leads to them too.
        long own = signals("gru").keySet().stream()
                .filter(name -> name.startsWith("1."))
                .count();
        browser.await("a row a signal", () -> Optional.of(browser.all(".cell-numbers tbody tr"))
                .filter(rows -> rows.size() == own));
        browser.click(".cell-numbers tr[data-signal=reset] button");
        browser.awaitText(".cell-detail h4", "reset gate r");
        assertThat(browser.complaints()).isEmpty();
    }

    /** By hand: of a memory of 2 and −2 the gate keeps 1 and −1; 1 is written to each. */
    @Test
    void shouldSayWhatWasKeptForgottenAndWritten() {
        SortedMap<String, Integer> widths = signals("lstm");
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("cell").put("kind", "lstm").put("layers", 1);
        answer.put("layers", 1).putNull("attention");
        ObjectNode step = answer.withArray("steps").addObject();
        step.put("time", "2026-01-05T07:00:00Z").put("step", 1).put("start", false);
        ObjectNode signals = step.putObject("signals");
        widths.forEach((name, width) -> {
            float[] values = new float[2];
            Arrays.fill(values, 1);
            if (name.equals("1.cell-before")) {
                values = new float[] {2, -2};
            } else if (name.equals("1.kept")) {
                values = new float[] {1, -1};
            }
            ObjectNode signal = JSON.valueToTree(CellView.Spread.of(values));
            signals.set(name, signal.set("values", JSON.valueToTree(values)));
        });
        api.answer("entities/van-1/cell", answer.toString());
        browser.go(page("van-1"));
        awaitDiagram();
        browser.awaitText(
                ".cell-balance p",
                "It kept 50 % of its memory and forgot 50 %. What it wrote is 50 % of what is there now.");
    }

    @Test
    void shouldSayWhyThereIsNothingToShow() {
        api.refuse(
                "entities/old/cell",
                409,
                "{\"error\": {\"what\": \"The model says nothing of its gates\", \"expected\": \"a signature 'gates'\","
                        + " \"got\": \"[step]\", \"do\": \"Train it again\"}}");
        browser.go(page("old"));
        browser.awaitText(
                ".cell-message",
                "The model says nothing of its gates. expected a signature 'gates', got [step]. Train it again.");
        api.answer("entities/quiet/cell", "{\"cell\": {\"kind\": \"gru\"}, \"layers\": 1, \"steps\": []}");
        browser.go(page("quiet"));
        browser.awaitText(".cell-message", "No step of this entity is kept");
    }

    @Test
    void shouldFitAPhone() {
        browser.size(390, 800);
        browser.prefersDark(true);
        answer("van-1", "lstm-peephole", signals("lstm-peephole"), null);
        browser.go(page("van-1"));
        awaitDiagram();
        // The diagram may be wider than the page and then moves by itself; the page stays.
        assertThat((Boolean) browser.script("return document.documentElement.scrollWidth <= innerWidth"))
                .isTrue();
        browser.screenshot("cell-phone-dark");
    }
}
