// Numbers, times and distributions as people read them.

const DURATIONS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];
const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const SHORT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Three digits that count: 1.35, 59.3, 12,300. */
export function number(value) {
  if (value == null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2);
  if (size >= 1000) return COUNT.format(value);
  const whole = size === 0 ? 1 : Math.floor(Math.log10(size)) + 1;
  return String(Number(value.toFixed(Math.min(6, Math.max(0, 3 - whole)))));
}

/** A whole number: 12,300; above a million 1.2 M. */
export function count(value) {
  if (value == null || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1e9) return `${number(value / 1e9)} G`;
  if (Math.abs(value) >= 1e6) return `${number(value / 1e6)} M`;
  return COUNT.format(value);
}

/** A rate or a mean: whole from 10 on. */
export function rate(value) {
  if (value == null || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 10 ? count(value) : String(Number(value.toFixed(1)));
}

/** Milliseconds in the largest unit that they fill. */
export function duration(ms) {
  if (ms == null || !Number.isFinite(ms)) return '–';
  const [size, unit] = DURATIONS.find(([least]) => Math.abs(ms) >= least) ?? [1, 'ms'];
  return `${number(ms / size)} ${unit}`;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${(100 * share).toFixed(share >= 0.0995 || share === 0 ? 0 : 1)} %`;
}

/** A score with as many digits as tell it from 1. */
export function score(value) {
  if (value == null) return '–';
  if (value >= 0.9999) return value >= 1 ? '1' : '> 0.9999';
  return value.toFixed(value >= 0.99 ? 4 : value >= 0.9 ? 3 : 2);
}

export function nats(value) {
  return value == null ? '–' : `${value.toFixed(Math.abs(value) >= 100 ? 0 : 1)}`;
}

/** Whether it is of the same day in this browser's zone. */
function sameDay(a, b) {
  return a.toDateString() === b.toDateString();
}

/** A clock time in this browser's zone, with its day where that is not `near`'s. */
export function time(iso, near = Date.now()) {
  if (!iso) return '–';
  const at = new Date(iso);
  return sameDay(at, new Date(near)) ? CLOCK.format(at) : `${DAY.format(at)} ${CLOCK.format(at)}`;
}

export const clock = (iso) => (iso ? CLOCK.format(new Date(iso)) : '–');
export const minute = (iso) => SHORT.format(new Date(iso));
export const day = (iso) => DAY.format(new Date(iso));

/**
 * A `<time>` that says the whole of it, in UTC, to who points at it.
 *
 * @param {string|number} near the day that goes without saying; none: today
 */
export function when(iso, near = undefined) {
  const element = document.createElement('time');
  setWhen(element, iso, near);
  return element;
}

export function setWhen(element, iso, near = undefined) {
  const text = time(iso, near);
  if (element.textContent === text) return;
  element.dateTime = iso ?? '';
  element.title = iso ?? '';
  element.textContent = text;
}

/** A value less likely than this isn't named beside likelier ones. */
const WORTH_SAYING = 0.005;

/**
 * How the values of the fields are written: their units, and which of them are times.
 *
 * @param {{fields: Array}} model of `GET /model`
 */
export class Units {
  constructor(model) {
    this.fields = new Map((model?.fields ?? []).map((field) => [field.name, field]));
  }

  isTime(name) {
    return ['since-previous', 'since-start'].includes(this.fields.get(name)?.kind);
  }

  quantity(name, value) {
    if (this.isTime(name)) return duration(value);
    const unit = this.fields.get(name)?.unit;
    return unit ? `${number(value)} ${unit}` : number(value);
  }

  /** What came; a dash where the field was missing. */
  observed({ field, observed, expected }) {
    if (observed == null) return '–';
    if (expected.kind === 'binary') return String(observed) === 'true' ? 'yes' : 'no';
    if (expected.kind === 'continuous') return this.quantity(field, Number(observed));
    return String(observed);
  }

  /** A median with the range that holds nine of ten, or the likeliest values. */
  expected(field, expected) {
    switch (expected.kind) {
      case 'continuous':
        return `${this.quantity(field, expected.median)} (${this.range(field, expected)})`;
      case 'binary':
        return percent(expected.probability);
      default:
        return expected.top.slice(0, 3).filter((it, i) => i === 0 || it.probability >= WORTH_SAYING).map((it) => `${it.value} ${percent(it.probability)}`).join(', ');
    }
  }

  range(field, { p05, p95 }) {
    return this.isTime(field)
      ? `${duration(p05)} to ${duration(p95)}`
      : `${number(p05)} to ${number(p95)}`;
  }
}

/** How likely what came was: outside of nine of ten, or less likely than one in twenty. */
export function unlikely({ observed, expected }) {
  if (observed == null) return false;
  switch (expected.kind) {
    case 'continuous':
      return Number(observed) < expected.p05 || Number(observed) > expected.p95;
    case 'binary':
      return (String(observed) === 'true' ? expected.probability : 1 - expected.probability) < 0.05;
    case 'categorical':
      return (expected.top.find((it) => it.value === String(observed))?.probability ?? 0) < 0.05;
    default:
      return false;
  }
}

/**
 * How much more an observed value surprised than the likeliest would have, nats. This tells which field an alarm is
 * due to; the surprise itself is larger for a field that is hard to predict, whatever comes. A continuous field's is
 * that of a normal distribution with its quantiles.
 */
export function excess({ observed, expected, surprise }) {
  if (observed == null) return 0;
  switch (expected.kind) {
    case 'continuous': {
      const { median, p05, p95 } = expected;
      const far = Number(observed) - median;
      const sigma = (far < 0 ? median - p05 : p95 - median) / 1.645;
      return sigma > 0 ? (far / sigma) ** 2 / 2 : 0;
    }
    case 'categorical':
      return Math.max(0, surprise + Math.log(Math.max(1e-12, expected.top[0]?.probability ?? 1)));
    case 'binary':
      return Math.max(0, surprise + Math.log(Math.max(expected.probability, 1 - expected.probability)));
    default:
      return surprise;
  }
}

/** The field that an event's surprise is due to; none where nothing is predicted. */
export const culprit = (fields) => fields.reduce((a, b) => (a == null || excess(b) > excess(a) ? b : a), null);

/**
 * How far out a score is: the decimal logarithm of "one in so many normal events surprises as much". 0 for the
 * commonest, 1 for one in ten, 4 and more for one in 10,000 and rarer, which is where it ends.
 */
export function tail(value) {
  return Math.min(4, Math.max(0, -Math.log10(Math.max(1e-9, 1 - value))));
}

/** The class of colours of a score: calm, notable from one in a hundred, rare from one in a thousand. */
export function severity(value) {
  return value >= 0.999 ? 'rare' : value >= 0.99 ? 'notable' : 'calm';
}
