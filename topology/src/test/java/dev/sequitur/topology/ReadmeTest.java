package dev.sequitur.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.Test;

/** The README's program is this one, which the compiler checks. */
class ReadmeTest {
    static void program(Properties properties, CountDownLatch untilStopped) throws InterruptedException {
        // begin
        try (ModelBundle bundle = ModelBundle.load(Path.of("model"))) {
            SequiturTopology sequitur = SequiturTopology.of(bundle.model())
                    .input("events")
                    .scores("scores")
                    .predictions("predictions")
                    .build();

            StreamsBuilder builder = new StreamsBuilder();
            SequiturTopology.Results results = sequitur.addTo(builder);
            results.scores().filter((entity, score) -> score.getAlarm()).to("alarms");

            Properties complete = sequitur.configure(properties);
            try (KafkaStreams streams = new KafkaStreams(builder.build(complete), complete)) {
                streams.start();
                untilStopped.await();
            }
        }
        // end
    }

    @Test
    void shouldShowAProgramThatCompiles() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/sequitur/topology/ReadmeTest.java"));
        var program = Pattern.compile("// begin\n(.*?) +// end", Pattern.DOTALL).matcher(source);
        var shown =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
        assertThat(program.find()).isTrue();
        assertThat(shown.find()).isTrue();
        assertThat(shown.group(1)).isEqualTo(program.group(1).indent(-8));
    }
}
