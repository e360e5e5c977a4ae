package dev.sequitur.topology.history;

import dev.sequitur.model.step.StepShape;
import dev.sequitur.schemas.Score;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The last events of an application's entities, as far as its own tasks saw them: for queries and dashboards. Give one to
 * {@link dev.sequitur.topology.SequiturTopologyBuilder#history}, keep it, and ask it.
 *
 * <p>In memory only. An event takes its score, which is written to a topic anyway, and its feature row: with ten predicted
 * fields about 1.5 KB, so that 1000 entities of 64 events are at most some 150 MB.
 *
 * <p>Threading: safe for use by many threads. Stream threads write and never wait for readers.
 */
public final class History {
    private final Limits limits;
    private final List<TaskHistory> tasks = new CopyOnWriteArrayList<>();

    /**
     * @param entities whose events are kept, all tasks together; those that were seen last
     * @param events of each of them, at least; up to half as many more, and a block of steps, are kept
     */
    public record Limits(int entities, int events) {
        public Limits {
            if (entities < 1 || events < 1) {
                throw new IllegalArgumentException("a history needs entities >= 1 and events >= 1, got " + entities
                        + " and " + events + "; for no history, give none");
            }
        }
    }

    public History(Limits limits) {
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    public Limits limits() {
        return limits;
    }

    /** A task that begins; until {@link TaskHistory#close} it is asked. */
    public TaskHistory open(StepShape shape) {
        TaskHistory task = new TaskHistory(this, shape.state(), shape.features());
        tasks.add(task);
        return task;
    }

    void close(TaskHistory task) {
        tasks.remove(task);
    }

    /** Entities of one task. */
    int share() {
        return Math.max(1, limits.entities() / Math.max(1, tasks.size()));
    }

    /** The entity's, where a task of this application has seen it of late. */
    public Optional<EntityHistory> entity(String name) {
        return tasks.stream()
                .map(task -> task.entity(name))
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** All that there are, in no order. */
    public Stream<EntityHistory> entities() {
        return tasks.stream().map(TaskHistory::entities).flatMap(Collection::stream);
    }

    /** Events that alarms started with, newest first; some hundred of each task. */
    public List<Score> alarms() {
        return tasks.stream()
                .flatMap(task -> task.alarms().stream())
                .sorted(Comparator.comparing(Score::getEventTime).reversed().thenComparing(Score::getEntity))
                .toList();
    }

    /** Goes on when an alarm starts, and changes when a task comes or goes. */
    public long alarmCount() {
        return tasks.stream().mapToLong(TaskHistory::alarmCount).sum();
    }

    /** The newest score of each task that has any. */
    public List<Score> newest() {
        return tasks.stream().map(TaskHistory::newest).filter(Objects::nonNull).toList();
    }

    /** Since when, by the wall clock, all of its tasks have been watching; empty where there is no task. */
    public Optional<Instant> since() {
        return tasks.stream().map(TaskHistory::since).max(Comparator.naturalOrder());
    }
}
