package dev.sequitur.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @Test
    void shouldReadAHostAndAPort() {
        assertThat(ListenAddress.parse("0.0.0.0:8080")).isEqualTo(new ListenAddress("0.0.0.0", 8080));
        assertThat(ListenAddress.parse(" localhost:0 ")).isEqualTo(new ListenAddress("localhost", 0));
        assertThat(ListenAddress.parse("[::1]:65535")).isEqualTo(new ListenAddress("::1", 65535));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8080", "[fe80::1]:1"})
    void shouldBeWrittenAsItIsRead(String text) {
        assertThat(ListenAddress.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080", ":8080", "localhost", "localhost:", "::1:8080", "h:99999", "h:-1", "http://h:80"})
    void shouldSayWhatAnAddressLooksLike(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected")
                .hasMessageContaining("got '");
    }
}
