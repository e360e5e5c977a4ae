// What is known of the signals of one layer over an entity's last steps.

/** How large a signal is: the mean size of its values; where only their spread is known, that of its quartiles and ends. */
export function size(value) {
  if (!value) return 0;
  const numbers = value.values?.length ? value.values : [value.min, value.p25, value.p50, value.p75, value.max];
  return numbers.reduce((sum, v) => sum + Math.abs(v), 0) / numbers.length;
}

/** The signals of a layer, with scales that hold for all steps: what is wide in one step is wide beside the others. */
export class Signals {
  #steps;
  #prefix;
  #together;
  #sizes = new Map();
  #domains = new Map();

  /**
   * @param {Array} steps of the API
   * @param {number} layer counted from 1
   * @param {Array} memories of the cell; lines of one memory have one scale
   */
  constructor(steps, layer, memories) {
    this.#steps = steps;
    this.#prefix = `${layer}.`;
    this.#together = memories.map((it) => [it.before, it.kept, ...it.written, it.after]);
  }

  /** Of a step, or undefined. */
  value(index, signal) {
    const step = this.#steps[index];
    return signal === 'divergence' ? this.#divergence(step) : step?.signals[this.#prefix + signal];
  }

  names() {
    const first = this.#steps[0]?.signals ?? {};
    return Object.keys(first).filter((name) => name.startsWith(this.#prefix)).map((name) => name.slice(this.#prefix.length));
  }

  all(signal) {
    return this.#steps.map((_, index) => this.value(index, signal));
  }

  /** 0..1: how far a gate is open; of other signals, how much there is in a step beside what there is in others. */
  weight(index, signal, range) {
    const value = this.value(index, signal);
    if (!value) return 0;
    if (range === 'share') return value.mean;
    const group = this.#together.find((it) => it.includes(signal)) ?? [signal];
    const most = Math.max(...group.map((name) => this.#largest(name)));
    return most > 0 ? Math.min(1, size(value) / most) : 0;
  }

  #largest(signal) {
    if (!this.#sizes.has(signal)) this.#sizes.set(signal, Math.max(0, ...this.all(signal).map(size)));
    return this.#sizes.get(signal);
  }

  /** [low, high] for an axis. @param {string} [range] 'share' or 'sign' where the values can't leave 0..1 or -1..1 */
  domain(signal, range) {
    if (range === 'share') return [0, 1];
    if (range === 'sign') return [-1, 1];
    if (!this.#domains.has(signal)) {
      const values = this.all(signal).filter(Boolean);
      const low = Math.min(...values.map((it) => it.min));
      const high = Math.max(...values.map((it) => it.max));
      const bound = Math.max(Math.abs(low), Math.abs(high)) || 1;
      this.#domains.set(signal, low >= 0 ? [0, bound] : [-bound, bound]);
    }
    return this.#domains.get(signal);
  }

  /** KL(posterior ‖ prior) by dimension: log σ_p/σ_q + (σ_q² + (μ_q − μ_p)²) / 2σ_p² − ½. Known where all values are. */
  #divergence(step) {
    const [q, qs, p, ps] = ['posterior-mean', 'posterior-deviation', 'prior-mean', 'prior-deviation']
      .map((name) => step?.signals[this.#prefix + name]?.values);
    if (!q || !qs || !p || !ps) return undefined;
    const values = q.map((mean, i) => Math.log(ps[i] / qs[i]) + (qs[i] ** 2 + (mean - p[i]) ** 2) / (2 * ps[i] ** 2) - 0.5);
    return spread(values);
  }
}

/** Mean, ends and quartiles, interpolated between the two nearest values. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return {
    mean: values.reduce((sum, v) => sum + v, 0) / values.length,
    min: sorted[0], p25: at(0.25), p50: at(0.5), p75: at(0.75), max: sorted.at(-1), values,
  };
}
