package dev.sequitur.model.spec;

import dev.sequitur.model.spec.FieldSpec.CalendarPart;
import dev.sequitur.model.spec.FieldSpec.Scaling;
import dev.sequitur.model.spec.FieldSpec.Transform;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The {@code fields} section: a mapping of names to options, in the order that everything per field has. */
final class FieldsSection {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final Set<Role> ANY = EnumSet.allOf(Role.class);
    private static final List<Role> OBSERVED = List.of(Role.INPUT, Role.TARGET);
    private static final List<Role> DERIVED = List.of(Role.INPUT);
    private static final int MAX_FLAGS = 100_000;

    /** Reads the options of one kind of field. */
    private interface Kind {
        FieldSpec read(String name, YamlMapping options, String zone);
    }

    private static final Map<String, Kind> KINDS = kinds();

    private FieldsSection() {}

    private static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put("numeric", FieldsSection::numeric);
        kinds.put("categorical", FieldsSection::categorical);
        kinds.put("flags", FieldsSection::flags);
        kinds.put("since-previous", FieldsSection::sincePrevious);
        kinds.put(
                "since-start",
                (name, options, zone) ->
                        new FieldSpec.SinceStart(name, roles(options, DERIVED, EnumSet.of(Role.INPUT))));
        kinds.put(
                "position",
                (name, options, zone) -> new FieldSpec.Position(name, roles(options, DERIVED, EnumSet.of(Role.INPUT))));
        kinds.put("calendar", FieldsSection::calendar);
        return kinds;
    }

    static List<FieldSpec> read(YamlValue value, String zone) {
        YamlMapping section = value.mapping();
        List<FieldSpec> fields = new ArrayList<>();
        boolean complete = true;
        for (String name : section.keys()) {
            YamlValue options = section.value(name);
            checkName(name, options);
            FieldSpec field = field(name, options, zone);
            if (field == null) {
                complete = false;
            } else {
                fields.add(field);
            }
        }
        // A field that couldn't be read may be the one that isn't missing.
        if (value.isMapping() && complete) {
            if (fields.stream().noneMatch(field -> field.is(Role.TARGET))) {
                section.problem("no field is a target, so there is nothing to predict."
                        + " Give at least one field role: [input, target].");
            }
            if (fields.stream().noneMatch(field -> field.is(Role.INPUT))) {
                section.problem("no field is an input, so the network would see nothing of the past."
                        + " Give at least one field role: [input, target].");
            }
        }
        return fields;
    }

    private static void checkName(String name, YamlValue options) {
        if (name.equals(PipelineSpec.END)) {
            options.problem(
                    "'END' names the end of a sequence. Rename the field, and give its column with column: END.");
        } else if (!NAME.matcher(name).matches()) {
            options.problem("expected a name of letters, digits, '_', '.' and '-', got '" + name
                    + "'. Rename the field, and give its column with column: '" + name + "'.");
        }
    }

    /** Null where the kind isn't known. */
    private static FieldSpec field(String name, YamlValue value, String zone) {
        if (!value.isMapping()) {
            value.problem("expected a mapping such as {kind: numeric}, got " + value.describe() + ".");
            return null;
        }
        YamlMapping options = value.mapping();
        Kind kind = options.required("kind", "Give it one of " + String.join(", ", KINDS.keySet()) + ".")
                .parse(null, "a kind", text -> YamlValue.word(KINDS, text));
        if (kind == null) {
            return null;
        }
        FieldSpec field = kind.read(name, options, zone);
        options.rejectUnknownKeys();
        return field;
    }

    private static FieldSpec numeric(String name, YamlMapping options, String zone) {
        return new FieldSpec.Numeric(
                name,
                options.value("column").text(name),
                roles(options, OBSERVED, ANY),
                options.value("transform").oneOf(Transform.class, Transform.NONE),
                options.value("scaling").oneOf(Scaling.class, Scaling.STANDARD),
                options.value("components").integer(1, 1, 64),
                options.value("optional").truth(false));
    }

    private static FieldSpec categorical(String name, YamlMapping options, String zone) {
        return new FieldSpec.Categorical(
                name,
                options.value("column").text(name),
                roles(options, OBSERVED, ANY),
                options.value("max-size").integer(10_000, 1, 1_000_000),
                options.value("min-count").integer(1, 1, Integer.MAX_VALUE),
                options.value("embedding").integer(0, 0, 4096),
                options.value("optional").truth(false));
    }

    private static FieldSpec flags(String name, YamlMapping options, String zone) {
        String column = options.value("column").text("");
        YamlValue separatorValue = options.value("separator");
        String separator = separatorValue.text(" ");
        Set<Role> roles = roles(options, OBSERVED, ANY);
        List<String> flags = flagNames(options);
        if (column.isEmpty() && separatorValue.present()) {
            separatorValue.problem("a separator needs the key column, the column that lists the flags that are set."
                    + " Without it each flag is a column of its own; remove the separator, or name the column.");
        }
        if (!column.isEmpty()) {
            flags.stream()
                    .filter(flag -> flag.contains(separator))
                    .findFirst()
                    .ifPresent(flag -> options.problem("the flag '" + flag + "' contains the separator '" + separator
                            + "'. Choose another separator."));
        }
        return new FieldSpec.Flags(name, column, separator, roles, flags);
    }

    private static List<String> flagNames(YamlMapping options) {
        List<String> named = options.value("flags").texts(List.of());
        int size = options.value("size").integer(0, 1, MAX_FLAGS);
        if (options.has("flags") == options.has("size")) {
            options.problem("expected either flags, a list of their names, or size, which names them 0, 1, …; got "
                    + (options.has("flags") ? "both. Remove one." : "neither. Add one."));
        }
        return options.has("size")
                ? IntStream.range(0, size).mapToObj(Integer::toString).toList()
                : named;
    }

    private static FieldSpec sincePrevious(String name, YamlMapping options, String zone) {
        return new FieldSpec.SincePrevious(
                name,
                roles(options, DERIVED, EnumSet.of(Role.INPUT, Role.TARGET)),
                options.value("components").integer(1, 1, 64));
    }

    private static FieldSpec calendar(String name, YamlMapping options, String zone) {
        return new FieldSpec.Calendar(
                name,
                roles(options, DERIVED, EnumSet.of(Role.INPUT, Role.GIVEN)),
                options.required("parts", "List at least one of hour-of-day, day-of-week, day-of-month, day-of-year.")
                        .someOf(CalendarPart.class, List.of()),
                TimeSection.zone(options.value("zone"), zone));
    }

    private static Set<Role> roles(YamlMapping options, List<Role> fallback, Set<Role> allowed) {
        YamlValue value = options.value("role");
        List<Role> roles = value.someOf(Role.class, fallback);
        for (Role role : roles) {
            if (!allowed.contains(role)) {
                value.problem("a field of this kind can't be " + YamlValue.word(role) + ", expected "
                        + allowed.stream().map(YamlValue::word).collect(Collectors.joining(" or ")) + ".");
            }
        }
        if (roles.contains(Role.GIVEN) && roles.contains(Role.TARGET)) {
            value.problem("a field can't be given and target: the answer would inform its own prediction."
                    + " Remove one of the two.");
        }
        return roles.isEmpty() ? Set.of() : EnumSet.copyOf(roles);
    }
}
