package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The variational recurrent neural network: at every step a latent variable z_t, so that the state after an event can be
 * one of many.
 *
 * <pre>
 * prior       z_t ~ N(μ_0,t, diag(σ²_0,t)),          [μ_0,t, σ_0,t] = φ_prior(h_{t-1})
 * posterior   z_t | x_t ~ N(μ_z,t, diag(σ²_z,t)),    [μ_z,t, σ_z,t] = φ_enc(φ_x(x_t), h_{t-1})
 * generation  x_t | z_t ~ φ_dec(φ_z(z_t), h_{t-1})
 * recurrence  h_t = f(φ_x(x_t), φ_z(z_t), h_{t-1})
 * loss        −log p(x_t | z_t) + KL(q(z_t | x_t) ‖ p(z_t)),  z_t drawn from the posterior q
 * </pre>
 *
 * <p>Chung, Kastner, Dinh, Goel, Courville and Bengio, "A recurrent latent variable model for sequential data", 2015, arXiv
 * 1506.02216, equations 5 to 11. φ_x and φ_z are one layer of H rectified units, φ_prior and φ_enc have one such layer
 * under an affine one; σ is the softplus of its part, and at least 1e-3. φ_dec is the affine layer of the heads, which gets
 * the output [h_{t-1}, φ_z(z_t)]. f is a {@link GruCell}; the paper's is an LSTM.
 *
 * <p>In training ({@link #observe}) z_t is drawn from the posterior, z = μ_z + σ_z ∘ ε, and the KL divergence is the
 * penalty. In serving nothing is drawn: the prediction is made with the prior's mean for z_t, the recurrence with the
 * posterior's. So the output is a function of the state, and an event's surprise is its exact negative log-likelihood
 * under the distribution that was published; it isn't the bound of the paper, which averages over z. Training without noise
 * computes what is served.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, z {@code [B,Z]}, output {@code [B,2H]}. Weights: {@code x/}, {@code
 * z/}, {@code prior/hidden/}, {@code posterior/hidden/} each {@code kernel [·,H]} and {@code bias [H]}; {@code
 * prior/normal/}, {@code posterior/normal/}: {@code kernel [H,2Z]} with columns μ, then what σ is the softplus of, and
 * {@code bias [2Z]}; {@code recurrence/} as {@link GruCell} has it, with input [φ_x, φ_z]. Checked by {@code
 * CellReferenceTest} and {@code VariationalCellTest}.
 */
public final class VariationalCell implements Cell {
    private static final float MIN_DEVIATION = 1e-3f;

    private final int units;
    private final Affine featuresOfInput;
    private final Affine featuresOfLatent;
    private final Affine priorHidden;
    private final Affine priorNormal;
    private final Affine posteriorHidden;
    private final Affine posteriorNormal;
    private final GruCell recurrence;

    /** A diagonal normal distribution: mean and deviation {@code [B,Z]}. */
    private record Normal(Operand<TFloat32> mean, Operand<TFloat32> deviation) {}

    private record Affine(Operand<TFloat32> kernel, Operand<TFloat32> bias) {
        static Affine of(Weights weights, String name, int inputs, int outputs) {
            return new Affine(
                    weights.get(name + "/kernel", Initializer.glorotUniform(), inputs, outputs),
                    weights.get(name + "/bias", Initializer.constant(0), outputs));
        }

        Operand<TFloat32> of(Ops tf, Operand<TFloat32> input) {
            return tf.nn.biasAdd(tf.linalg.matMul(input, kernel), bias);
        }

        Operand<TFloat32> rectified(Ops tf, Operand<TFloat32> input) {
            return tf.nn.relu(of(tf, input));
        }
    }

    /** @param latent Z */
    public VariationalCell(Weights weights, String name, int inputs, int units, int latent) {
        this.units = units;
        this.featuresOfInput = Affine.of(weights, name + "/x", inputs, units);
        this.featuresOfLatent = Affine.of(weights, name + "/z", latent, units);
        this.priorHidden = Affine.of(weights, name + "/prior/hidden", units, units);
        this.priorNormal = Affine.of(weights, name + "/prior/normal", units, 2 * latent);
        this.posteriorHidden = Affine.of(weights, name + "/posterior/hidden", 2 * units, units);
        this.posteriorNormal = Affine.of(weights, name + "/posterior/normal", units, 2 * latent);
        this.recurrence = new GruCell(weights, name + "/recurrence", 2 * units, units);
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units));
    }

    @Override
    public int outputWidth() {
        return 2 * units;
    }

    @Override
    public Operand<TFloat32> output(Ops tf, List<Operand<TFloat32>> state) {
        return output(tf, state.get(0), prior(tf, state.get(0)).mean());
    }

    private Operand<TFloat32> output(Ops tf, Operand<TFloat32> hidden, Operand<TFloat32> z) {
        return tf.concat(List.of(hidden, featuresOfLatent.rectified(tf, z)), tf.constant(1));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        Operand<TFloat32> x = featuresOfInput.rectified(tf, input);
        Normal posterior = posterior(tf, x, state.get(0));
        signals.say("input-features", x);
        signals.say("prior-mean", () -> prior(tf, state.get(0)).mean());
        signals.say("prior-deviation", () -> prior(tf, state.get(0)).deviation());
        signals.say("posterior-mean", posterior.mean());
        signals.say("posterior-deviation", posterior.deviation());
        return recur(tf, x, posterior.mean(), state, signals);
    }

    @Override
    public Observation observe(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Noise noise) {
        Operand<TFloat32> hidden = state.get(0);
        Operand<TFloat32> x = featuresOfInput.rectified(tf, input);
        Normal prior = prior(tf, hidden);
        Normal posterior = posterior(tf, x, hidden);
        Operand<TFloat32> scale = noise.scale();
        Operand<TFloat32> drawn = tf.math.mul(posterior.deviation(), noise.normal(tf, posterior.mean()));
        Operand<TFloat32> z = tf.math.add(posterior.mean(), tf.math.mul(scale, drawn));
        // With noise the drawn z, without it the prior's mean.
        Operand<TFloat32> zOfOutput = tf.math.add(prior.mean(), tf.math.mul(scale, tf.math.sub(z, prior.mean())));
        return new Observation(
                output(tf, hidden, zOfOutput),
                recur(tf, x, z, state, Signals.NONE),
                Optional.of(divergence(tf, posterior, prior)));
    }

    private List<Operand<TFloat32>> recur(
            Ops tf, Operand<TFloat32> x, Operand<TFloat32> z, List<Operand<TFloat32>> state, Signals signals) {
        Operand<TFloat32> latent = featuresOfLatent.rectified(tf, z);
        signals.say("latent-features", latent);
        return recurrence.step(tf, tf.concat(List.of(x, latent), tf.constant(1)), state, List.of(), signals);
    }

    private Normal prior(Ops tf, Operand<TFloat32> hidden) {
        return normal(tf, priorNormal.of(tf, priorHidden.rectified(tf, hidden)));
    }

    private Normal posterior(Ops tf, Operand<TFloat32> x, Operand<TFloat32> hidden) {
        Operand<TFloat32> both = tf.concat(List.of(x, hidden), tf.constant(1));
        return normal(tf, posteriorNormal.of(tf, posteriorHidden.rectified(tf, both)));
    }

    private static Normal normal(Ops tf, Operand<TFloat32> raw) {
        var parts = tf.split(tf.constant(1), raw, 2L).output();
        return new Normal(parts.get(0), tf.math.add(tf.math.softplus(parts.get(1)), tf.constant(MIN_DEVIATION)));
    }

    /** KL(q ‖ p) {@code [B]}: Σ log σ_p/σ_q + (σ_q² + (μ_q − μ_p)²) / 2σ_p² − ½. */
    private Operand<TFloat32> divergence(Ops tf, Normal q, Normal p) {
        Operand<TFloat32> spread = tf.math.div(q.deviation(), p.deviation());
        Operand<TFloat32> distance = tf.math.div(tf.math.sub(q.mean(), p.mean()), p.deviation());
        Operand<TFloat32> squares = tf.math.add(tf.math.square(spread), tf.math.square(distance));
        Operand<TFloat32> terms =
                tf.math.sub(tf.math.mul(tf.math.sub(squares, tf.constant(1f)), tf.constant(0.5f)), tf.math.log(spread));
        return tf.reduceSum(terms, tf.constant(1));
    }
}
