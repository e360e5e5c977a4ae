// One entity: its last events against what was expected of them, what comes next, and what would be if.

import { entityPath, get } from './api.js';
import { bar, Columns, continuous, heat, rowsOf, surprises } from './charts.js';
import { cellCard } from './cell/card.js';
import { h, repeat, say } from './dom.js';
import { explanation } from './explanation.js';
import { count, culprit, duration, nats, percent, score, severity, time, Units, when } from './format.js';
import { live } from './live.js';
import { rollout } from './rollout.js';
import { whatIf } from './what-if.js';

const ASK_MS = 1500;
/** An event of this entity is in the feed: ask at once, but not for each of many. */
const SOONEST_MS = 250;

export function entity(page, { key, fail }) {
  const stops = [];
  start(page, key, fail, stops).catch(fail);
  return () => stops.forEach((stop) => stop());
}

async function start(page, key, fail, stops) {
  const title = h('h1', {}, key);
  page.append(h('header.title', {}, h('a.back', { href: '#/', 'aria-label': 'Back to all entities' }, '←'), title));
  const model = await get('model');
  // Whoever asked may have gone on to another page meanwhile.
  if (!title.isConnected) return;
  const view = new EntityView(page, title, key, model, fail);
  stops.push(repeat(() => view.ask(), ASK_MS));
  const cell = cellCard(key);
  page.append(cell.element);
  stops.push(cell.close);
  let soon = 0;
  const react = ({ detail }) => {
    if (soon || ![].concat(detail).some((it) => it.key === key)) return;
    soon = setTimeout(() => { soon = 0; view.ask(); }, SOONEST_MS);
  };
  live.addEventListener('scores', react);
  live.addEventListener('alarm', react);
  stops.push(() => {
    clearTimeout(soon);
    live.removeEventListener('scores', react);
    live.removeEventListener('alarm', react);
  });
}

