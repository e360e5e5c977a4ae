package dev.sequitur.model.head;

import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.spec.FieldSpec;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The uniform mixture of what M networks expect, {@code p(f) = 1/M Σ_m p_m(f)}, for every predicted field f:
 * Lakshminarayanan, Pritzel and Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles",
 * 2017, arXiv 1612.01474, section 2.4. It departs in two ways. Numbers and times keep every member's normals, where the
 * paper takes one normal of the same mean and variance. And each field is mixed by itself, so that an event's surprise
 * stays a sum over its fields.
 *
 * <p>A field of flags is one field: its surprise is that of the mixture of the members' joint distributions, and its
 * parameters are the mixture's marginals.
 */
public final class MemberMixture {
    private final HeadLayout member;
    private final int members;

    /** @param member layout of one of the members */
    public MemberMixture(HeadLayout member, int members) {
        this.member = member;
        this.members = members;
    }

    /** Nats {@code [N,F]} of the mixture, {@code −log 1/M Σ_m exp(−s_m)}, given those of the members, each [N,F]. */
    public Operand<TFloat32> surprise(Ops tf, List<Operand<TFloat32>> nats) {
        Operand<TFloat32> all = tf.stack(nats);
        // Against the least surprised member: e to minus a few hundred nats is 0 in float32.
        Operand<TFloat32> least = tf.min(all, tf.constant(0));
        Operand<TFloat32> shares = tf.reduceSum(tf.math.exp(tf.math.sub(least, all)), tf.constant(0));
        return tf.math.sub(least, tf.math.log(tf.math.div(shares, tf.constant((float) members))));
    }

    /** Parameters {@code [N,·]} of the mixture, as {@link HeadLayout} lays them out, given those of the members. */
    public Operand<TFloat32> parameters(Ops tf, List<Operand<TFloat32>> parameters) {
        List<Operand<TFloat32>> mixed = new ArrayList<>();
        for (HeadLayout.Target target : member.targets()) {
            List<Operand<TFloat32>> parts = parameters.stream()
                    .map(all -> Columns.of(tf, all, target.parameters()))
                    .toList();
            boolean continuous =
                    target.field() instanceof FieldSpec.Numeric || target.field() instanceof FieldSpec.SincePrevious;
            mixed.add(continuous ? normals(tf, target, parts) : mean(tf, parts));
        }
        return Columns.join(tf, mixed);
    }

    private Operand<TFloat32> mean(Ops tf, List<Operand<TFloat32>> parts) {
        return tf.math.div(tf.math.addN(parts), tf.constant((float) members));
    }

    private Operand<TFloat32> normals(Ops tf, HeadLayout.Target target, List<Operand<TFloat32>> parts) {
        List<Operand<TFloat32>> weights = new ArrayList<>();
        List<Operand<TFloat32>> means = new ArrayList<>();
        List<Operand<TFloat32>> deviations = new ArrayList<>();
        int n = target.normals();
        for (Operand<TFloat32> part : parts) {
            // Where a member has one normal there is no weight before it.
            int at = target.plainNormal() ? 0 : n;
            Operand<TFloat32> mean = Columns.of(tf, part, at, n);
            Operand<TFloat32> weight = target.plainNormal() ? tf.onesLike(mean) : Columns.of(tf, part, 0, n);
            weights.add(tf.math.div(weight, tf.constant((float) members)));
            means.add(mean);
            deviations.add(Columns.of(tf, part, at + n, n));
        }
        List<Operand<TFloat32>> all = new ArrayList<>(weights);
        all.addAll(means);
        all.addAll(deviations);
        return tf.concat(all, tf.constant(1));
    }
}
