// Draws a diagram of cell/diagrams.js, and shows in it what a step did: in each box how its values spread over the units, by
// the width of each line how much it carries.

import { h, s } from '../dom.js';

const BOX = { width: 78, height: 62 };
const ROUND = 14;
const BEND = 12;
const HEAD = 9;

/** Numbers as people read them: three digits that count. */
export function number(value) {
  if (value == null || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).replace('-', '−');
}

function sideOf(node, side) {
  const [x, y] = node.at;
  const [w, hgt] = extent(node);
  return { t: [x, y - hgt], b: [x, y + hgt], l: [x - w, y], r: [x + w, y] }[side];
}

function extent(node) {
  if (node.kind === 'layer') return [(node.width ?? BOX.width) / 2, BOX.height / 2];
  if (node.kind === 'port') return [17, 17];
  return node.wide ? [(node.width ?? 62) / 2, ROUND] : [ROUND, ROUND];
}

/** A path along the points, its corners round. */
function along(points) {
  const parts = [`M${points[0]}`];
  for (let i = 1; i < points.length - 1; i++) {
    const [before, at, after] = [points[i - 1], points[i], points[i + 1]];
    const reach = Math.min(BEND, length(before, at) / 2, length(at, after) / 2);
    parts.push(`L${towards(at, before, reach)}Q${at} ${towards(at, after, reach)}`);
  }
  parts.push(`L${points.at(-1)}`);
  return parts.join('');
}

const length = (a, b) => Math.hypot(b[0] - a[0], b[1] - a[1]);

function towards(from, to, by) {
  const whole = length(from, to) || 1;
  return [from[0] + ((to[0] - from[0]) * by) / whole, from[1] + ((to[1] - from[1]) * by) / whole];
}

function head([x0, y0], [x, y]) {
  const angle = (Math.atan2(y - y0, x - x0) * 180) / Math.PI;
  return s('path.head', { d: `M0,0L${-HEAD - 1},${-HEAD / 2}L${-HEAD - 1},${HEAD / 2}Z`, transform: `translate(${x} ${y}) rotate(${angle})` });
}

function drawLine(byId, { path, signal, role, arrow, dashed, thin }, pick) {
  const points = path.map((point) => {
    if (Array.isArray(point)) return point;
    const [id, side] = point.split('.');
    return sideOf(byId.get(id), side);
  });
  const end = points.at(-1);
  const before = points.at(-2);
  const stroke = s('path.stroke', { d: along(arrow ? [...points.slice(0, -1), towards(end, before, HEAD)] : points) });
  const element = s(`g.line${role ? `.${role}` : ''}${dashed ? '.dashed' : ''}`, { 'data-signal': signal },
    stroke, arrow && head(before, end),
    signal && s('path.hit', { d: along(points), onclick: () => pick(signal) }, s('title')));
  return { element, stroke, signal, fixed: !signal || dashed || thin };
}

/** A strip of how values spread: the units' density where they are known, ends, quartiles, mean. */
function strip(width, height) {
  const violin = s('path.violin');
  const whisker = s('line.whisker', { y1: height / 2, y2: height / 2 });
  const box = s('rect.quartiles', { y: height / 2 - 3, height: 6, rx: 2 });
  const mean = s('line.mean', { y1: 0, y2: height });
  const zero = s('line.zero', { y1: 0, y2: height });
  const element = s('g.strip', {}, s('rect.track', { width, height, rx: 3 }), zero, violin, whisker, box, mean);
  return {
    element,
    show(value, [low, high]) {
      const x = (v) => (width * (Math.min(high, Math.max(low, v)) - low)) / (high - low || 1);
      set(zero, { x1: x(0), x2: x(0) });
      zero.style.display = low < 0 && high > 0 ? '' : 'none';
      set(whisker, { x1: x(value.min), x2: x(value.max) });
      set(box, { x: x(value.p25), width: Math.max(1.5, x(value.p75) - x(value.p25)) });
      set(mean, { x1: x(value.mean), x2: x(value.mean) });
      violin.setAttribute('d', value.values?.length > 3 ? density(value.values, x, width, height) : '');
    },
  };
}

const BINS = 26;