class EntityView {
  #key;
  #fail;
  #units;
  #data = null;
  /** The chosen event, by what stays when others come; null follows the latest. */
  #chosen = null;
  #columns = new Columns((index) => this.#choose(index));
  #charts = h('div.charts');
  #facts = h('p.facts');
  #why = h('div');
  #table = h('tbody');
  #next = h('div.next');
  #position = h('input', {
    type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Event',
    oninput: (event) => this.#choose(Number(event.target.value)),
  });
  #follow = h('button', { type: 'button', onclick: () => this.#choose(-1) }, 'follow the latest');
  #note = h('p.dim');
  #form;

  constructor(page, title, key, model, fail) {
    this.#key = key;
    this.#fail = fail;
    this.#units = new Units(model);
    title.after(this.#facts);
    this.#form = whatIf(key, model, this.#units);
    page.append(
      h('div.columns.entity-columns', {},
        h('div.side', {},
          h('section.card.series', { 'aria-label': 'Last events' },
            h('header', {}, h('h2', {}, 'Last events'), h('div.walk', {},
              h('button', { type: 'button', 'aria-label': 'The event before', onclick: () => this.#walk(-1) }, '◀'),
              this.#position,
              h('button', { type: 'button', 'aria-label': 'The event after', onclick: () => this.#walk(1) }, '▶'),
              this.#follow)),
            this.#charts,
            h('p.legend', {},
              h('span.key.band', {}, 'nine of ten expected here'), h('span.key.median', {}, 'median'),
              h('span.key.seen', {}, 'what came'), h('span.key.out', {}, 'outside, or less likely than 1 in 20'),
              h('span.key.alarmed', {}, 'an alarm starts')),
            this.#note),
          h('section.card.events', { 'aria-label': 'Table of the last events' },
            h('header', {}, h('h2', {}, 'Expected against observed')),
            h('div.scroll', {}, h('table', {}, h('thead', {}, h('tr', {},
              h('th.n', { scope: 'col' }, 'step'), h('th.n', { scope: 'col' }, 'event time'), h('th.n', { scope: 'col' }, 'score'),
              h('th.n', { scope: 'col' }, 'nats'), h('th', { scope: 'col' }, 'surprised most'),
              h('th', { scope: 'col' }, 'observed'), h('th', { scope: 'col' }, 'expected'))), this.#table)))),
        h('div.side', {},
          h('section.card.explain', { 'aria-label': 'The chosen event' }, this.#why),
          h('section.card.foretold', { 'aria-label': 'What comes next' }, h('header', {}, h('h2', {}, 'What comes next')), this.#next),
          this.#form.element,
          rollout(key, model, this.#units))));
  }

  async ask() {
    try {
      this.#data = await get(entityPath(this.#key));
      this.#fail(null);
    } catch (e) {
      this.#fail(e);
      return;
    }
    this.#draw();
  }

  #index() {
    const { events } = this.#data;
    const index = this.#chosen ? events.findIndex((it) => same(it, this.#chosen)) : -1;
    // One that is no longer kept gives way to the latest.
    if (index < 0) this.#chosen = null;
    return index < 0 ? events.length - 1 : index;
  }

  #choose(index) {
    if (!this.#data) return;
    this.#chosen = index < 0 ? null : this.#data.events[index];
    this.#drawChosen();
  }

  #walk(by) {
    if (!this.#data) return;
    this.#choose(Math.min(this.#data.events.length - 1, Math.max(0, this.#index() + by)));
  }

  #draw() {
    const data = this.#data;
    const { events } = data;
    const last = events.at(-1);
    this.#facts.replaceChildren(...[
      data.alarming && h('span.chip.alarming', {}, 'in an alarm'),
      last && h(`span.chip.${severity(last.score)}`, {}, `score ${score(last.score)}`),
      h('span', {}, `${count(data.steps)} events`),
      data.sessionStart && h('span', {}, 'session since ', when(data.sessionStart, data.lastEventTime)),
      h('span', {}, 'last event ', when(data.lastEventTime)),
      h('span.dim', {}, `held by ${data.instance}`),
      data.stale && h('span.chip.notable', {}, `a standby's copy, ${data.stale.ms == null ? `${count(data.stale.offsets)} events` : duration(data.stale.ms)} behind`),
    ].filter(Boolean));
    this.#makeCharts(events, data.prediction);
    this.#columns.set(events, data.prediction.length > 0);
    say(this.#note, events.length
      ? data.history.complete ? '' : `Kept since ${time(data.history.since, Date.parse(data.lastEventTime))}; the network remembers what came before.`
      : 'No event of this entity has come since this instance started. Its state is here; its history is not kept across restarts.');
    this.#position.max = Math.max(0, events.length - 1);
    this.#drawNext(data.prediction);
    this.#drawTable();
    this.#drawChosen();
    this.#form.last(last);
  }

  #drawn = '';

  /** A chart for each predicted field, made once. */
  #makeCharts(events, prediction) {
    const expected = [...new Map([...(events.at(-1)?.fields ?? []), ...prediction].map((it) => [it.field, it.expected]))];
    const names = expected.map(([name]) => name).join('\n');
    if (names === this.#drawn) return;
    this.#drawn = names;
    const coming = (name) => () => this.#data.prediction.find((it) => it.field === name)?.expected ?? null;
    const rows = (name) => () => rowsOf(name, this.#data.events, coming(name)());
    this.#charts.replaceChildren(
      this.#columns.add('surprise, nats', 'How much each event surprised', 130, surprises),
      ...expected.map(([name, { kind }]) => {
        const unit = this.#units.fields.get(name)?.unit;
        const title = unit ? `${name}, ${unit}` : name;
        return kind === 'continuous'
          ? this.#columns.add(title, `${name}: what came, and the band that was expected`, 150,
            continuous(name, this.#units, coming(name)))
          : this.#columns.add(title, `${name}: what came, and how likely each value was`,
            () => rows(name)().length * 20 + 26, heat(name, this.#units, rows(name), coming(name)));
      }));
  }

  #drawChosen() {
    const index = this.#index();
    const it = this.#data.events[index];
    this.#columns.choose(this.#chosen ? index : -1);
    this.#position.value = index;
    this.#follow.disabled = !this.#chosen;
    this.#position.setAttribute('aria-valuetext', it ? `step ${it.step}` : 'none');
    this.#table.querySelectorAll('tr').forEach((tr) => {
      tr.classList.toggle('chosen', Boolean(this.#chosen) && tr.dataset.step === String(it?.step));
    });
    this.#form.from(it);
    if (!it) {
      this.#why.replaceChildren();
      return;
    }
    this.#why.replaceChildren(
      h('header', {}, h('h2', {}, `Step ${count(it.step)}`, this.#chosen ? '' : h('span.dim', {}, ' the latest')), when(it.time, this.#data.lastEventTime)),
      h('p', {},
        it.alarm && h('span.chip.alarming', {}, 'starts an alarm'),
        h(`span.chip.${severity(it.score)}`, {}, `score ${score(it.score)}`), ` ${nats(it.surprise)} nats`,
        it.end && ', the end of its sequence'),
      explanation(it.fields, this.#units));
  }

  #drawNext(prediction) {
    const last = this.#data.lastEventTime;
    this.#next.replaceChildren(...prediction.map(({ field, expected }) => {
      switch (expected.kind) {
        case 'continuous': {
          const at = this.#units.isTime(field) && last
            ? `, about ${time(new Date(Date.parse(last) + expected.median).toISOString(), Date.parse(last))}` : '';
          return h('p', {}, h('b', {}, field), ` ${this.#units.quantity(field, expected.median)}${at}`,
            h('span.dim', {}, ` nine of ten: ${this.#units.range(field, expected)}`));
        }
        case 'binary':
          return h('div', {}, bar(expected.probability, field === 'END' ? 'it ends' : field, percent(expected.probability)));
        default:
          return h('div', {}, h('p', {}, h('b', {}, field),
            expected.expectedCount != null && h('span.dim', {}, ` about ${expected.expectedCount.toFixed(1)} at once`)),
          expected.top.slice(0, 5).map((p) => bar(p.probability, p.value, percent(p.probability))));
      }
    }));
    if (!prediction.length) this.#next.replaceChildren(h('p.dim', {}, 'Nothing is predicted for it now.'));
  }

  #drawTable() {
    this.#table.replaceChildren(...[...this.#data.events].reverse().map((it) => {
      const top = culprit(it.fields);
      const index = this.#data.events.indexOf(it);
      return h('tr', {
        'data-step': it.step, 'data-state': it.alarm ? 'alarming' : severity(it.score),
        onclick: () => this.#choose(index),
      },
      h('th.n', { scope: 'row' }, h('button.plain', { type: 'button', title: 'Show this event' }, count(it.step))),
      h('td.n', {}, when(it.time, this.#data.lastEventTime)), h('td.n.score', {}, score(it.score)), h('td.n', {}, nats(it.surprise)),
      h('td', {}, top?.field ?? ''), h('td', {}, top ? this.#units.observed(top) : ''),
      h('td.dim', {}, top ? this.#units.expected(top.field, top.expected) : ''));
    }));
  }
}

const same = (a, b) => a.step === b.step && a.time === b.time && a.offset === b.offset && a.end === b.end;
