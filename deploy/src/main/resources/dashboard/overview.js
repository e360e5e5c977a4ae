// All entities, what alarmed, how the stream runs; in the demo, which faults were caught.

import { get } from './api.js';
import { spark } from './charts.js';
import { h, perFrame, reconcile, repeat, say } from './dom.js';
import { count, excess, nats, rate, score, setWhen, severity, tail, Units, when } from './format.js';
import { faults } from './faults.js';
import { live } from './live.js';

const ORDERS = { score: 'score', alarm: 'latest alarm', recent: 'latest event', key: 'key' };
const PAGE = 50;
const MOST = 500;
const SPARK_EVENTS = 32;
const LIST_MS = 2000;
/** The demo's time goes fast. */
const FAULTS_MS = 1000;

export function overview(page, { fail, announce }) {
  const stops = [];
  const on = (type, listener) => {
    live.addEventListener(type, listener);
    stops.push(() => live.removeEventListener(type, listener));
  };
  page.append(h('h1.sr', {}, 'Overview'));
  const list = entityList(fail);
  const alarms = alarmList(fail, announce);
  const board = tiles();
  const side = h('div.side', {}, alarms.element);
  const main = h('div.columns', {}, list.element, side);
  page.append(board.element, main);
  on('tick', board.draw);
  on('scores', ({ detail }) => list.take([].concat(detail)));
  on('alarm', ({ detail }) => alarms.take(detail));
  // The application may have been away, or not yet up.
  on('link', () => {
    if (live.state !== 'live') return;
    list.ask();
    alarms.ask();
  });
  board.draw();
  stops.push(repeat(list.ask, LIST_MS), list.close);
  alarms.ask();
  demo(side, stops, fail);
  return () => stops.forEach((stop) => stop());
}

/** The demo knows which faults it injected. */
function demo(side, stops, fail) {
  const stop = repeat(async () => {
    try {
      const { also } = await get('status');
      stop();
      if (!also.includes('/api/v1/demo/faults')) return;
      const view = faults(fail);
      side.prepend(view.element);
      stops.push(repeat(view.ask, FAULTS_MS), view.close);
    } catch (e) {
      fail(e);
    }
  }, LIST_MS);
  stops.push(stop);
}

/** How the stream runs: now, and over the last two minutes. */
function tiles() {
  const KINDS = [
    ['throughput', 'events / s', rate],
    ['lag', 'behind', count],
    ['backlog', 'backlog', count],
    ['batchSize', 'events / batch', rate],
    ['entities', 'entities', count],
    ['alarms', 'alarms', count],
  ];
  const shown = KINDS.map(([name, label, format]) => {
    const value = h('dd', {}, '–');
    const line = spark(`${label}, the last two minutes`, 120, 28);
    return { name, format, value, line, element: h('div.tile', { 'data-name': name }, h('dt', {}, label), value, line.element) };
  });
  const draw = perFrame(() => {
    for (const { name, format, value, line } of shown) {
      // No batch between two ticks has no size.
      const values = live.ticks.map((tick) => tick[name]).filter(Number.isFinite);
      say(value, format(values.at(-1)));
      line.draw(values, Math.min(0, ...values), 1.3 * Math.max(1, ...values));
    }
  });
  return { element: h('dl.tiles', { 'aria-label': 'The stream' }, shown.map((it) => it.element)), draw };
}

/**
 * The list keeps its order while somebody points at it or is in it with the keyboard; values go on. Only rows that are
 * seen are drawn, once a frame.
 */
