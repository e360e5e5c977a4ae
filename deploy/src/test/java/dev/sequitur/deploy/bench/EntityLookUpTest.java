package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EntityLookUpTest {
    private final Set<Integer> callers = ConcurrentHashMap.newKeySet();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        answer("a", 200, "{\"key\":\"a\",\"steps\":3,\"event\":\"" + "x".repeat(200_000) + "\"}", false);
        answer("b", 200, "{\"key\":\"b\",\"steps\":3}", false);
        answer("other", 200, "{\"key\":\"b\",\"steps\":3}", false);
        answer("gone", 404, "{\"key\":\"gone\",\"steps\":3}", false);
        answer("chunked", 200, "{\"key\":\"chunked\",\"steps\":3}", true);
        server.start();
    }

    private void answer(String key, int status, String body, boolean chunked) {
        server.createContext("/api/v1/entities/" + key, exchange -> {
            callers.add(exchange.getRemoteAddress().getPort());
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, chunked ? 0 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void shouldTakeOnlyTheEntityThatWasAskedForForAnAnswer() throws IOException {
        Set<String> answered = new HashSet<>();
        try (EntityLookUp lookUp = new EntityLookUp(server.getAddress().getPort())) {
            for (String key : new String[] {"a", "other", "b", "gone", "none"}) {
                if (lookUp.answers(key)) {
                    answered.add(key);
                }
            }
        }
        assertThat(answered).containsExactlyInAnyOrder("a", "b");
        assertThat(callers).as("one connection that stays open").hasSize(1);
    }

    @Test
    void shouldRefuseAnAnswerWhoseEndItCantTell() throws IOException {
        try (EntityLookUp lookUp = new EntityLookUp(server.getAddress().getPort())) {
            assertThatThrownBy(() -> lookUp.answers("chunked")).hasMessageContaining("without Content-Length");
        }
    }
}
