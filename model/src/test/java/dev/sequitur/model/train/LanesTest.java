package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanesTest {
    private static final int WIDTH = 3;
    private static final int START = 1;

    private RowFile file;

    @BeforeEach
    void open() throws IOException {
        file = new RowFile(Path.of(System.getProperty("java.io.tmpdir")), WIDTH);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    private Segment segment(float[] rows, int length, int from) throws IOException {
        long first = file.size();
        for (int i = 0; i < length; i++) {
            file.append(Arrays.copyOfRange(rows, i * WIDTH, (i + 1) * WIDTH));
        }
        return new Segment(first, length, from);
    }

    /** A row is its event's number from 1, the start column, and the number again. */
    private List<Segment> segments(Random random, int count, int longest) throws IOException {
        List<Segment> segments = new ArrayList<>();
        int number = 1;
        for (int s = 0; s < count; s++) {
            int length = 1 + random.nextInt(longest);
            float[] rows = new float[length * WIDTH];
            for (int i = 0; i < length; i++) {
                rows[i * WIDTH] = number;
                rows[i * WIDTH + 2] = number++;
            }
            segments.add(segment(rows, length, random.nextInt(length)));
        }
        return segments;
    }

    /** One slot as it was handed out. */
    private record Slot(int window, int lane, int number, boolean start, float weight) {
        boolean padding() {
            return number == 0;
        }
    }

    /** Every slot, in the order in which lanes are filled. */
    private static List<Slot> pass(Lanes feed, int lanes, int window) throws IOException {
        List<Slot> slots = new ArrayList<>();
        float[] rows = new float[window * lanes * WIDTH];
        float[] weights = new float[window * lanes];
        Arrays.fill(rows, -7);
        Arrays.fill(weights, -7);
        for (int w = 0; feed.next(rows, weights); w++) {
            for (int lane = 0; lane < lanes; lane++) {
                for (int t = 0; t < window; t++) {
                    int at = t * lanes + lane;
                    assertThat(rows[at * WIDTH]).isEqualTo(rows[at * WIDTH + 2]);
                    slots.add(new Slot(w, lane, (int) rows[at * WIDTH], rows[at * WIDTH + START] == 1, weights[at]));
                }
            }
        }
        return slots;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "5, 3, 4, 9", "40, 7, 5, 30", "3, 8, 4, 20", "100, 4, 16, 3", "20, 2, 50, 10"})
    void shouldHandOutEveryEventOnceInTheOrderOfItsSegment(int count, int lanes, int window, int longest)
            throws IOException {
        List<Segment> segments = segments(new Random(count), count, longest);
        int events = segments.stream().mapToInt(Segment::length).sum();
        Lanes feed = new Lanes(segments, file, lanes, window, WIDTH, START);
        assertThat(feed.left()).isEqualTo(events);

        List<Slot> slots = pass(feed, lanes, window);

        assertThat(feed.left()).isZero();
        assertThat(slots.stream().filter(slot -> !slot.padding()).map(Slot::number))
                .as("events, each once")
                .doesNotHaveDuplicates()
                .hasSize(events);
        for (int lane = 0; lane < lanes; lane++) {
            assertWholeSegments(segments, lane(slots, lane));
        }
    }

    private static List<Slot> lane(List<Slot> slots, int lane) {
        return slots.stream().filter(slot -> slot.lane() == lane).toList();
    }

    /** A lane is whole segments one after the other, then padding. */
    private static void assertWholeSegments(List<Segment> segments, List<Slot> lane) {
        int at = 0;
        while (at < lane.size() && !lane.get(at).padding()) {
            int first = lane.get(at).number();
            Segment segment = segments.stream()
                    .filter(s -> s.first() + 1 == first)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("event " + first + " starts no segment"));
            for (int i = 0; i < segment.length(); i++) {
                Slot slot = lane.get(at++);
                assertThat(slot.number()).isEqualTo(first + i);
                assertThat(slot.start()).as("start of event %s", i).isEqualTo(i == 0);
                assertThat(slot.weight()).as("weight of event %s", i).isEqualTo(i < segment.from() ? 0 : 1);
            }
        }
        assertThat(lane.subList(at, lane.size())).allSatisfy(slot -> {
            assertThat(slot.padding()).isTrue();
            assertThat(slot.start()).isFalse();
            assertThat(slot.weight()).isZero();
        });
    }

    @Test
    void shouldNotPadBeforeTheSegmentsRunOut() throws IOException {
        List<Segment> segments = segments(new Random(1), 50, 12);

        List<Slot> slots = pass(new Lanes(segments, file, 4, 8, WIDTH, START), 4, 8);

        int padding =
                slots.indexOf(slots.stream().filter(Slot::padding).findFirst().orElseThrow());
        assertThat(slots.subList(padding, slots.size()))
                .as("segments started after a padding")
                .noneMatch(Slot::start);
        int longest = segments.stream().mapToInt(Segment::length).max().orElseThrow();
        int windows = slots.get(slots.size() - 1).window() - slots.get(padding).window();
        assertThat(windows).as("windows that only finish segments").isLessThanOrEqualTo((longest + 7) / 8);
    }

    @Test
    void shouldTakeSegmentsInTheirOrder() throws IOException {
        List<Segment> segments = segments(new Random(2), 30, 6);

        List<Integer> started = pass(new Lanes(segments, file, 3, 4, WIDTH, START), 3, 4).stream()
                .filter(Slot::start)
                .map(Slot::number)
                .toList();

        assertThat(started).isSorted().hasSize(30);
    }

    @Test
    void shouldGoOnInTheNextWindowWhereItStopped() throws IOException {
        List<Segment> segments = List.of(segments(new Random(3), 1, 1).get(0), segment(new float[30], 10, 0));
        float[] rows = new float[3 * WIDTH];
        float[] weights = new float[3];
        Lanes feed = new Lanes(segments, file, 1, 3, WIDTH, START);

        List<List<Float>> starts = new ArrayList<>();
        while (feed.next(rows, weights)) {
            starts.add(List.of(rows[START], rows[WIDTH + START], rows[2 * WIDTH + START]));
        }

        assertThat(starts)
                .containsExactly(List.of(1f, 1f, 0f), List.of(0f, 0f, 0f), List.of(0f, 0f, 0f), List.of(0f, 0f, 0f));
    }

    @Test
    void shouldLeaveTheArraysAloneWhenNothingIsLeft() throws IOException {
        float[] rows = {5, 5, 5};
        float[] weights = {5};

        assertThat(new Lanes(List.of(), file, 1, 1, WIDTH, START).next(rows, weights))
                .isFalse();
        assertThat(rows).containsOnly(5);
        assertThat(weights).containsOnly(5);
    }

    @Test
    void shouldNotMarkTheStartInTheSegmentItself() throws IOException {
        Segment segment = segment(new float[WIDTH], 1, 0);
        new Lanes(List.of(segment), file, 1, 1, WIDTH, START).next(new float[WIDTH], new float[1]);

        assertThat(file.read(segment)).containsOnly(0);
    }
}
