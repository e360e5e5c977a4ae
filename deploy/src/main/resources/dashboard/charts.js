// The charts: SVG, coloured by style.css alone, so that light and dark cost nothing.

import { h, perFrame, s } from './dom.js';
import { clock, day, duration, minute, nats, number, severity, unlikely } from './format.js';

/**
 * A line of values without axes.
 *
 * @param {string} label what it is, for who doesn't see it
 * @returns {{element: SVGElement, draw: function(number[], number, number)}} draw takes the values, oldest first, and
 *     the values of the lower and the upper edge
 */
export function spark(label, width = 96, height = 24) {
  const area = s('path.area');
  const line = s('path.line', { 'vector-effect': 'non-scaling-stroke' });
  const element = s('svg.spark', {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
  }, area, line);
  let drawn = '';
  return {
    element,
    draw(values, low, high) {
      const span = high - low || 1;
      const dx = width / Math.max(1, values.length - 1);
      const points = values.map((v, i) =>
        `${(i * dx).toFixed(1)},${(height - 1 - ((v - low) / span) * (height - 2)).toFixed(1)}`);
      const path = points.length ? `M${points.join('L')}` : '';
      if (path === drawn) return;
      drawn = path;
      line.setAttribute('d', path);
      area.setAttribute('d', path && `${path}L${((values.length - 1) * dx).toFixed(1)},${height}L0,${height}Z`);
    },
  };
}

/** A share from 0 to 1 as a bar behind its words. */
export function bar(share, label, value) {
  const element = h('div.bar-row', {},
    h('span.bar-label', { title: label }, label), h('span.bar-track', {}, h('span.bar-fill')), h('span.n', {}, value));
  element.querySelector('.bar-fill').style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  return element;
}

/** Values that a person would put on an axis: 1, 2 or 5 times a power of ten apart. */
export function ticks(low, high, most) {
  const raw = (high - low) / Math.max(1, most);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) found.push(Number(v.toPrecision(12)));
  return found;
}

const LEFT = 72;
const RIGHT = 10;
const TOP = 8;
const AXIS = 18;

/**
 * Charts side by side that show the same events, evenly spaced, oldest first: what is pointed at or chosen in one is so
 * in all.
 */
export class Columns {
  /** Each with `time` (ISO 8601), or with `label`. */
  columns = [];
  /** Whether a column for what comes next follows. */
  next = false;
  chosen = -1;
  #charts = [];
  #onChoose;

  /** @param {function(number)} onChoose called with the index of a column that somebody chose */
  constructor(onChoose = () => {}) {
    this.#onChoose = onChoose;
  }

