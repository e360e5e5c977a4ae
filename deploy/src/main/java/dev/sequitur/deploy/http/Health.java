package dev.sequitur.deploy.http;

import java.util.List;

/**
 * The answer to a probe.
 *
 * @param reasons why not, in words; none where it is ok
 */
public record Health(boolean ok, List<String> reasons) {
    public static final Health OK = new Health(true, List.of());

    public Health {
        reasons = List.copyOf(reasons);
        if (ok != reasons.isEmpty()) {
            throw new IllegalArgumentException("reasons are for what is not ok, got " + ok + " and " + reasons);
        }
    }

    public static Health notOk(String reason) {
        return new Health(false, List.of(reason));
    }
}
