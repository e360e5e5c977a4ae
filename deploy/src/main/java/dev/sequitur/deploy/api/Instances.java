package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.api.Paging.Order;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Questions that any instance answers, wherever the entities are.
 *
 * <p>Threading: belongs to one thread.
 */
final class Instances {
    private final Served served;
    private final Peers peers;
    private final EntityAnswers here;
    private final boolean staleReads;

    Instances(Served served, boolean staleReads) {
        this.served = served;
        this.peers = served.peers();
        this.here = new EntityAnswers(served, Peers.name(peers.own()));
        this.staleReads = staleReads;
    }

    /** {@code GET /entities/{key}}. */
    Peers.Reply entity(Call call, String key) {
        if (staleReads && call.forwarded().filter(Peers.STANDBY::equals).isPresent()) {
            return copy(key);
        }
        try {
            // The state is read once: knowing whether it is here is having it.
            return here.entity(key, OptionalLong.empty())
                    .map(Instances::ok)
                    .or(() -> elsewhere(call, key))
                    .orElseThrow(() -> EntityAnswers.unknown(key));
        } catch (InvalidStateStoreException e) {
            if (staleReads) {
                return copy(key);
            }
            throw e;
        } catch (ApiException e) {
            if (staleReads
                    && e.status() == HttpStatus.SERVICE_UNAVAILABLE_503
                    && call.forwarded().isEmpty()) {
                return copy(key, e);
            }
            throw e;
        }
    }

    private Peers.Reply copy(String key) {
        return copy(key, EntityAnswers.unknown(key));
    }

    private Peers.Reply copy(String key, ApiException otherwise) {
        OptionalLong behind = peers.behind(served.streams(), key);
        if (behind.isEmpty() || served.standby().state(key).isEmpty()) {
            throw otherwise;
        }
        return here.entity(key, behind).map(Instances::ok).orElseThrow(() -> otherwise);
    }

    /** {@code POST /entities/{key}/what-if}. */
    Peers.Reply whatIf(Call call, String key, JsonNode body) {
        // One that nobody knows would start a sequence.
        return whereItIs(call, key, () -> here.whatIf(key, body), () -> here.whatIf(key, body));
    }

    /** {@code GET /entities/{key}/cell}. */
    Peers.Reply cell(Call call, String key) {
        return whereItIs(call, key, () -> here.cell(call, key), () -> {
            throw EntityAnswers.unknown(key);
        });
    }

    /** {@code POST /entities/{key}/rollout}. */
    Peers.Reply rollout(Call call, String key, JsonNode body) {
        return whereItIs(call, key, () -> here.rollout(key, body), () -> {
            throw EntityAnswers.unknown(key);
        });
    }

    private Peers.Reply whereItIs(Call call, String key, Supplier<ObjectNode> local, Supplier<ObjectNode> nowhere) {
        if (here.knows(key)) {
            return ok(local.get());
        }
        if (call.forwarded().isPresent()) {
            throw EntityAnswers.unknown(key);
        }
        return elsewhere(call, key).orElseGet(() -> ok(nowhere.get()));
    }

    /** Nothing where another instance asks. */
    private Optional<Peers.Reply> elsewhere(Call call, String key) {
        return call.forwarded().isPresent() ? Optional.empty() : peers.elsewhere(served.streams(), call, key);
    }

    private static Peers.Reply ok(ObjectNode json) {
        return new Peers.Reply(HttpStatus.OK_200, json);
    }

    /** {@code GET /entities}. */
    ObjectNode list(Call call) {
        ObjectNode own = here.list(call);
        if (call.forwarded().isPresent()) {
            return own;
        }
        Peers.Replies others = peers.all(served.streams(), call);
        Order order = Order.of(call.query().getOrDefault("order", "score"));
        Map<String, JsonNode> entities = new LinkedHashMap<>();
        boolean more = collect(own, entities);
        String since = own.path("since").textValue();
        for (ObjectNode other : others.answers()) {
            more |= collect(other, entities);
            String theirs = other.path("since").textValue();
            since = since == null || theirs != null && Instant.parse(theirs).isAfter(Instant.parse(since))
                    ? theirs
                    : since;
        }
        List<JsonNode> sorted =
                entities.values().stream().sorted(order.comparator()).toList();
        int limit = EntityAnswers.limit(call);
        ObjectNode answer = Answers.object();
        ArrayNode page = answer.putArray("entities");
        sorted.stream().limit(limit).forEach(page::add);
        boolean end = sorted.isEmpty() || !more && sorted.size() <= limit;
        answer.put("next", end ? null : Paging.token(order, page.get(page.size() - 1)));
        answer.put("since", since);
        return silent(answer, others);
    }

    /** One that has moved is on two instances for a moment: the later counts. */
    private static boolean collect(ObjectNode answer, Map<String, JsonNode> entities) {
        answer.path("entities")
                .forEach(entity -> entities.merge(entity.path("key").asText(), entity, (a, b) -> later(a, b) ? a : b));
        return answer.hasNonNull("next");
    }

    private static boolean later(JsonNode a, JsonNode b) {
        return Order.RECENT.rank(a) >= Order.RECENT.rank(b);
    }

    /** {@code GET /alarms}. */
    ObjectNode alarms(Call call) {
        ObjectNode own = here.alarms(call);
        if (call.forwarded().isPresent()) {
            return own;
        }
        Peers.Replies others = peers.all(served.streams(), call);
        List<JsonNode> alarms = new ArrayList<>();
        own.path("alarms").forEach(alarms::add);
        others.answers().forEach(other -> other.path("alarms").forEach(alarms::add));
        ObjectNode answer = Answers.object();
        ArrayNode newest = answer.putArray("alarms");
        alarms.stream()
                .sorted(Comparator.<JsonNode, Instant>comparing(
                                alarm -> Instant.parse(alarm.path("time").asText()))
                        .reversed())
                .limit(EntityAnswers.limit(call))
                .forEach(newest::add);
        return silent(answer, others);
    }

    /** A list without some of the instances says so. */
    private static ObjectNode silent(ObjectNode answer, Peers.Replies others) {
        ArrayNode silent = answer.putArray("unreachable");
        others.silent().forEach(silent::add);
        return answer;
    }
}