function entityList(fail) {
  const rows = new Map();
  const elements = new Map();
  const dirty = new Set();
  let order = 'score';
  let prefix = '';
  let limit = PAGE;
  let held = false;
  let newest = 0;

  const body = h('tbody');
  const note = h('p.dim');
  const more = h('button.more', { type: 'button', hidden: true, onclick: () => { limit = Math.min(MOST, limit + PAGE); ask(); } }, 'More');
  const element = h('section.card.entities', { 'aria-label': 'Entities' },
    h('header', {},
      h('h2', {}, 'Entities'),
      h('label', {}, h('span.sr', {}, 'Keys that begin with'), h('input', {
        type: 'search', placeholder: 'begins with', size: 12, spellcheck: 'false',
        oninput: (event) => { prefix = event.target.value; limit = PAGE; ask(); },
      })),
      h('label', {}, 'by ', h('select', { onchange: (event) => { order = event.target.value; ask(); } },
        Object.entries(ORDERS).map(([value, label]) => h('option', { value }, label))))),
    h('table', {},
      h('thead', {}, h('tr', {},
        h('th', { scope: 'col' }, 'entity'), h('th.wide', { scope: 'col' }, `last ${SPARK_EVENTS} scores`),
        h('th.n', { scope: 'col' }, 'score'), h('th.n.mid', { scope: 'col' }, 'nats'),
        h('th.n.mid', { scope: 'col' }, 'step'), h('th.n', { scope: 'col' }, 'event'))),
      body),
    note, more);
  body.addEventListener('pointerenter', () => { held = true; });
  body.addEventListener('pointerleave', () => { held = false; });
  body.addEventListener('keydown', move);

  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const row = rows.get(target.dataset.key);
      if (!row) continue;
      row.seen = isIntersecting;
      if (isIntersecting) touch(row);
    }
  }, { rootMargin: '100px' });

  const draw = perFrame(() => {
    for (const row of dirty) if (row.seen) drawRow(row);
    dirty.clear();
  });

  function touch(row) {
    dirty.add(row);
    draw();
  }

  function make(entity) {
    const line = spark(`the last scores of ${entity.key}`);
    const row = rows.get(entity.key);
    row.line = line;
    row.cells = {
      score: h('td.n.score'), nats: h('td.n.mid'), step: h('td.n.mid'), time: h('time'),
    };
    const link = h('a', { href: `#/entity/${encodeURIComponent(entity.key)}` }, entity.key);
    row.element = h('tr', { 'data-key': entity.key },
      h('th', { scope: 'row' }, h('i.state', { 'aria-hidden': 'true' }), link),
      h('td.wide', {}, line.element), row.cells.score, row.cells.nats, row.cells.step, h('td.n', {}, row.cells.time));
    seen.observe(row.element);
    return row.element;
  }

  function drawRow({ entity, cells, line, element: tr }) {
    say(cells.score, score(entity.score));
    say(cells.nats, nats(entity.surprise));
    say(cells.step, count(entity.step));
    setWhen(cells.time, entity.time, newest);
    line.draw(entity.spark.map(tail), 0, 4);
    const state = entity.alarming ? 'alarming' : severity(entity.score);
    if (tr.dataset.state !== state) tr.dataset.state = state;
  }

  function move(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    const to = step && event.target.closest('tr')?.[step];
    if (to) {
      event.preventDefault();
      to.querySelector('a').focus();
    }
  }

  let asked = 0;
  async function ask() {
    const mine = ++asked;
    let answer;
    try {
      answer = await get('entities', { order, prefix, limit });
    } catch (e) {
      fail(e);
      return;
    }
    if (mine !== asked) return;
    fail(null);
    newest = Math.max(0, ...answer.entities.filter((it) => it.time).map((it) => Date.parse(it.time)));
    for (const entity of answer.entities) {
      const row = rows.get(entity.key) ?? { seen: true };
      row.entity = entity;
      rows.set(entity.key, row);
      if (row.element) touch(row);
    }
    const kept = held || body.contains(document.activeElement);
    if (!kept || answer.entities.length !== elements.size) {
      reconcile(body, elements, answer.entities, (it) => it.key, make);
      for (const key of rows.keys()) if (!elements.has(key)) rows.delete(key);
      rows.forEach(touch);
    }
    say(note, answer.entities.length
      ? answer.since ? `Since ${new Date(answer.since).toLocaleString('en-GB')}; what came before is not kept.` : ''
      : prefix ? `No entity begins with “${prefix}”.` : 'No event has come yet.');
    more.hidden = answer.next == null || limit >= MOST;
  }

  return {
    element,
    ask,
    /** What came since the list was asked for. */
    take(scores) {
      for (const it of scores) {
        const row = rows.get(it.key);
        if (!row?.element || Date.parse(it.time) < Date.parse(row.entity.time)) continue;
        Object.assign(row.entity, it, { spark: [...row.entity.spark.slice(1 - SPARK_EVENTS), it.score] });
        touch(row);
      }
    },
    close: () => { seen.disconnect(); draw.cancel(); },
  };
}

const MOST_ALARMS = 40;

/** What alarmed, newest first, and why. */
function alarmList(fail, announce) {
  let units = new Units();
  let alarms = [];
  const kept = new Map();
  const items = h('ol');
  const note = h('p.dim', {}, 'None so far.');
  const element = h('section.card.alarms', { 'aria-label': 'Alarms' }, h('header', {}, h('h2', {}, 'Alarms')), items, note);

  const key = (it) => `${it.key}\n${it.step}\n${it.time}`;
  const draw = perFrame(() => {
    reconcile(items, kept, alarms, key, make);
    note.hidden = alarms.length > 0;
  });

  const make = (it) => h('li', {},
    h('a', { href: `#/entity/${encodeURIComponent(it.key)}` }, it.key), ' ', when(it.time, Date.parse(alarms[0].time)),
    h('span.n', {}, `${nats(it.surprise)} nats`),
    h('ul.why', {}, [...it.why].sort((a, b) => excess(b) - excess(a)).map((field) => h('li', {},
      h('b', {}, `${field.field} `), units.observed(field),
      h('span.dim', {}, ` expected ${units.expected(field.field, field.expected)}`)))));

  return {
    element,
    async ask() {
      try {
        const [model, answer] = await Promise.all([get('model'), get('alarms', { limit: MOST_ALARMS })]);
        units = new Units(model);
        const known = new Set(answer.alarms.map(key));
        alarms = [...alarms.filter((it) => !known.has(key(it))), ...answer.alarms].slice(0, MOST_ALARMS);
        draw();
      } catch (e) {
        fail(e);
      }
    },
    take(alarm) {
      if (alarms.some((it) => key(it) === key(alarm))) return;
      alarms = [alarm, ...alarms].slice(0, MOST_ALARMS);
      announce(`Alarm: ${alarm.key}`);
      draw();
    },
  };
}
