package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.history.EntityHistory;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Scores and expectations as the API has them. */
final class Answers {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int SPARK = 32;
    private static final int WHY = 3;

    private Answers() {}

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode array() {
        return NODES.arrayNode();
    }

    static ArrayNode numbers(float[] values) {
        ArrayNode array = array();
        for (float value : values) {
            array.add(value);
        }
        return array;
    }

    static ObjectNode error(ApiException e) {
        ObjectNode answer = object();
        answer.putObject("error")
                .put("what", e.getMessage())
                .put("expected", e.expected())
                .put("got", e.got())
                .put("do", e.remedy());
        return answer;
    }

    /** One of a list of entities. */
    static ObjectNode listed(String key, Optional<EntityHistory> past) {
        ObjectNode item = object().put("key", key);
        Score last = past.map(EntityHistory::last).orElse(null);
        if (last == null) {
            item.putNull("score").putNull("surprise").put("alarm", false).put("alarming", false);
            item.putNull("lastAlarm").putNull("time").putNull("step").putArray("spark");
            return item;
        }
        item.put("score", last.getScore())
                .put("surprise", last.getSurprise())
                .put("alarm", last.getAlarm())
                .put("alarming", last.getAlarming())
                .put(
                        "lastAlarm",
                        past.flatMap(EntityHistory::lastAlarm)
                                .map(alarm -> alarm.getEventTime().toString())
                                .orElse(null))
                .put("time", last.getEventTime().toString())
                .put("step", last.getStep());
        ArrayNode spark = item.putArray("spark");
        past.orElseThrow().scores(SPARK).forEach(score -> spark.add(score.getScore()));
        return item;
    }

    static ObjectNode event(Score score) {
        ObjectNode event = object().put("time", score.getEventTime().toString())
                .put("step", score.getStep())
                .put("end", score.getEnd())
                .put("surprise", score.getSurprise())
                .put("score", score.getScore())
                .put("alarm", score.getAlarm())
                .put("alarming", score.getAlarming())
                .put("partition", score.getPartition())
                .put("offset", score.getOffset());
        event.set("fields", surprises(score.getFields()));
        return event;
    }

    static ObjectNode alarm(Score score) {
        ObjectNode alarm = object().put("key", score.getEntity())
                .put("time", score.getEventTime().toString())
                .put("score", score.getScore())
                .put("surprise", score.getSurprise())
                .put("step", score.getStep());
        alarm.set("why", surprises(most(score)));
        return alarm;
    }

    /** The fields that surprised most, most first. */
    private static List<FieldSurprise> most(Score score) {
        return score.getFields().stream()
                .sorted(Comparator.comparing(FieldSurprise::getSurprise).reversed())
                .limit(WHY)
                .toList();
    }

    /** A score in passing. */
    static ObjectNode brief(Score score) {
        return object().put("key", score.getEntity())
                .put("time", score.getEventTime().toString())
                .put("step", score.getStep())
                .put("score", score.getScore())
                .put("surprise", score.getSurprise())
                .put("alarm", score.getAlarm())
                .put("alarming", score.getAlarming());
    }

    static ArrayNode surprises(List<FieldSurprise> fields) {
        ArrayNode array = array();
        for (FieldSurprise field : fields) {
            ObjectNode node = array.addObject()
                    .put("field", field.getExpected().getField())
                    .put("surprise", field.getSurprise());
            observed(node, field);
            node.set("expected", expected(field.getExpected().getDistribution()));
        }
        return array;
    }

    /** A number as a number, a yes or no as a boolean, all else as text. */
    private static void observed(ObjectNode node, FieldSurprise field) {
        String observed = field.getObserved();
        Object distribution = field.getExpected().getDistribution();
        if (observed == null) {
            node.putNull("observed");
        } else if (distribution instanceof Continuous) {
            node.put("observed", Double.parseDouble(observed));
        } else if (distribution instanceof Binary) {
            node.put("observed", Boolean.parseBoolean(observed));
        } else {
            node.put("observed", observed);
        }
    }

    static ArrayNode predictions(List<Expectation> fields) {
        ArrayNode array = array();
        for (Expectation field : fields) {
            array.addObject().put("field", field.getField()).set("expected", expected(field.getDistribution()));
        }
        return array;
    }

    static ObjectNode expected(Object distribution) {
        ObjectNode node = object();
        if (distribution instanceof Continuous continuous) {
            return node.put("kind", "continuous")
                    .put("median", continuous.getMedian())
                    .put("p05", continuous.getP05())
                    .put("p95", continuous.getP95());
        } else if (distribution instanceof Categorical categorical) {
            node.put("kind", "categorical").set("top", top(categorical.getTop()));
            return node;
        } else if (distribution instanceof Flags flags) {
            node.put("kind", "flags")
                    .put("expectedCount", flags.getExpectedCount())
                    .set("top", top(flags.getTop()));
            return node;
        }
        return node.put("kind", "binary").put("probability", ((Binary) distribution).getProbability());
    }

    private static ArrayNode top(List<Probability> top) {
        ArrayNode array = array();
        top.forEach(p -> array.addObject().put("value", p.getValue()).put("probability", p.getProbability()));
        return array;
    }
}
