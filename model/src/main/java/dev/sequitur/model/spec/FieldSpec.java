package dev.sequitur.model.spec;

import java.util.List;
import java.util.Set;

/**
 * One field of the pipeline: a column of the data, or something derived from the event's time.
 *
 * <p>The order of {@link PipelineSpec#fields()} is the order of everything that is per field: the values of an event,
 * the columns of a feature row, the surprises of a score.
 */
public sealed interface FieldSpec {
    /** Unique in the spec; the name that scores and predictions carry. */
    String name();

    Set<Role> roles();

    default boolean is(Role role) {
        return roles().contains(role);
    }

    /**
     * A real number. Value of an event: {@link Double}, or null where missing and allowed to be.
     *
     * @param components normals that its predicted distribution is a mixture of; more than one for values that cluster or
     *     jump
     */
    record Numeric(
            String name,
            String column,
            Set<Role> roles,
            Transform transform,
            Scaling scaling,
            int components,
            boolean optional)
            implements FieldSpec {
        public Numeric {
            roles = Set.copyOf(roles);
        }
    }

    /** How a number is bent before it is scaled. */
    enum Transform {
        NONE,
        /** sign(x)·log(1 + |x|/c), with c the median of |x| over the training data (1 where that is 0). */
        LOG,
        /** LOG where it makes the training data less skewed, else NONE. */
        AUTO
    }

    /** How a number is brought to a common size, with statistics of the training data. */
    enum Scaling {
        NONE,
        /** (x − mean) / standard deviation. */
        STANDARD,
        /** (x − min) / (max − min). */
        MIN_MAX
    }

    /**
     * One of a set of values, learned from the training data. Value of an event: {@link String}, or null where missing
     * and allowed to be. Two slots are always there: unknown (0) and missing (1).
     *
     * @param maxSize at most this many values are learned, the most frequent ones; the rest are unknown
     * @param minCount a value seen fewer times in the training data is unknown
     * @param embedding floats that a value is embedded in; 0 chooses by the vocabulary's size
     */
    record Categorical(
            String name, String column, Set<Role> roles, int maxSize, int minCount, int embedding, boolean optional)
            implements FieldSpec {
        public Categorical {
            roles = Set.copyOf(roles);
        }
    }

    /**
     * Many binary values. Value of an event: {@code boolean[flags.size()]}. Either each flag is a column of its own
     * ({@code column} empty), or one column lists the flags that are set, separated.
     */
    record Flags(String name, String column, String separator, Set<Role> roles, List<String> flags)
            implements FieldSpec {
        public Flags {
            roles = Set.copyOf(roles);
            flags = List.copyOf(flags);
        }

        /** Whether one column lists what is set. */
        public boolean listed() {
            return !column.isEmpty();
        }
    }

    /**
     * Time since the entity's previous event of the session. As a target: the time to the next event, a mixture of
     * {@code components} log-normals.
     */
    record SincePrevious(String name, Set<Role> roles, int components) implements FieldSpec {
        public SincePrevious {
            roles = Set.copyOf(roles);
        }
    }

    /** Time since the session's first event. Input only. */
    record SinceStart(String name, Set<Role> roles) implements FieldSpec {
        public SinceStart {
            roles = Set.copyOf(roles);
        }
    }

    /** Position of the event in its session. Input only. */
    record Position(String name, Set<Role> roles) implements FieldSpec {
        public Position {
            roles = Set.copyOf(roles);
        }
    }

    /** Parts of the event's local time, each as a point on the circle (sine, cosine). Input or given. */
    record Calendar(String name, Set<Role> roles, List<CalendarPart> parts, String zone) implements FieldSpec {
        public Calendar {
            roles = Set.copyOf(roles);
            parts = List.copyOf(parts);
        }
    }

    /** A cycle of the calendar. */
    enum CalendarPart {
        HOUR_OF_DAY,
        DAY_OF_WEEK,
        DAY_OF_MONTH,
        DAY_OF_YEAR
    }
}
