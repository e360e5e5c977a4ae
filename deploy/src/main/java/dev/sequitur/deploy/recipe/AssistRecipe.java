package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.recipe.RecipeTable.Column;
import dev.sequitur.deploy.recipe.RecipeTable.Kind;
import dev.sequitur.deploy.recipe.RecipeTable.Row;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.RocCurve;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Probability;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a student will answer the next question right: ASSISTments 2009, "updated", as Zhang et al., "Dynamic key-value
 * memory networks for knowledge tracing", WWW 2017, arXiv 1611.08108, split it; fold 1.
 *
 * <p>A file has three lines a student: the number of answers; the skills asked; 0 or 1 for each answer. An event is one
 * answer; its skill is given when the answer is predicted. The published protocol cuts a student's answers into pieces
 * of 200 and forgets in between; a stream goes on, and so does this state.
 */
final class AssistRecipe implements Recipe {
    private static final String PREFIX = "assist2009_updated_";
    private static final int LINES = 3;
    private static final int MEMBERS = 1;

    @Override
    public String name() {
        return "assist2009";
    }

    @Override
    public String question() {
        return "Will this student answer the next question right?";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.DATA, Option.THROUGH_KAFKA, Option.ENSEMBLE);
    }

    @Override
    public RecipeTable run(RecipeRun run) throws IOException {
        Path csv = run.out().resolve(name() + ".csv");
        int students = 0;
        try (BufferedWriter out = Files.newBufferedWriter(csv)) {
            out.write("student,second,skill,answer\n");
            for (String part : List.of("train1", "valid1", "test")) {
                students = convert(run.file(PREFIX + part + ".csv", name()), part, out);
            }
        }
        String yaml = RecipeRun.spec(name(), "spec.yaml");
        int members = run.members() == 0 ? MEMBERS : run.members();
        PipelineSpec spec = PipelineSpecReader.parse(yaml, name());
        List<Event> events = RecipeRun.events(spec, csv);
        Path bundle = run.train(yaml, events, csv, name(), members);
        Timeline timeline = Timeline.of(spec, events, Timeline.Part.TEST);
        int answer = spec.fields().indexOf(spec.field("answer"));
        RocCurve curve = new RocCurve();
        run.score(bundle, timeline, (step, outcome) -> {
            Timeline.Step at = timeline.steps().get(step);
            if (at.counted()) {
                curve.add(
                        probability(outcome.fields()),
                        at.event().values()[answer].equals("1"));
            }
        });
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                Kind.SEQUITUR, RecipeRun.title("LSTM", members), Arrays.asList(curve.area(), curve.accuracy()), ""));
        rows.addAll(new RunningMeans(spec).rows(Timeline.of(spec, events, Timeline.Part.TRAIN), timeline));
        String repository = "seewoo5/KT, README, 5 folds, pieces of 200";
        rows.add(new Row(Kind.PUBLISHED, "LSTM (DKT)", List.of(0.8181, 0.7702), repository));
        rows.add(new Row(Kind.PUBLISHED, "NPA", Arrays.asList(0.8182, null), repository));
        rows.add(new Row(Kind.PUBLISHED, "DKVMN", Arrays.asList(0.7956, null), repository));
        rows.add(new Row(Kind.PUBLISHED, "DKVMN", Arrays.asList(0.8157, null), "Zhang et al. 2017"));
        rows.add(new Row(Kind.PUBLISHED, "DKT", Arrays.asList(0.8053, null), "Zhang et al. 2017"));
        return new RecipeTable(
                "assist2009, test part: " + curve.size() + " answers of " + students + " students",
                List.of(new Column("AUC", "", 4), new Column("accuracy", "", 4)),
                rows,
                List.of(
                        "answers to questions with several skills are repeated in these files, which lifts every figure;"
                                + " cleaned versions of the data are not comparable",
                        "the state goes through each student's whole sequence; published figures start anew every 200"
                                + " answers"));
    }

    private static int convert(Path file, String part, BufferedWriter out) throws IOException {
        List<String> lines = Files.readAllLines(file);
        int students = 0;
        for (int at = 0; at + LINES <= lines.size(); at += LINES) {
            String[] skills = lines.get(at + 1).split(",");
            String[] answers = lines.get(at + 2).split(",");
            if (skills.length != answers.length) {
                throw new UserException(file + ", line " + (at + 2) + ": expected as many skills as answers, got "
                        + skills.length + " and " + answers.length);
            }
            students++;
            for (int i = 0; i < skills.length; i++) {
                // The data have no times; what happened first gets the earlier second.
                long second = 1_000_000L + i;
                out.write(part + "-" + students + "," + second + "," + skills[i].trim() + "," + answers[i].trim());
                out.write('\n');
            }
        }
        return students;
    }

    private static double probability(List<FieldSurprise> fields) {
        Categorical expected = (Categorical) fields.get(0).getExpected().getDistribution();
        return expected.getTop().stream()
                .filter(p -> p.getValue().equals("1"))
                .mapToDouble(Probability::getProbability)
                .findFirst()
                .orElse(0);
    }

    /** Means that are updated with every answer, each worth {@value #PRIOR} answers of the mean above it at first. */
    private static final class RunningMeans {
        private static final double PRIOR = 5;

        private final int skill;
        private final int answer;
        private final Map<String, double[]> skills = new HashMap<>();
        private final double[] all = new double[2];

        RunningMeans(PipelineSpec spec) {
            skill = spec.fields().indexOf(spec.field("skill"));
            answer = spec.fields().indexOf(spec.field("answer"));
        }

        List<Row> rows(Timeline train, Timeline test) {
            for (Timeline.Step step : train.steps()) {
                if (step.counted()) {
                    add(skills.computeIfAbsent(skill(step), s -> new double[2]), right(step));
                    add(all, right(step));
                }
            }
            RocCurve bySkill = new RocCurve();
            RocCurve byStudent = new RocCurve();
            Map<String, double[]> students = new HashMap<>();
            for (Timeline.Step step : test.steps()) {
                double ofSkill = mean(skills.getOrDefault(skill(step), new double[2]), mean(all, 0));
                double[] student = students.computeIfAbsent(step.entity(), s -> new double[2]);
                double[] both = students.computeIfAbsent(step.entity() + "/" + skill(step), s -> new double[2]);
                bySkill.add(ofSkill, right(step));
                byStudent.add((ofSkill + mean(student, ofSkill) + mean(both, ofSkill)) / 3, right(step));
                add(student, right(step));
                add(both, right(step));
            }
            return List.of(
                    new Row(Kind.BASELINE, "mean of the skill", List.of(bySkill.area(), bySkill.accuracy()), ""),
                    new Row(
                            Kind.BASELINE,
                            "means of skill, student, both",
                            List.of(byStudent.area(), byStudent.accuracy()),
                            "running"));
        }

        private String skill(Timeline.Step step) {
            return step.event().values()[skill].toString();
        }

        private boolean right(Timeline.Step step) {
            return step.event().values()[answer].equals("1");
        }

        private static void add(double[] sum, boolean right) {
            sum[0] += right ? 1 : 0;
            sum[1]++;
        }

        private static double mean(double[] sum, double prior) {
            return (sum[0] + PRIOR * prior) / (sum[1] + PRIOR);
        }
    }
}
