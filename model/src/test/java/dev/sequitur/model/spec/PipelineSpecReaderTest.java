package dev.sequitur.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.spec.FieldSpec.CalendarPart;
import dev.sequitur.model.spec.FieldSpec.Scaling;
import dev.sequitur.model.spec.FieldSpec.Transform;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpec.ClassWeightSpec;
import dev.sequitur.model.spec.PipelineSpec.DataSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import dev.sequitur.model.spec.PipelineSpec.ScheduleSpec;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.PipelineSpec.TaskSpec;
import dev.sequitur.model.spec.PipelineSpec.TimeSpec;
import dev.sequitur.model.spec.PipelineSpec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineSpecReaderTest {
    private static final AlarmSpec.HysteresisSpec NO_HYSTERESIS =
            new AlarmSpec.HysteresisSpec(Optional.empty(), Duration.ZERO);

    private static final Set<Role> INPUT = Set.of(Role.INPUT);
    private static final Set<Role> INPUT_TARGET = Set.of(Role.INPUT, Role.TARGET);

    @Test
    void shouldReadEveryOption() {
        PipelineSpec spec = PipelineSpecReader.parse(
                """
                name: fleet-2
                entity: [site, pump]
                time: {field: ts, format: iso-8601, zone: Europe/Berlin, earliest: 2020-01-01T00:00:00Z, max-ahead: PT2H}
                session: {gap: 30m}
                end: last
                fields:
                  mode: {kind: categorical, column: Mode Code, role: [input, given], embedding: 8, max-size: 50, min-count: 2, optional: true}
                  state: {kind: categorical}
                  cause: {kind: categorical}
                  load: {kind: numeric, transform: auto, scaling: min-max, role: target}
                  keys: {kind: flags, column: notes, separator: ";", flags: [a, b]}
                  lamps: {kind: flags, size: 3, role: input}
                  gap: {kind: since-previous, role: [input, target], components: 3}
                  age: {kind: since-start}
                  place: {kind: position}
                  clock: {kind: calendar, parts: [hour-of-day, day-of-year]}
                task: {predict: [load, END], top: 3, min-prefix: 2, alarm: {on: gap, rate: 1/100, warm-up: 7}}
                cell: {kind: gru, units: [32, 16]}
                training: {epochs: 3, lanes: 4, window: 5, learning-rate: 1e-3, clip-norm: 2, weight-decay: 0.01, dropout: 0.5, given-dropout: 0, averaging: 0.9,
                  patience: 6, seed: -7, threads: 1, weights: {gap: 0.5, END: 2},
                  class-weights: {state: balanced, cause: {leak: 5, none: 1/2}}, sampled: 20,
                  schedule: {kind: step, warm-up: 0.5, floor: 0.1, every: 4, factor: 1/4}, split: {by: time, test: 1/4, validation: 0.2}}
                data: {max-malformed: 0}
                """,
                "fleet.yaml");

        assertThat(spec)
                .isEqualTo(new PipelineSpec(
                        "fleet-2",
                        List.of("site", "pump"),
                        new TimeSpec(
                                "ts",
                                "iso-8601",
                                "Europe/Berlin",
                                Instant.parse("2020-01-01T00:00:00Z"),
                                Duration.ofHours(2)),
                        Optional.of(Duration.ofMinutes(30)),
                        new EndSpec.Last(),
                        List.of(
                                new FieldSpec.Categorical(
                                        "mode", "Mode Code", Set.of(Role.INPUT, Role.GIVEN), 50, 2, 8, true),
                                new FieldSpec.Categorical("state", "state", INPUT_TARGET, 10_000, 1, 0, false),
                                new FieldSpec.Categorical("cause", "cause", INPUT_TARGET, 10_000, 1, 0, false),
                                new FieldSpec.Numeric(
                                        "load", "load", Set.of(Role.TARGET), Transform.AUTO, Scaling.MIN_MAX, 1, false),
                                new FieldSpec.Flags("keys", "notes", ";", INPUT_TARGET, List.of("a", "b")),
                                new FieldSpec.Flags("lamps", "", " ", INPUT, List.of("0", "1", "2")),
                                new FieldSpec.SincePrevious("gap", INPUT_TARGET, 3),
                                new FieldSpec.SinceStart("age", INPUT),
                                new FieldSpec.Position("place", INPUT),
                                new FieldSpec.Calendar(
                                        "clock",
                                        INPUT,
                                        List.of(CalendarPart.HOUR_OF_DAY, CalendarPart.DAY_OF_YEAR),
                                        "Europe/Berlin")),
                        new TaskSpec(
                                List.of("load", "END"),
                                3,
                                2,
                                new AlarmSpec(
                                        List.of("gap"), 7, new AlarmSpec.Tail(0.01), Optional.empty(), NO_HYSTERESIS)),
                        new CellSpec("gru", List.of(32, 16)),
                        new TrainingSpec(
                                3,
                                4,
                                5,
                                0.001,
                                new ScheduleSpec.Step(0.5, 0.1, 4, 0.25),
                                2,
                                0.01,
                                0.5,
                                0,
                                0.9,
                                6,
                                -7,
                                1,
                                Map.of("gap", 0.5, "END", 2.0),
                                Map.of(
                                        "state",
                                        new ClassWeightSpec.Balanced(),
                                        "cause",
                                        new ClassWeightSpec.Named(Map.of("leak", 5.0, "none", 0.5))),
                                20,
                                new SplitSpec(SplitSpec.By.TIME, 0.25, 0.2)),
                        new DataSpec(0)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            textBlock =
                    """
                    {kind: constant}                                 => Constant[warmUp=0.0]
                    {kind: constant, warm-up: 2}                     => Constant[warmUp=2.0]
                    {kind: cosine}                                   => Cosine[warmUp=0.0, floor=0.0]
                    {kind: cosine, warm-up: 0.5, floor: 0.1}         => Cosine[warmUp=0.5, floor=0.1]
                    {kind: step}                                     => Step[warmUp=0.0, floor=0.0, every=10, factor=0.5]
                    {kind: plateau}                                  => Plateau[warmUp=0.0, floor=0.0, patience=2, factor=0.5]
                    {kind: plateau, floor: 0.01, patience: 4, factor: 0.1} => Plateau[warmUp=0.0, floor=0.01, patience=4, factor=0.1]
                    """)
    void shouldReadASchedule(String yaml, String schedule) {
        PipelineSpec read = PipelineSpecReader.parse(spec("training: {schedule: " + yaml + "}"), "x");

        assertThat(read.training().schedule()).hasToString(schedule);
    }

    @Test
    void shouldPredictAndAlarmOnEveryTargetAndTheLearnedEnd() {
        assertThat(PipelineSpecReader.parse(spec("end: last"), "x").task())
                .isEqualTo(new TaskSpec(
                        List.of("a", "n", "END"),
                        5,
                        1,
                        new AlarmSpec(
                                List.of("a", "n", "END"),
                                0,
                                new AlarmSpec.Tail(0.001),
                                Optional.empty(),
                                NO_HYSTERESIS)));
        assertThat(PipelineSpecReader.parse(spec("end: none"), "x").task().predict())
                .containsExactly("a", "n");
        PipelineSpec byValue = PipelineSpecReader.parse(spec("end: {field: status, values: closed}"), "x");
        assertThat(byValue.task().predict()).containsExactly("a", "n");
        assertThat(byValue.end()).isEqualTo(new EndSpec.Value("status", List.of("closed")));
    }

    @Test
    void shouldRepeatUnitsForEveryLayer() {
        String yaml = spec("").replace("kind: rnn", "kind: lstm, units: 7, layers: 3");

        assertThat(PipelineSpecReader.parse(yaml, "x").cell()).isEqualTo(new CellSpec("lstm", List.of(7, 7, 7)));
    }

    @Test
    void shouldReadTheWrappersOfACell() {
        String yaml = spec("").replace(
                        "{kind: rnn}", "{kind: gru, layers: 2, residual: true, layer-norm: true, attention: 16}");
        assertThat(PipelineSpecReader.parse(yaml, "x").cell())
                .isEqualTo(new CellSpec(
                        "gru", List.of(64, 64), List.of(), 0, 16, true, true, PipelineSpec.Kernel.AUTO, 0));
    }

    @ParameterizedTest
    @CsvSource({"64, '1,2,4,8,16,32,64,128'", "10, '1,2,4,8,16'", "'[12, 9]', '1,2,4'"})
    void shouldGiveAClockworkCellAsManyPeriodsAsDivideItsUnits(String units, String periods) {
        String yaml = spec("").replace("{kind: rnn}", "{kind: clockwork, units: " + units + "}");
        assertThat(PipelineSpecReader.parse(yaml, "x").cell().periods())
                .containsExactlyElementsOf(
                        Stream.of(periods.split(",")).map(Integer::valueOf).toList());
    }

    @Test
    void shouldReadTheTimeColumnAlone() {
        assertThat(PipelineSpecReader.parse(spec(""), "x").time())
                .isEqualTo(
                        new TimeSpec("ts", "epoch-millis", "UTC", Instant.ofEpochSecond(86_400), Duration.ofDays(1)));
    }

    /** A valid spec whose lines 6 and on are the given ones. */
    private static String spec(String more) {
        return """
                name: test
                entity: id
                time: ts
                fields: {a: {kind: categorical}, n: {kind: numeric}, c: {kind: numeric, role: input}, p: {kind: position}}
                cell: {kind: rnn}
                """
                + more;
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            textBlock =
                    """
                    trainin: {}                         => t:6: unknown key 'trainin', expected one of name, entity, time, session, end, fields, task, cell, training, data. Did you mean 'training'?
                    training: {epoch: 3}                => t:6: training: unknown key 'epoch', expected one of epochs, patience
                    training: {epochs: 3, epochs: 4}    => t:6: training: 'epochs' stands here a second time, the first is in line 6. Remove or rename one of them.
                    name: again                         => t:6: 'name' stands here a second time, the first is in line 1.
                    training: {epochs: many}            => t:6: training.epochs: expected a whole number >= 1, got 'many'.
                    training: {epochs: 0}               => t:6: training.epochs: expected a whole number >= 1, got 0.
                    training: {epochs: [1]}             => t:6: training.epochs: expected a whole number >= 1, got a list.
                    training: {epochs: }                => t:6: training.epochs: expected a whole number >= 1, got nothing.
                    training: {window: 1}               => t:6: training.window: expected a whole number >= 2, got 1.
                    training: {threads: 5000}           => t:6: training.threads: expected a whole number from 0 to 1024, got 5000.
                    training: 3                         => t:6: training: expected a mapping of keys to values, got '3'.
                    training: {learning-rate: 0}        => t:6: training.learning-rate: expected a number > 0, got 0.
                    training: {learning-rate: 1d}       => t:6: training.learning-rate: expected a number > 0, got '1d'.
                    training: {learning-rate: 1/0}      => t:6: training.learning-rate: expected a number > 0, got 1/0.
                    training: {dropout: 1}              => t:6: training.dropout: expected a number >= 0 and < 1, got 1.
                    training: {weights: {c: 1}}         => t:6: training.weights.c: 'c' is not a target, expected one of a, n. Give the field role: [input, target], or remove it here.
                    training: {weights: {END: 1}}       => t:6: training.weights.END: END is predicted only where
                    training: {weight-decay: -1}        => t:6: training.weight-decay: expected a number >= 0, got -1.
                    training: {sampled: -1}             => t:6: training.sampled: expected a whole number >= 0, got -1.
                    training: {class-weights: {n: balanced}} => t:6: training.class-weights.n: expected a categorical target, got 'n', which has no classes to weigh. Use training.weights for a whole target.
                    training: {class-weights: {c: balanced}} => t:6: training.class-weights.c: 'c' is not a target
                    training: {class-weights: {a: balance}} => t:6: training.class-weights.a: expected balanced or a mapping of values to weights, got 'balance'. Did you mean 'balanced'?
                    training: {class-weights: {a: {x: 0}}} => t:6: training.class-weights.a.x: expected a number > 0, got 0.
                    training: {schedule: cosine}        => t:6: training.schedule: expected a mapping of keys to values, got 'cosine'.
                    training: {schedule: {floor: 0.1}}  => t:6: training.schedule: the key 'kind' is missing. Give it one of constant, cosine, step, plateau.
                    training: {schedule: {kind: cosin}} => t:6: training.schedule.kind: expected one of constant, cosine, step, plateau, got 'cosin'. Did you mean 'cosine'?
                    training: {schedule: {kind: cosine, every: 2}} => t:6: training.schedule: unknown key 'every', expected one of kind, warm-up, floor.
                    training: {schedule: {kind: constant, warm-up: 30}} => t:6: training.schedule.warm-up: expected fewer epochs than training.epochs, which is 30, got 30.0
                    training: {schedule: {kind: plateau, patience: 5}} => t:6: training.schedule.patience: expected fewer epochs than training.patience, which is 5, got 5
                    training: {split: {by: entiy}}      => t:6: training.split.by: expected one of entity, time, got 'entiy'. Did you mean 'entity'?
                    training: {split: {test: 1}}        => t:6: training.split.test: expected a number >= 0 and < 1, got 1.
                    training: {split: {validation: 0}}  => t:6: training.split.validation: expected a number > 0 and < 1, got 0.
                    task: {predict: [a, b]}             => t:6: task.predict: 'b' is not a target, expected one of a, n.
                    task: {predict: []}                 => t:6: task.predict: expected text or a list of texts, got an empty list.
                    task: {predict: [a, a]}             => t:6: task.predict: expected each value once, got a list. Remove the doubles.
                    task: {alarm: {on: p}}              => t:6: task.alarm.on: 'p' is not a target, expected one of a, n.
                    task: {alarm: {scorer: novelty, on: a}}        => t:6: task.alarm.scorer: novelty counts the values of numeric targets, and alarms look at none. Choose another scorer, or predict a numeric field and name it in on.
                    task: {alarm: {scorer: novelty, from: 1, to: 1}} => t:6: task.alarm.to: expected a number above from (1.0), got 1.0.
                    task: {alarm: {scorer: novelty, rate: 0.1}}    => t:6: task.alarm.rate: is an option of scorer: tail; the scorer here is novelty. Remove it, or change scorer.
                    task: {alarm: {rate: 1.5}}          => t:6: task.alarm.rate: expected a number > 0 and < 1, got 1.5.
                    task: {alarm: {scorer: tails}}      => t:6: task.alarm.scorer: expected one of tail, adaptive, dynamic, top-g, novelty, got 'tails'. Did you mean 'tail'?
                    task: {alarm: {window: 9}}          => t:6: task.alarm.window: is an option of scorer: adaptive or dynamic; the scorer here is tail. Remove it, or change scorer.
                    task: {alarm: {scorer: top-g, rate: 0.1}} => t:6: task.alarm.rate: is an option of scorer: tail; the scorer here is top-g. Remove it, or change scorer.
                    task: {alarm: {scorer: top-g, on: [a, n]}} => t:6: task.alarm.on: 'n' is not a categorical target, which top-g needs; expected one of a.
                    task: {alarm: {scorer: top-g, g: 0}} => t:6: task.alarm.g: expected a whole number >= 1, got 0.
                    task: {alarm: {scorer: adaptive, short: 10, window: 10}} => t:6: task.alarm.short: expected fewer events than window (10), got 10.
                    task: {alarm: {scorer: adaptive, likelihood: 1}} => t:6: task.alarm.likelihood: expected a number > 0 and < 1, got 1.
                    task: {alarm: {scorer: adaptive, windows: 9}} => t:6: task.alarm: unknown key 'windows', expected one of scorer, on, warm-up, window, short, learning, limit, likelihood, budget, hysteresis. Did you mean 'window'?
                    task: {alarm: {scorer: dynamic, window: 50, learning: 60}} => t:6: task.alarm.learning: expected no more events than window (50), got 60.
                    task: {alarm: {scorer: dynamic, window: 1000000}} => t:6: task.alarm.window: expected a whole number from 3 to 100000, got 1000000.
                    task: {alarm: {scorer: dynamic, prune: 1}} => t:6: task.alarm.prune: expected a number >= 0 and < 1, got 1.
                    task: {alarm: {budget: {per: day}}} => t:6: task.alarm.budget: the key 'alarms' is missing. Give the number of alarms that normal events may raise.
                    task: {alarm: {budget: {alarms: 0}}} => t:6: task.alarm.budget.alarms: expected a number > 0, got 0.
                    task: {alarm: {budget: {alarms: 1, per: week}}} => t:6: task.alarm.budget.per: expected one of entity-day, day, got 'week'.
                    task: {alarm: {budget: {alarms: 1}, rate: 0.1}} => t:6: task.alarm.budget: a budget sets the threshold, and so does rate. Remove one of them.
                    task: {alarm: {budget: {alarms: 1}, scorer: adaptive, likelihood: 0.9}} => t:6: task.alarm.budget: a budget sets the threshold, and so does likelihood. Remove one of them.
                    task: {alarm: {budget: {alarms: 1}, scorer: top-g}} => t:6: task.alarm.budget: top-g alarms by a rank, which no budget can set. Remove it and choose g, or change scorer.
                    task: {alarm: {hysteresis: {clear: 1}}} => t:6: task.alarm.hysteresis.clear: expected a number >= 0 and < 1, got 1.
                    task: {alarm: {hysteresis: {quiet: 3}}} => t:6: task.alarm.hysteresis.quiet: expected a duration such as
                    task: {alarm: {hysteresis: {calm: 3}}} => t:6: task.alarm.hysteresis: unknown key 'calm', expected one of clear, quiet.
                    end: lst                            => t:6: end: expected none, last or {field: COLUMN, values: [..]}, got 'lst'. Did you mean 'last'?
                    end: [last]                         => t:6: end: expected none, last or a mapping with field and values, got a list.
                    end: {field: status}                => t:6: end: the key 'values' is missing. List the values of that column that close a sequence.
                    session: {gap: 30}                  => t:6: session.gap: expected a duration such as 500ms, 30s, 15m, 2h, 1d or PT1H30M, got '30'.
                    session: {gap: 0s}                  => t:6: session.gap: expected at least 1ms, got '0s'.
                    session: {gap: 1000000000000000d}   => t:6: session.gap: expected a duration such as
                    data: {max-malformed: -1}           => t:6: data.max-malformed: expected a whole number >= 0, got -1.
                    """)
    void shouldNameLineAndWayOutOf(String line, String message) {
        assertThatThrownBy(() -> PipelineSpecReader.parse(spec(line), "t"))
                .isInstanceOf(SpecException.class)
                .message()
                .startsWith(message)
                .hasLineCount(1);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                                              => t:7: fields.x: the key 'kind' is missing. Give it one of numeric, categorical, flags, since-previous, since-start, position, calendar.
                    numeric                                         => t:7: fields.x: expected a mapping such as {kind: numeric}, got 'numeric'.
                    {kind: numerical}                               => t:7: fields.x.kind: expected one of numeric, categorical, flags, since-previous, since-start, position, calendar, got 'numerical'. Did you mean 'numeric'?
                    {kind: numeric, embedding: 3}                   => t:7: fields.x: unknown key 'embedding', expected one of kind, column, role, transform, scaling, components, optional.
                    {kind: numeric, optional: yes}                  => t:7: fields.x.optional: expected true or false, got 'yes'.
                    {kind: numeric, role: [inputs]}                 => t:7: fields.x.role: expected one of input, target, given, got 'inputs'. Did you mean 'input'?
                    {kind: numeric, role: []}                       => t:7: fields.x.role: expected one or several of input, target, given, got an empty list.
                    {kind: numeric, role: [given, target]}          => t:7: fields.x.role: a field can't be given and target
                    {kind: since-previous, role: given}             => t:7: fields.x.role: a field of this kind can't be given, expected input or target.
                    {kind: since-start, role: target}               => t:7: fields.x.role: a field of this kind can't be target, expected input.
                    {kind: position, role: [input, given]}          => t:7: fields.x.role: a field of this kind can't be given, expected input.
                    {kind: calendar, parts: hour-of-day, role: target} => t:7: fields.x.role: a field of this kind can't be target, expected input or given.
                    {kind: calendar}                                => t:7: fields.x: the key 'parts' is missing.
                    {kind: calendar, parts: hour}                   => t:7: fields.x.parts: expected one of hour-of-day, day-of-week, day-of-month, day-of-year, got 'hour'.
                    {kind: calendar, parts: day-of-week, zone: Europe/Berlim} => t:7: fields.x.zone: expected a time zone such as UTC, +02:00 or Europe/Berlin, got 'Europe/Berlim'. Did you mean 'Europe/Berlin'?
                    {kind: flags}                                   => t:7: fields.x: expected either flags, a list of their names, or size, which names them 0, 1, …; got neither. Add one.
                    {kind: flags, size: 2, flags: [a, b]}           => t:7: fields.x: expected either flags, a list of their names, or size, which names them 0, 1, …; got both. Remove one.
                    {kind: flags, size: 2, separator: ';'}          => t:7: fields.x.separator: a separator needs the key column
                    {kind: flags, column: c, flags: [a, 'b c']}     => t:7: fields.x: the flag 'b c' contains the separator ' '. Choose another separator.
                    """)
    void shouldNameLineAndWayOutOfField(String options, String message) {
        String yaml =
                "name: test\nentity: id\ntime: ts\ncell: {kind: rnn}\nfields:\n  y: {kind: numeric}\n  x: " + options;

        assertThatThrownBy(() -> PipelineSpecReader.parse(yaml, "t"))
                .isInstanceOf(SpecException.class)
                .message()
                .startsWith(message)
                .hasLineCount(1);
    }

    @ParameterizedTest(name = "{0} with {1} -> {2}")
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            textBlock =
                    """
                    name: test     => name: a_b                            => t:1: name: expected letters, digits and dashes, got 'a_b'.
                    entity: id     => entity: []                           => t:2: entity: expected text or a list of texts, got an empty list.
                    entity: id     => entity: [a, {b: c}]                  => t:2: entity: expected text or a list of texts, got a mapping.
                    entity: id     => entity: ''                           => t:2: entity: expected text, got an empty one.
                    time: ts       => time: {format: iso-8601}             => t:3: time: the key 'field' is missing. Name the column of the event's time.
                    time: ts       => time: {field: ts, format: iso}       => t:3: time.format: expected epoch-millis, epoch-seconds, iso-8601 or a pattern of java.time.format.DateTimeFormatter with a date, got 'iso'
                    time: ts       => time: {field: ts, format: epoch-milis} => t:3: time.format: expected epoch-millis, epoch-seconds, iso-8601 or a pattern of java.time.format.DateTimeFormatter with a date, got 'epoch-milis'
                    time: ts       => time: {field: ts, format: 'HH:mm'}   => t:3: time.format: expected epoch-millis, epoch-seconds, iso-8601 or a pattern of java.time.format.DateTimeFormatter with a date, got 'HH:mm', which doesn't tell year, month and day.
                    time: ts       => time: {field: ts, zone: Mars}        => t:3: time.zone: expected a time zone such as UTC, +02:00 or Europe/Berlin, got 'Mars'.
                    time: ts       => time: {field: ts, earliest: 2020}    => t:3: time.earliest: expected an instant such as 1970-01-02T00:00:00Z, got '2020'.
                    time: ts       => time: {field: ts, max-ahead: -PT1S}  => t:3: time.max-ahead: expected at least 0ms, got '-PT1S'.
                    cell: {kind: rnn} => cell: {units: 3}                  => t:5: cell: the key 'kind' is missing. Give it one of rnn, lstm, lstm-peephole, lstm-coupled, lstm-depth-gated, gru, mgu, mingru, minlstm, clockwork, grid-lstm, vrnn.
                    cell: {kind: rnn} => cell: {kind: ltsm}                => t:5: cell.kind: expected one of rnn, lstm, lstm-peephole, lstm-coupled, lstm-depth-gated, gru, mgu, mingru, minlstm, clockwork, grid-lstm, vrnn, got 'ltsm'. Did you mean 'lstm'?
                    cell: {kind: rnn} => cell: {kind: rnn, units: 0}       => t:5: cell.units: expected a whole number from 1 to 65536, got 0.
                    cell: {kind: rnn} => cell: {kind: rnn, units: [2, 3], layers: 3} => t:5: cell.layers: units lists 2 layers, got layers: 3. Remove layers, or give units as one number.
                    cell: {kind: rnn} => cell: {kind: lstm-depth-gated, units: [2, 3]} => t:5: cell.units: expected the same units for every layer, got [2, 3]: a layer's memory takes from that of the layer beneath. Give units as one number, with layers.
                    cell: {kind: rnn} => cell: {kind: gru, periods: [1, 2]} => t:5: cell.periods: only clockwork has modules with periods, got kind: gru. Remove the key, or set kind: clockwork.
                    cell: {kind: rnn} => cell: {kind: clockwork, units: 11} => t:5: cell.units: no number of modules from 2 to 8 divides the units [11] of every layer. List the periods, such as periods: [1, 4], or change units.
                    cell: {kind: rnn} => cell: {kind: clockwork, periods: [2, 1]} => t:5: cell.periods: expected periods that grow, got [2, 1].
                    cell: {kind: rnn} => cell: {kind: clockwork, periods: [1, 2, 4]} => t:5: cell.periods: the 64 units of a layer can't be shared out equally among 3 periods. Make units a multiple of 3.
                    cell: {kind: rnn} => cell: {kind: clockwork, periods: [1, 4099, 4111, 4127]} => t:5: cell.periods: the least common multiple of [1, 4099, 4111, 4127] is beyond 2^24, further than a state can count. Take periods that divide each other.
                    cell: {kind: rnn} => cell: {kind: grid-lstm, units: [2, 3]} => t:5: cell.units: expected the same units for every layer, got [2, 3]: a layer's memory takes
                    cell: {kind: rnn} => cell: {kind: rnn, latent: 4} => t:5: cell.latent: only vrnn has a latent variable, got kind: rnn. Remove the key, or set kind: vrnn.
                    cell: {kind: rnn} => cell: {kind: vrnn, latent: 0} => t:5: cell.latent: expected a whole number from 1 to 65536, got 0.
                    cell: {kind: rnn} => cell: {kind: rnn, residual: true} => t:5: cell.residual: there is one layer, and nothing beneath it to add. Set layers: 2 or more, or remove the key.
                    cell: {kind: rnn} => cell: {kind: rnn, residual: true, units: [3, 3, 4]} => t:5: cell.units: expected the same units for every layer, got [3, 3, 4]: residual layers add their output to what they got.
                    cell: {kind: rnn} => cell: {kind: rnn, attention: 1} => t:5: cell.attention: expected 0 for none, or a number of outputs from 2 to 4096, got 1.
                    cell: {kind: rnn} => cell: {kind: rnn, attention: yes} => t:5: cell.attention: expected 0 for none, or a number of outputs from 2 to 4096, got 'yes'.
                    cell: {kind: rnn} => cell: {kind: rnn, layer-norm: 3} => t:5: cell.layer-norm: expected true or false, got '3'.
                    n: {kind       => END: {kind                           => t:4: fields.END: 'END' names the end of a sequence.
                    n: {kind       => n x: {kind                           => t:4: fields.n x: expected a name of letters, digits, '_', '.' and '-', got 'n x'.
                    n: {kind       => a: {kind                             => t:4: fields: 'a' stands here a second time, the first is in line 4.
                    """)
    void shouldNameLineAndWayOutWhereALineBecomes(String line, String replacement, String message) {
        String yaml = spec("").replace(line, replacement);
        assertThat(yaml).isNotEqualTo(spec(""));

        assertThatThrownBy(() -> PipelineSpecReader.parse(yaml, "t"))
                .isInstanceOf(SpecException.class)
                .message()
                .startsWith(message)
                .hasLineCount(1);
    }

    @Test
    void shouldReadTheOptionsOfEveryScorer() {
        assertThat(alarm("{scorer: adaptive}").scorer()).isEqualTo(new AlarmSpec.Adaptive(8000, 10, 300, 10, 0.99999));
        assertThat(alarm("{scorer: adaptive, window: 90, short: 3, learning: 20, limit: 5.5, likelihood: 0.9}")
                        .scorer())
                .isEqualTo(new AlarmSpec.Adaptive(90, 3, 20, 5.5, 0.9));
        assertThat(alarm("{scorer: dynamic}").scorer()).isEqualTo(new AlarmSpec.Dynamic(500, 25, 100, 0.13));
        assertThat(alarm("{scorer: dynamic, window: 60, smoothing: 7, learning: 30, prune: 0}")
                        .scorer())
                .isEqualTo(new AlarmSpec.Dynamic(60, 7, 30, 0));
        assertThat(alarm("{scorer: dynamic, window: 60}").scorer()).isEqualTo(new AlarmSpec.Dynamic(60, 25, 60, 0.13));
        assertThat(alarm("{scorer: top-g, g: 5}"))
                .isEqualTo(new AlarmSpec(List.of("a"), 0, new AlarmSpec.TopG(5), Optional.empty(), NO_HYSTERESIS));
        assertThat(alarm("{scorer: top-g}").scorer()).isEqualTo(new AlarmSpec.TopG(9));
        assertThat(alarm("{budget: {alarms: 0.5}}").budget())
                .contains(new AlarmSpec.BudgetSpec(0.5, AlarmSpec.BudgetSpec.Per.ENTITY_DAY));
        assertThat(alarm("{scorer: dynamic, budget: {alarms: 50, per: day}}").budget())
                .contains(new AlarmSpec.BudgetSpec(50, AlarmSpec.BudgetSpec.Per.DAY));
        assertThat(alarm("{hysteresis: {clear: 0, quiet: 90s}}").hysteresis())
                .isEqualTo(new AlarmSpec.HysteresisSpec(Optional.of(0.0), Duration.ofSeconds(90)));
    }

    private static AlarmSpec alarm(String options) {
        return PipelineSpecReader.parse(spec("task: {alarm: " + options + "}"), "t")
                .task()
                .alarm();
    }

    @Test
    void shouldAskForACategoricalTargetWhereValuesAreRanked() {
        assertThatThrownBy(() -> PipelineSpecReader.parse(
                        "name: t\nentity: id\ntime: ts\ncell: {kind: rnn}\nfields: {n: {kind: numeric}}\n"
                                + "task: {alarm: {scorer: top-g}}",
                        "t"))
                .isInstanceOf(SpecException.class)
                .message()
                .startsWith("t:6: task.alarm.scorer: top-g ranks the values of categorical targets, and no target is"
                        + " categorical. Choose tail")
                .hasLineCount(1);
    }

    @Test
    void shouldNameAllMissingSections() {
        assertThatThrownBy(() -> PipelineSpecReader.parse("\n\ndata: {}\n", "t"))
                .isInstanceOf(SpecException.class)
                .message()
                .hasLineCount(5)
                .contains("t:3: the key 'name' is missing.", "'entity'", "'time'", "'fields'", "'cell'");
    }

    @Test
    void shouldReportProblemsOfManyLinesInTheirOrder() {
        String yaml = spec("data: {max-malformed: x}\ntraining: {lanes: 0}\n").replace("name: test", "name: ?x");

        assertThatThrownBy(() -> PipelineSpecReader.parse(yaml, "t")).message().satisfies(message -> assertThat(
                        message.lines().map(line -> line.substring(0, 4)))
                .containsExactly("t:1:", "t:6:", "t:7:"));
    }

    @Test
    void shouldAskForATargetAndAnInput() {
        String head = "name: t\nentity: id\ntime: ts\ncell: {kind: rnn}\nfields:\n";

        assertThatThrownBy(() -> PipelineSpecReader.parse(head + "  a: {kind: numeric, role: input}", "t"))
                .hasMessageStartingWith("t:6: fields: no field is a target, so there is nothing to predict.");
        assertThatThrownBy(() -> PipelineSpecReader.parse(head + "  a: {kind: numeric, role: target}", "t"))
                .hasMessageStartingWith("t:6: fields: no field is an input");
        assertThatThrownBy(() -> PipelineSpecReader.parse(head + "  {}", "t"))
                .hasMessageContaining("no field is a target");
    }

    @Test
    void shouldNameThePlaceOfABrokenSyntax() {
        assertThatThrownBy(() -> PipelineSpecReader.parse("name: test\nentity: [a, b\ntime: ts\n", "t"))
                .isInstanceOf(SpecException.class)
                .hasMessageMatching("t:[23]:\\d+: not YAML: .*");
        assertThatThrownBy(() -> PipelineSpecReader.parse("", "t"))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("t:1: the spec is empty");
        assertThatThrownBy(() -> PipelineSpecReader.parse("- a\n", "t"))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("t:1: expected a mapping of keys to values, got a list.");
    }

    @Test
    void shouldReadAFileAndSayWhereNoneIs(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("spec.yaml");
        Files.writeString(file, spec(""));
        Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});

        assertThat(PipelineSpecReader.read(file).name()).isEqualTo("test");
        assertThatThrownBy(() -> PipelineSpecReader.read(directory.resolve("none.yaml")))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("none.yaml'. Give the path of a YAML file.");
        assertThatThrownBy(() -> PipelineSpecReader.read(latin))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("expected UTF-8");
    }
}
