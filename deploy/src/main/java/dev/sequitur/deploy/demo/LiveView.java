package dev.sequitur.deploy.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shows scores as they come: every alarm that isn't the continuation of one, and a scored event now and then; counts
 * them all.
 *
 * <p>Threading: belongs to one thread.
 */
final class LiveView {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** An alarm this soon after the entity's last one, in event time, is the same trouble. */
    private static final Duration SAME_TROUBLE = Duration.ofMinutes(10);

    private static final long SAMPLE_NANOS = 500_000_000L;
    private static final int FIELDS_SHOWN = 2;

    private final Output out;
    private final boolean json;
    private final FaultLedger ledger;
    private final Map<String, Instant> lastAlarm = new HashMap<>();
    private final Map<Integer, Long> firstOffsets;
    private final Map<Integer, BitSet> seen = new HashMap<>();
    private final Set<String> entities = new HashSet<>();
    private long scored;
    private long duplicated;
    private long alarms;
    private long sampleNanos = System.nanoTime();

    /** @param firstOffsets of the events that count, by partition */
    LiveView(Output out, boolean json, FaultLedger ledger, Map<Integer, Long> firstOffsets) {
        this.out = out;
        this.json = json;
        this.ledger = ledger;
        this.firstOffsets = Map.copyOf(firstOffsets);
    }

    void show(Score score) {
        long first = firstOffsets.getOrDefault(score.getPartition(), 0L);
        if (score.getOffset() < first) {
            return;
        }
        BitSet offsets = seen.computeIfAbsent(score.getPartition(), p -> new BitSet());
        int offset = Math.toIntExact(score.getOffset() - first);
        if (offsets.get(offset)) {
            duplicated++;
        }
        offsets.set(offset);
        scored++;
        entities.add(score.getEntity());
        if (json) {
            out.line(RecordJson.line(score));
        }
        if (score.getAlarm()) {
            alarm(score);
        } else if (!json && System.nanoTime() - sampleNanos >= SAMPLE_NANOS) {
            sampleNanos = System.nanoTime();
            out.line(out.paint(
                    Style.DIM,
                    String.format(
                            Locale.ROOT,
                            "%s scored %s  %s  surprise %.1f nats, score %.4f",
                            CLOCK.format(score.getEventTime()),
                            score.getEntity(),
                            score.getFields().stream()
                                    .map(f -> f.getExpected().getField() + " " + number(f.getObserved()))
                                    .collect(Collectors.joining(", ")),
                            score.getSurprise(),
                            score.getScore())));
        }
    }

    private void alarm(Score score) {
        alarms++;
        long timeMs = score.getEventTime().toEpochMilli();
        ledger.alarm(score.getEntity(), timeMs);
        Instant last = lastAlarm.put(score.getEntity(), score.getEventTime());
        if (json || (last != null && score.getEventTime().isBefore(last.plus(SAME_TROUBLE)))) {
            return;
        }
        String why = score.getFields().stream()
                .sorted(Comparator.comparing(FieldSurprise::getSurprise).reversed())
                .limit(FIELDS_SHOWN)
                .map(LiveView::describe)
                .collect(Collectors.joining("; "));
        String truth = ledger.explanation(score.getEntity(), timeMs)
                .map(fault -> out.paint(Style.GREEN, "  [" + fault.kind().label() + " was injected]"))
                .orElse(out.paint(Style.YELLOW, "  [nothing was injected]"));
        out.line(String.format(
                Locale.ROOT,
                "%s %s %s  surprise %.1f nats: %s%s",
                CLOCK.format(score.getEventTime()),
                out.paint(Style.RED, "ALARM "),
                out.paint(Style.BOLD, score.getEntity()),
                score.getSurprise(),
                why,
                truth));
    }

    private static String describe(FieldSurprise field) {
        Expectation expected = field.getExpected();
        String text = expected.getField() + " " + number(field.getObserved());
        if (expected.getDistribution() instanceof Continuous continuous) {
            return text
                    + String.format(
                            Locale.ROOT,
                            " (expected %.3g, %.3g to %.3g)",
                            continuous.getMedian(),
                            continuous.getP05(),
                            continuous.getP95());
        } else if (expected.getDistribution() instanceof Categorical categorical) {
            Probability top = categorical.getTop().get(0);
            return text
                    + String.format(Locale.ROOT, " (expected %s, %.0f %%)", top.getValue(), 100 * top.getProbability());
        }
        return text;
    }

    private static String number(String observed) {
        if (observed == null) {
            return "missing";
        }
        try {
            return String.format(Locale.ROOT, "%.3g", Double.parseDouble(observed));
        } catch (NumberFormatException e) {
            return observed;
        }
    }

    /** Scores that came, without repetitions. */
    long distinct() {
        return scored - duplicated;
    }

    /** @param sent events that the topic has */
    boolean exactlyOnce(long sent) {
        return distinct() == sent && duplicated == 0;
    }

    /**
     * The closing lines.
     *
     * @param sent events that the topic has
     */
    void close(long sent) {
        FaultLedger.Tally tally = ledger.tally();
        long lost = sent - distinct();
        if (json) {
            ObjectNode node = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
            node.put("scored", distinct())
                    .put("entities", entities.size())
                    .put("alarms", alarms)
                    .put("falseAlarms", tally.falseAlarms())
                    .put("caught", tally.caught().size())
                    .put("injected", tally.injected())
                    .put("lost", lost)
                    .put("duplicated", duplicated);
            out.line(RecordJson.line(node));
            return;
        }
        faults("caught", Style.GREEN, tally.caught());
        faults("missed", Style.YELLOW, tally.missed());
        out.line(String.format(
                Locale.ROOT,
                "%d alarms without an injected fault, %.4f of all events",
                tally.falseAlarms(),
                distinct() == 0 ? 0 : (double) tally.falseAlarms() / distinct()));
        out.line(String.format(
                Locale.ROOT,
                "scored %d events of %d entities, %d alarms, %d of %d injected faults caught, %d lost, %d duplicated",
                distinct(),
                entities.size(),
                alarms,
                tally.caught().size(),
                tally.injected(),
                lost,
                duplicated));
    }

    private void faults(String word, Style style, List<InjectedFault> faults) {
        for (InjectedFault fault : faults) {
            out.line(out.paint(style, word) + " " + fault.kind().label() + " of " + fault.entity() + " at "
                    + CLOCK.format(Instant.ofEpochMilli(fault.startMs())));
        }
    }
}