/** The outline of the units' density, mirrored: a histogram smoothed over its neighbours. */
function density(values, x, width, height) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((x(value) / width) * BINS))]++;
  const smooth = counts.map((_, i) => ((counts[i - 1] ?? 0) + 2 * counts[i] + (counts[i + 1] ?? 0)) / 4);
  const most = Math.max(...smooth);
  const half = smooth.map((count, i) => [((i + 0.5) * width) / BINS, (count / most) * (height / 2)]);
  const upper = half.map(([at, y]) => `${at.toFixed(1)},${(height / 2 - y).toFixed(1)}`);
  const lower = half.map(([at, y]) => `${at.toFixed(1)},${(height / 2 + y).toFixed(1)}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === 'number' ? Number(value.toFixed(2)) : value);
  }
}

function drawNode(node, pick, describe) {
  const [x, y] = node.at;
  const [w, hgt] = extent(node);
  const g = s(`g.node.${node.kind}${node.tone ? `.${node.tone}` : ''}`, {
    transform: `translate(${x} ${y})`, 'data-signal': node.signal,
    ...(node.signal && node.kind !== 'port' ? {
      tabindex: 0, role: 'button',
      onkeydown: (event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          pick(node.signal);
        }
      },
    } : {}),
    onclick: () => node.signal && pick(node.signal),
  });
  if (node.kind === 'layer') g.append(s('rect.shape', { x: -w, y: -hgt, width: 2 * w, height: 2 * hgt, rx: 5 }));
  else if (node.wide) g.append(s('ellipse.shape', { rx: w, ry: hgt }));
  else g.append(s('circle.shape', { r: w }));
  const made = { node, element: g };
  const lift = node.kind === 'layer' && node.signal ? -14 : 5;
  g.append(s('text.symbol', { x: node.name ? 7 : 0, y: lift }, node.text));
  if (node.kind === 'layer' && node.signal) {
    made.strip = strip(2 * w - 16, 16);
    made.strip.element.setAttribute('transform', `translate(${8 - w} -6)`);
    made.mean = s('text.value', { y: 25 });
    g.append(made.strip.element, made.mean);
    if (node.name) g.append(s('text.name', { x: 5 - w, y: -15 }, node.name));
  }
  made.title = s('title', {}, node.signal ? describe(node.signal)[0] : '');
  g.append(made.title);
  return made;
}

/**
 * Draws a diagram.
 *
 * @param {Object} diagram of diagrams.js
 * @param {Object} how
 *     title: for those who don't see it;
 *     describe: [name, sentence] of a signal;
 *     pick: called with a signal that someone points out
 * @returns {{element: SVGElement, show: function(Object), choose: function(string)}} `show` takes
 *     value: of a signal, {mean, min, p25, p50, p75, max, values?} or undefined; domain: [low, high] of a signal's
 *     strip; weight: 0..1 of a signal's line
 */
export function draw(diagram, { title, describe, pick }) {
  const byId = new Map(diagram.nodes.map((node) => [node.id, node]));
  const lines = diagram.lines.map((it) => drawLine(byId, it, pick));
  const nodes = diagram.nodes.map((it) => drawNode(it, pick, describe));
  const [width, height] = diagram.size;
  const [bx, by, bw, bh] = diagram.body;
  const element = s('svg.cell-diagram', {
    viewBox: `-18 0 ${width + 26} ${height}`, role: 'group', 'aria-label': title,
  },
  s('rect.body', { x: bx, y: by, width: bw, height: bh, rx: 18 }),
  // What carries most is drawn last: thin lines pass beneath.
  [...lines].sort((a, b) => rank(a) - rank(b)).map((it) => it.element),
  nodes.map((it) => it.element),
  (diagram.labels ?? []).map(({ at, text, anchor }) => s('text.label', { x: at[0], y: at[1], 'text-anchor': anchor }, text)));

  return {
    element: diagram.caption ? h('figure', {}, element, h('figcaption', {}, diagram.caption)) : element,
    show({ value, domain, weight }) {
      for (const it of lines) {
        const known = it.signal && value(it.signal);
        if (!it.fixed) it.stroke.style.strokeWidth = `${(1.4 + 5.6 * (known ? weight(it.signal) : 0)).toFixed(2)}px`;
        const tip = it.element.querySelector('title');
        if (tip) tip.textContent = known ? `${describe(it.signal)[0]}: mean ${number(known.mean)}` : describe(it.signal)[0];
      }
      for (const it of nodes) {
        const known = it.node.signal && value(it.node.signal);
        if (!known) continue;
        it.strip?.show(known, domain(it.node.signal, it.node.range));
        if (it.mean) it.mean.textContent = number(known.mean);
        const words = `${describe(it.node.signal)[0]}: mean ${number(known.mean)}, half of the units from ${number(known.p25)} to ${number(known.p75)}`;
        it.title.textContent = words;
        it.element.setAttribute('aria-label', words);
      }
    },
    choose(signal) {
      element.querySelectorAll('[data-signal]').forEach((it) => it.classList.toggle('chosen', it.dataset.signal === signal));
      nodes.forEach((it) => {
        if (it.element.hasAttribute('tabindex')) it.element.setAttribute('aria-pressed', it.node.signal === signal);
      });
    },
  };
}

const rank = ({ fixed, element }) => (element.classList.contains('memory') ? 2 : fixed ? 0 : 1);
export { strip };
