package dev.sequitur.deploy.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.deploy.recipe.GradientPlot.Line;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class GradientPlotTest {
    /** 2, 0.2, 0.02, …: a decade an event. */
    private static final Line DECAY = new Line("a<b", decades(13));

    private static final Line KEPT = new Line("kept", new double[] {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3});
    private static final Line GONE = new Line("gone", new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

    private static double[] decades(int n) {
        double[] norms = new double[n];
        Arrays.setAll(norms, k -> 2 * Math.pow(10, -k));
        return norms;
    }

    @Test
    void shouldDrawADecadeAsATwelfthOfTheHeight() throws Exception {
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(GradientPlot.svg("t & t", List.of(DECAY, KEPT, GONE)))));
        assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(3);
        double[] ys = Arrays.stream(
                        ((Element) svg.getElementsByTagName("polyline").item(0))
                                .getAttribute("points")
                                .split(" "))
                .mapToDouble(point -> Double.parseDouble(point.split(",")[1]))
                .toArray();
        assertThat(ys).hasSize(13);
        for (int k = 1; k < ys.length; k++) {
            assertThat(ys[k] - ys[k - 1]).isCloseTo((ys[12] - ys[0]) / 12, within(0.11));
        }
        assertThat(svg.getDocumentElement().getTextContent()).contains("t & t", "a<b", "kept", "gone");
    }

    @Test
    void shouldSketchOneLineACell() {
        assertThat(GradientPlot.sketch("t", List.of(DECAY, KEPT, GONE)).subList(1, 4))
                .containsExactly(
                        "  a<b  │█▇▇▆▆▅▅▄▃▃▂▂ │ 1e-12", "  kept │█████████████│ 1e+00", "  gone │█            │ 0e+00");
    }
}
