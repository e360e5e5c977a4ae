package dev.sequitur.deploy.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.http.Page;
import dev.sequitur.deploy.report.RecordJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;

/**
 * The faults that the simulation injected so far, and when an alarm caught each: {@code {"grace": ms, "faults": [{"entity",
 * "kind", "from", "to", "caught"}]}}, times in event time.
 *
 * <p>Threading: safe for use by many threads.
 */
final class FaultsPage extends Page {
    static final String PATH = "/api/v1/demo/faults";

    private final FaultLedger ledger;

    FaultsPage(FaultLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    protected Reply reply(Request request) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("grace", ledger.graceMs());
        ArrayNode faults = answer.putArray("faults");
        for (FaultLedger.Judged judged : ledger.judged()) {
            InjectedFault fault = judged.fault();
            faults.addObject()
                    .put("entity", fault.entity())
                    .put("kind", fault.kind().label())
                    .put("from", Instant.ofEpochMilli(fault.startMs()).toString())
                    .put("to", Instant.ofEpochMilli(fault.endMs()).toString())
                    .put(
                            "caught",
                            judged.caughtMs().isEmpty()
                                    ? null
                                    : Instant.ofEpochMilli(judged.caughtMs().getAsLong())
                                            .toString());
        }
        return new Reply(
                HttpStatus.OK_200, "application/json", RecordJson.line(answer).getBytes(StandardCharsets.UTF_8));
    }
}
