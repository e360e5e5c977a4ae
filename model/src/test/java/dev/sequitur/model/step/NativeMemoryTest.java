package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** JavaCPP reads its bounds once in the life of a process, so each of these has one of its own. */
class NativeMemoryTest {
    /** Prints the bound that holds once the devices were asked for. */
    static final class Bound {
        private Bound() {}

        public static void main(String[] args) {
            Devices.resolve(Device.parse("cpu"));
            System.out.println(Pointer.maxPhysicalBytes());
        }
    }

    private static String bound(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), Bound.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return printed.strip();
    }

    @Test
    void shouldLeaveTheProcessesMemoryToTheSystem() throws Exception {
        assertThat(bound()).isEqualTo("0");
    }

    @Test
    void shouldKeepABoundThatTheUserSets() throws Exception {
        assertThat(bound("-Dorg.bytedeco.javacpp.maxPhysicalBytes=1g")).isEqualTo(Long.toString(1L << 30));
    }
}