  /** @returns {HTMLElement} the chart's figure; `draw` is called with a plot of the width that there is */
  add(title, label, height, draw) {
    const svg = s('svg.plot', { role: 'img', 'aria-label': label });
    const figure = h('figure.chart', {}, h('figcaption', {}, title), svg);
    const chart = { svg, draw, height, width: 0, over: s('g.over') };
    chart.redraw = perFrame(() => this.#draw(chart));
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width !== chart.width) {
        chart.width = width;
        chart.redraw();
      }
    }).observe(figure);
    svg.addEventListener('pointermove', (event) => this.#point(this.#at(chart, event)));
    svg.addEventListener('pointerleave', () => this.#point(-1));
    svg.addEventListener('click', (event) => this.#onChoose(this.#at(chart, event)));
    this.#charts.push(chart);
    return figure;
  }

  set(columns, next) {
    this.columns = columns;
    this.next = next;
    this.#charts.forEach((chart) => chart.redraw());
  }

  choose(index) {
    this.chosen = index;
    this.#charts.forEach((chart) => this.#drawOver(chart));
  }

  #pointed = -1;

  #point(index) {
    if (index === this.#pointed) return;
    this.#pointed = index;
    this.#charts.forEach((chart) => this.#drawOver(chart));
  }

  #at(chart, event) {
    const x = event.clientX - chart.svg.getBoundingClientRect().left;
    const index = Math.floor((x - LEFT) / this.#step(chart));
    return index >= 0 && index < this.columns.length ? index : -1;
  }

  #step(chart) {
    return Math.max(1, chart.width - LEFT - RIGHT) / Math.max(1, this.columns.length + (this.next ? 1 : 0));
  }

  #draw(chart) {
    const height = typeof chart.height === 'function' ? chart.height() : chart.height;
    chart.svg.setAttribute('width', chart.width);
    chart.svg.setAttribute('height', height);
    const step = this.#step(chart);
    const plot = {
      left: LEFT, right: chart.width - RIGHT, top: TOP, bottom: height - AXIS, step, columns: this.columns,
      x: (i) => LEFT + (i + 0.5) * step,
    };
    chart.plot = plot;
    chart.svg.replaceChildren(s('g.axis', {}, this.#times(plot)), s('g', {}, chart.draw(plot)), chart.over);
    this.#drawOver(chart);
  }

  #times(plot) {
    const { columns } = this;
    const labels = [];
    let last = '';
    const every = Math.max(1, Math.ceil(62 / plot.step));
    const end = plot.right - (this.next ? 58 : 24);
    for (let i = Math.floor(every / 2); i < columns.length && plot.x(i) <= end; i += every) {
      const column = columns[i];
      const today = column.time && day(column.time);
      const text = column.label ?? (last && last !== today ? today : this.#short() ? minute(column.time) : clock(column.time));
      last = today;
      labels.push(s('text.tick', { x: plot.x(i), y: plot.bottom + 13, 'text-anchor': 'middle' }, text));
    }
    if (this.next) {
      labels.push(s('text.tick.next', { x: plot.right, y: plot.bottom + 13, 'text-anchor': 'end' }, 'next'));
    }
    return labels;
  }

  /** Whether minutes tell the columns apart well enough. */
  #short() {
    const { columns } = this;
    return new Date(columns.at(-1).time) - new Date(columns[0].time) > columns.length * 60_000;
  }

  #drawOver({ over, plot }) {
    if (!plot) return;
    const band = (index, name) => index >= 0 && index < this.columns.length && s(`rect.${name}`, {
      x: plot.x(index) - plot.step / 2, y: plot.top, width: plot.step, height: plot.bottom - plot.top,
    });
    over.replaceChildren(...[band(this.chosen, 'chosen'), band(this.#pointed, 'pointed')].filter(Boolean));
  }
}

/** Lines where alarms started, on a ground that says how long they lasted. */
const alarms = (plot) => plot.columns.map((column, i) => [
  column.alarming && s('rect.alarming', {
    x: plot.x(i) - plot.step / 2, y: plot.top, width: plot.step, height: plot.bottom - plot.top,
  }),
  column.alarm && s('line.alarm', { x1: plot.x(i), x2: plot.x(i), y1: plot.top, y2: plot.bottom }),
]);

function grid(plot, y, values, label) {
  return values.map((v) => [
    s('line.grid', { x1: plot.left, x2: plot.right, y1: y(v), y2: y(v) }),
    s('text.tick', { x: plot.left - 6, y: y(v) + 4, 'text-anchor': 'end' }, label(v)),
  ]);
}

/** How much each event surprised: a stem each, on a scale that bends (asinh), as surprises differ by orders of size. */
export function surprises(plot) {
  const { columns } = plot;
  if (!columns.length) return [];
  const bend = (v) => Math.asinh(v / 4);
  const low = Math.min(0, ...columns.map((it) => it.surprise));
  const high = Math.max(8, ...columns.map((it) => it.surprise));
  const y = (v) => plot.bottom - ((bend(v) - bend(low)) / (bend(high) - bend(low))) * (plot.bottom - plot.top);
  const marked = [-1000, -100, -10, 0, 3, 10, 30, 100, 300, 1000, 10_000].filter((v) => v >= low && v <= high);
  return [
    grid(plot, y, marked, number),
    alarms(plot),
    columns.map((it, i) => s(`g.stem.${it.alarm ? 'alarmed' : severity(it.score)}`, {},
      s('title', {}, `step ${it.step}: ${nats(it.surprise)} nats, score ${it.score}`),
      s('line', { x1: plot.x(i), x2: plot.x(i), y1: y(0), y2: y(it.surprise) }),
      s('circle', { cx: plot.x(i), cy: y(it.surprise), r: it.alarm ? 5 : Math.min(3, Math.max(1.5, 0.4 * plot.step)) }))),
  ];
}

/**
 * A continuous field: the band that nine of ten values were expected in, the median, what came, and a ring around what
 * came outside; full where the event started an alarm.
 *
 * @param {string} name of the field
 * @param {Function} next the expected distribution of the event that hasn't come, or null
 */
export function continuous(name, units, next = () => null) {
  return (plot) => {
    const seen = plot.columns.map((column) => column.fields?.find((it) => it.field === name));
    const coming = next();
    const spans = [...seen.map((it) => it?.expected), coming];
    const known = spans.filter(Boolean);
    if (!known.length) return [];
    const values = seen.filter((it) => it?.observed != null).map((it) => Number(it.observed));
    // A band that is very wide now and then must not press the rest flat.
    const low = Math.min(...values, ...known.map((it) => it.median), quantile(known.map((it) => it.p05), 0.1));
    const high = Math.max(...values, ...known.map((it) => it.median), quantile(known.map((it) => it.p95), 0.9));
    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    const y = (v) => {
      const at = plot.bottom - ((v - low + margin) / (high - low + 2 * margin)) * (plot.bottom - plot.top);
      return Math.min(plot.bottom, Math.max(plot.top, at));
    };
    const marked = ticks(low - margin, high + margin, 4);
    const label = units.isTime(name) ? duration : number;
    return [
      grid(plot, y, marked, label),
      alarms(plot),
      runs(spans).map(({ from, items }) => [
        s('path.band', { d: band(items, from, plot, y) }),
        s('path.median', { d: line(items.map((it, i) => [plot.x(from + i), y(it.median)])) }),
      ]),
      runs(seen.map((it) => (it?.observed == null ? null : it))).map(({ from, items }) =>
        s('path.seen', { d: line(items.map((it, i) => [plot.x(from + i), y(Number(it.observed))])) })),
      seen.map((it, i) => it?.observed != null && s(`circle.${unlikely(it) ? 'out' : 'in'}`, {
        cx: plot.x(i), cy: y(Number(it.observed)), r: unlikely(it) ? 4.5 : 1.6,
        class: unlikely(it) ? (plot.columns[i].alarm ? 'out alarmed' : 'out') : 'in',
      }, s('title', {}, `${units.observed(it)}, expected ${units.expected(name, it.expected)}`))),
      coming && s('line.coming', {
        x1: plot.x(plot.columns.length), x2: plot.x(plot.columns.length), y1: y(coming.p05), y2: y(coming.p95),
      }),
    ];
  };
}

/**
 * A categorical field, flags, or a yes or no: a row a value, as dark as it was likely, a dot where it came.
 *
 * @param {string} name of the field
 */
export function heat(name, units, values, next = () => null) {
  return (plot) => {
    const rows = values();
    const size = (plot.bottom - plot.top) / Math.max(1, rows.length);
    const cell = (expected, i, row, r) => {
      const share = likelihood(expected, row);
      return share > 0.005 && s('rect.cell', {
        x: plot.x(i) - plot.step / 2 + 0.5, y: plot.top + r * size + 1, width: Math.max(1, plot.step - 1),
        height: size - 2, 'fill-opacity': (0.8 * share).toFixed(3),
      }, s('title', {}, `${row}: ${(100 * share).toFixed(1)} %`));
    };
    const coming = next();
    return [
      rows.map((row, r) => s('text.tick', {
        x: plot.left - 6, y: plot.top + (r + 0.5) * size + 4, 'text-anchor': 'end',
      }, row.length > 10 ? `${row.slice(0, 9)}…` : row, s('title', {}, row))),
      alarms(plot),
      plot.columns.map((column, i) => {
        const it = column.fields?.find((field) => field.field === name);
        return it && rows.map((row, r) => [
          cell(it.expected, i, row, r),
          came(it, row) && s('circle', {
            cx: plot.x(i), cy: plot.top + (r + 0.5) * size, r: Math.min(4.5, size / 3, Math.max(1.6, 0.42 * plot.step)),
            class: unlikely(it) ? (column.alarm ? 'out alarmed' : 'out') : 'dot',
          }, s('title', {}, `${units.observed(it)}, expected ${units.expected(name, it.expected)}`)),
        ]);
      }),
      coming && rows.map((row, r) => cell(coming, plot.columns.length, row, r)),
    ];
  };
}

const MOST_ROWS = 8;
const LEAST_LIKELY = 0.05;

/**
 * The values of a field that its chart has rows for: those that came most, then those that were expected most; none that
 * never came nor was ever likely.
 */
export function rowsOf(name, columns, next) {
  const weights = new Map();
  const add = (value, weight) => weight >= LEAST_LIKELY && weights.set(value, (weights.get(value) ?? 0) + weight);
  for (const it of columns.flatMap((column) => column.fields?.find((field) => field.field === name) ?? [])) {
    if (it.observed != null) observedValues(it).forEach((value) => add(value, 1000));
    likely(it.expected).forEach(({ value, probability }) => add(value, probability));
  }
  if (next) likely(next).forEach(({ value, probability }) => add(value, probability));
  return [...weights].sort(([, a], [, b]) => b - a).slice(0, MOST_ROWS).map(([value]) => value).sort();
}

const likely = (expected) => (expected.kind === 'binary'
  ? [{ value: 'yes', probability: expected.probability }]
  : expected.top);

function likelihood(expected, row) {
  return likely(expected).find((it) => it.value === row)?.probability ?? 0;
}

function observedValues({ expected, observed }) {
  if (expected.kind === 'binary') return String(observed) === 'true' ? ['yes'] : [];
  return Array.isArray(observed) ? observed.map(String) : [String(observed)];
}

const came = (it, row) => it.observed != null && observedValues(it).includes(row);

/** Stretches without a gap. */
function runs(items) {
  const found = [];
  items.forEach((it, i) => {
    if (it == null) return;
    if (i > 0 && items[i - 1] != null) found.at(-1).items.push(it);
    else found.push({ from: i, items: [it] });
  });
  return found;
}

const line = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`;

function band(items, from, plot, y) {
  // A stretch of one is as wide as its column.
  const half = items.length === 1 ? plot.step / 2 : 0;
  const upper = items.flatMap((it, i) => [[plot.x(from + i) - half, y(it.p95)], ...(half ? [[plot.x(from + i) + half, y(it.p95)]] : [])]);
  const lower = items.flatMap((it, i) => [[plot.x(from + i) - half, y(it.p05)], ...(half ? [[plot.x(from + i) + half, y(it.p05)]] : [])]);
  return `${line([...upper, ...lower.reverse()])}Z`;
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))];
}
