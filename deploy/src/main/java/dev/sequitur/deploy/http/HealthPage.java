package dev.sequitur.deploy.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;

/**
 * A probe of Kubernetes, a load balancer or a person: 200 where it is ok, else 503; as JSON, {@code
 * {"ready":false,"reasons":["stopping"]}}.
 *
 * <p>Threading: asks its supplier on threads of the server.
 */
public final class HealthPage extends Page {
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Supplier<Health> health;

    /** @param name of what is asked, in the JSON: live, ready */
    public HealthPage(String name, Supplier<Health> health) {
        this.name = name;
        this.health = health;
    }

    @Override
    protected Reply reply(Request request) throws JsonProcessingException {
        Health now = health.get();
        ObjectNode json = JSON.createObjectNode().put(name, now.ok());
        now.reasons().forEach(json.putArray("reasons")::add);
        return new Reply(
                now.ok() ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503,
                "application/json",
                JSON.writeValueAsBytes(json));
    }
}
