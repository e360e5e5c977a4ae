package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "gpu:0", "gpu:15"})
    void shouldReadWhatItWrites(String text) {
        assertThat(Device.parse(text)).hasToString(text);
    }

    @Test
    void shouldTakeCapitals() {
        assertThat(Device.parse("GPU:1")).isEqualTo(Device.gpu(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "gpu:", "gpu:-1", "gpu:01", "gpu:1,2", "tpu:0", "cpu:0", "auto "})
    void shouldRefuseWhatIsNoDevice(String text) {
        assertThatThrownBy(() -> Device.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected auto, cpu or gpu:N")
                .hasMessageContaining("'" + text + "'");
    }
}
