package dev.sequitur.model.feature;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An event as a row of floats: one code for training, evaluation and serving.
 *
 * <p>Threading: immutable, safe for use by many threads.
 */
public final class FeatureEncoder {
    /** A scaled value beyond this many standard deviations is cut, so that float32 squares stay finite. */
    static final double LIMIT = 1e4;

    private final PipelineSpec spec;
    private final FeatureLayout layout;
    private final List<FieldEncoder> encoders;

    @FunctionalInterface
    private interface FieldEncoder {
        void encode(Object value, long timeMs, EntityClock clock, float[] rows, int at);
    }

    /**
     * @param learned what {@link FeatureLearner} learned, by field name
     * @throws IllegalArgumentException when a field that learns has no entry of its kind
     */
    public FeatureEncoder(PipelineSpec spec, Map<String, LearnedField> learned) {
        this.spec = spec;
        this.layout = new FeatureLayout(spec);
        this.encoders = spec.fields().stream()
                .map(f -> encoder(f, learned.get(f.name())))
                .toList();
    }

    public FeatureLayout layout() {
        return layout;
    }

    /** I. */
    public int width() {
        return layout.width();
    }

    /**
     * Writes the row of an event to {@code rows[at .. at + I)}.
     *
     * @param clock as the event finds it, see {@link EntityClock#at}
     */
    public void encode(Event event, EntityClock clock, float[] rows, int at) {
        Arrays.fill(rows, at, at + layout.width(), 0f);
        rows[at + layout.start().offset()] = clock.steps() == 0 ? 1f : 0f;
        for (int i = 0; i < encoders.size(); i++) {
            int offset = layout.of(spec.fields().get(i)).offset();
            encoders.get(i).encode(event.values()[i], event.timeMs(), clock, rows, at + offset);
        }
    }

    /** Writes the row that stands for the end of an entity's sequence. */
    public void encodeEnd(float[] rows, int at) {
        Slice end = layout.end()
                .orElseThrow(() -> new IllegalStateException("spec '" + spec.name()
                        + "' knows no end of a sequence; set `end: last` where a sequence can end"));
        Arrays.fill(rows, at, at + layout.width(), 0f);
        rows[at + end.offset()] = 1f;
    }

    private static FieldEncoder encoder(FieldSpec field, LearnedField learned) {
        if (field instanceof FieldSpec.Categorical) {
            Map<String, Integer> slots = slots(require(field, learned, LearnedField.Vocabulary.class));
            return (value, time, clock, rows, at) -> rows[at] = value == null
                    ? LearnedField.Vocabulary.MISSING
                    : slots.getOrDefault(value, LearnedField.Vocabulary.UNKNOWN);
        } else if (field instanceof FieldSpec.Flags) {
            return (value, time, clock, rows, at) -> {
                boolean[] flags = (boolean[]) value;
                for (int i = 0; i < flags.length; i++) {
                    rows[at + i] = flags[i] ? 1f : 0f;
                }
            };
        } else if (field instanceof FieldSpec.Calendar calendar) {
            return calendarEncoder(calendar);
        }
        LearnedField.Scale scale = require(field, learned, LearnedField.Scale.class);
        if (field instanceof FieldSpec.Numeric) {
            return (value, time, clock, rows, at) -> {
                if (value != null) {
                    rows[at] = cut(scale.forward((Double) value));
                    rows[at + 1] = 1f;
                }
            };
        } else if (field instanceof FieldSpec.SincePrevious) {
            return (value, time, clock, rows, at) -> {
                if (clock.steps() > 0) {
                    rows[at] = cut(scale.forward(Math.max(0, time - clock.lastEventMs())));
                    rows[at + 1] = 1f;
                }
            };
        } else if (field instanceof FieldSpec.SinceStart) {
            return (value, time, clock, rows, at) ->
                    rows[at] = cut(scale.forward(clock.steps() == 0 ? 0 : Math.max(0, time - clock.sessionStartMs())));
        }
        return (value, time, clock, rows, at) -> rows[at] = cut(scale.forward(clock.steps()));
    }

    private static FieldEncoder calendarEncoder(FieldSpec.Calendar calendar) {
        ZoneId zone = ZoneId.of(calendar.zone());
        return (value, time, clock, rows, at) -> {
            ZonedDateTime local = Instant.ofEpochMilli(time).atZone(zone);
            double dayShare = local.toLocalTime().toSecondOfDay() / 86_400.0;
            int i = at;
            for (FieldSpec.CalendarPart part : calendar.parts()) {
                double turn =
                        switch (part) {
                            case HOUR_OF_DAY -> dayShare;
                            case DAY_OF_WEEK -> (local.getDayOfWeek().getValue() - 1 + dayShare) / 7;
                            case DAY_OF_MONTH ->
                                (local.getDayOfMonth() - 1 + dayShare)
                                        / local.toLocalDate().lengthOfMonth();
                            case DAY_OF_YEAR ->
                                (local.getDayOfYear() - 1 + dayShare)
                                        / local.toLocalDate().lengthOfYear();
                        };
                rows[i++] = (float) Math.sin(2 * Math.PI * turn);
                rows[i++] = (float) Math.cos(2 * Math.PI * turn);
            }
        };
    }

    private static float cut(double scaled) {
        return (float) Math.max(-LIMIT, Math.min(LIMIT, scaled));
    }

    private static Map<String, Integer> slots(LearnedField.Vocabulary vocabulary) {
        Map<String, Integer> slots = new HashMap<>();
        for (String value : vocabulary.values()) {
            slots.put(value, LearnedField.Vocabulary.RESERVED + slots.size());
        }
        return slots;
    }

    private static <T extends LearnedField> T require(FieldSpec field, LearnedField learned, Class<T> kind) {
        if (!kind.isInstance(learned)) {
            throw new IllegalArgumentException("field '" + field.name() + "' needs a learned "
                    + kind.getSimpleName().toLowerCase(java.util.Locale.ROOT) + ", got " + learned
                    + "; train the spec that the bundle was made for");
        }
        return kind.cast(learned);
    }
}
