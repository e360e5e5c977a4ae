// The demo's ground truth: the faults that its simulation injected, and the alarms held against them.

import { get } from './api.js';
import { h, perFrame, s, say } from './dom.js';
import { clock, duration, minute } from './format.js';
import { live } from './live.js';

/** How much event time the lanes show. The demo's fleet moves many times faster than the clock on the wall. */
const WINDOW_MS = 3 * 3_600_000;
const LEAST_MS = 1_800_000;
const LANE = 16;
const LEFT = 72;
const RIGHT = 8;
const MOST_LANES = 24;
const MOST_ALARMS = 500;
const LISTED = 12;

export function faults(fail) {
  const tally = h('p.tally');
  const svg = s('svg.plot.lanes', { role: 'img', 'aria-label': 'Faults as bars, alarms as triangles, a lane an entity' });
  const figure = h('figure.chart', {}, svg);
  const listed = h('tbody');
  const element = h('section.card.faults', { 'aria-label': 'Injected faults' },
    h('header', {}, h('h2', {}, 'Injected faults'), tally), figure,
    h('p.legend', {},
      h('span.key.caught', {}, 'caught'), h('span.key.acting', {}, 'acting now'), h('span.key.missed', {}, 'missed'),
      h('span.key.alarm', {}, 'alarm'), h('span.key.vain', {}, 'raised in vain')),
    h('details', {}, h('summary', {}, 'The last faults in words'), h('table', {}, h('thead', {}, h('tr', {},
      ['entity', 'fault', 'from', 'to', 'outcome'].map((it) => h('th', { scope: 'col' }, it)))), listed)));
  let now = 0;
  let width = 0;
  let judged = { faults: [], alarms: [] };
  const draw = perFrame(() => {
    svg.replaceChildren(...(width ? lanes(svg, judged, now, width) : []));
  });
  const newer = ({ detail }) => {
    for (const it of [].concat(detail)) now = Math.max(now, Date.parse(it.time));
  };
  live.addEventListener('scores', newer);
  new ResizeObserver(([entry]) => {
    width = Math.round(entry.contentRect.width);
    draw();
  }).observe(figure);

  return {
    element,
    close: () => live.removeEventListener('scores', newer),
    async ask() {
      try {
        const [truth, raised] = await Promise.all([get('demo/faults'), get('alarms', { limit: MOST_ALARMS })]);
        judged = judge(truth, raised.alarms);
        now = Math.max(now, ...raised.alarms.map((it) => Date.parse(it.time)), ...judged.faults.map((it) => it.from));
        const outcomes = judged.faults.map((it) => outcome(it, now));
        const number = (kind) => outcomes.filter((it) => it === kind).length;
        const vain = judged.alarms.filter((it) => it.vain).length;
        say(tally, `${number('caught')} caught, ${number('missed')} missed, ${number('acting')} acting now; `
          + `${vain} of ${judged.alarms.length} alarms in vain`);
        listed.replaceChildren(...judged.faults.slice(-LISTED).reverse().map((it) => row(it, now)));
        draw();
      } catch (e) {
        fail(e);
      }
    },
  };
}

/** An alarm between the start of a fault and its end plus the grace is explained by it; any other is in vain. */
function judge({ faults: injected, grace = 0 }, raised) {
  const known = injected.map((it) => ({
    ...it, from: Date.parse(it.from), to: Date.parse(it.to), until: Date.parse(it.to) + grace,
    caught: it.caught && Date.parse(it.caught),
  }));
  return {
    faults: known,
    alarms: raised.map((it) => {
      const at = Date.parse(it.time);
      return { key: it.key, at, vain: !known.some((f) => f.entity === it.key && at >= f.from && at <= f.until) };
    }),
  };
}

const outcome = (it, now) => (it.caught ? 'caught' : now > it.until ? 'missed' : 'acting');

function row(it, now) {
  const how = outcome(it, now);
  return h('tr', {},
    h('th', { scope: 'row' }, h('a', { href: `#/entity/${encodeURIComponent(it.entity)}` }, it.entity)),
    h('td', {}, it.kind), h('td.n', {}, clock(it.from)), h('td.n', {}, clock(it.to)),
    h(`td.outcome.${how}`, {}, how === 'caught' ? `caught after ${duration(it.caught - it.from)}` : how));
}

function lanes(svg, { faults: known, alarms }, now, width) {
  const first = Math.min(...known.map((it) => it.from), ...alarms.map((it) => it.at));
  const span = Math.min(WINDOW_MS, Math.max(LEAST_MS, now - first));
  const from = now - span;
  const shown = known.filter((it) => it.to > from);
  const marks = alarms.filter((it) => it.at > from);
  const names = [...new Set([...shown.map((it) => it.entity), ...marks.map((it) => it.key)])].sort().slice(0, MOST_LANES);
  const height = names.length * LANE + 22;
  svg.setAttribute('width', width);
  svg.setAttribute('height', height);
  const x = (at) => LEFT + (Math.max(0, at - from) / span) * (width - LEFT - RIGHT);
  const y = (name) => names.indexOf(name) * LANE + LANE / 2 + 2;
  const has = (name) => names.includes(name);
  const hours = [];
  const apart = span > 2 * LEAST_MS ? LEAST_MS : LEAST_MS / 3;
  for (let at = Math.ceil(from / apart) * apart; at <= now; at += apart) hours.push(at);
  return [
    ...hours.flatMap((at) => [
      s('line.grid', { x1: x(at), x2: x(at), y1: 0, y2: height - 18 }),
      s('text.tick', { x: x(at), y: height - 5, 'text-anchor': 'middle' }, minute(at)),
    ]),
    ...names.flatMap((name) => [
      s('text.tick', { x: LEFT - 8, y: y(name) + 4, 'text-anchor': 'end' }, name.length > 10 ? `${name.slice(0, 9)}…` : name),
      s('line.lane', { x1: LEFT, x2: width - RIGHT, y1: y(name), y2: y(name) }),
    ]),
    ...shown.filter((it) => has(it.entity)).map((it) => s(`rect.fault.${outcome(it, now)}`, {
      x: x(it.from), y: y(it.entity) - 5, width: Math.max(4, x(Math.min(it.to, now)) - x(it.from)), height: 10, rx: 2,
    }, s('title', {}, `${it.entity}: ${it.kind}, ${clock(it.from)} to ${clock(it.to)}, ${outcome(it, now)}`))),
    ...marks.filter((it) => has(it.key)).map((it) => s(`path.mark.${it.vain ? 'vain' : 'alarm'}`, {
      d: `M${x(it.at)},${y(it.key) - 6}l4.5,8h-9z`,
    }, s('title', {}, `${it.key}: alarm at ${clock(it.at)}${it.vain ? ', in vain' : ''}`))),
  ];
}
