package dev.sequitur.model.train;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Segments laid end to end on a number of lanes, cut into windows of T steps. A lane that reaches the end of a segment
 * goes on with the next one in the same window, with its state reset; so no slot is spent on padding until the segments
 * run out. Session-parallel mini-batches: Hidasi et al. 2016, arXiv 1511.06939, section 3.1.1.
 */
final class Lanes {
    private final List<Segment> segments;
    private final RowFile file;
    private final int lanes;
    private final int window;
    private final int width;
    private final int startColumn;
    private final int[] segmentOf;
    private final int[] at;
    private final float[] run;
    private int nextSegment;
    private long left;

    /**
     * @param segments in the order in which lanes take them
     * @param file where their rows are
     * @param width I
     * @param startColumn column of a row that says that the state is reset
     */
    Lanes(List<Segment> segments, RowFile file, int lanes, int window, int width, int startColumn) {
        this.segments = segments;
        this.file = file;
        this.lanes = lanes;
        this.window = window;
        this.width = width;
        this.startColumn = startColumn;
        this.segmentOf = new int[lanes];
        this.at = new int[lanes];
        this.run = new float[window * width];
        Arrays.fill(segmentOf, -1);
        this.left = segments.stream().mapToLong(Segment::length).sum();
    }

    /** Events not yet handed out. */
    long left() {
        return left;
    }

    /**
     * Fills the next window.
     *
     * @param rows {@code [T, lanes, I]}
     * @param weights {@code [T, lanes]}: 1 where an event counts in the loss
     * @return whether there was anything left
     */
    boolean next(float[] rows, float[] weights) throws IOException {
        if (left == 0) {
            return false;
        }
        Arrays.fill(rows, 0f);
        Arrays.fill(weights, 0f);
        for (int lane = 0; lane < lanes; lane++) {
            for (int t = 0; t < window; ) {
                if (segmentOf[lane] < 0
                        || at[lane] == segments.get(segmentOf[lane]).length()) {
                    if (nextSegment == segments.size()) {
                        break;
                    }
                    segmentOf[lane] = nextSegment++;
                    at[lane] = 0;
                }
                Segment segment = segments.get(segmentOf[lane]);
                int length = Math.min(window - t, segment.length() - at[lane]);
                file.read(segment.first() + at[lane], length, run, 0);
                for (int i = 0; i < length; i++, t++, at[lane]++) {
                    int slot = t * lanes + lane;
                    System.arraycopy(run, i * width, rows, slot * width, width);
                    if (at[lane] == 0) {
                        rows[slot * width + startColumn] = 1f;
                    }
                    weights[slot] = at[lane] >= segment.from() ? 1f : 0f;
                }
                left -= length;
            }
        }
        return true;
    }
}
