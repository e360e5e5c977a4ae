// The cell of an entity, alive: the diagram of its network's cell, fed with its last steps, to step through.

import { entityPath, get } from '../api.js';
import { h, repeat, s, say } from '../dom.js';
import { diagramOf, saying } from './diagrams.js';
import { draw, number, set, strip } from './draw.js';
import { Signals, size } from './signals.js';

const STEPS = 32;
const REFRESH_MS = 2000;
const PLAY_MS = 600;

/**
 * Shows the cell of an entity in an element, and keeps it fresh.
 *
 * @param {Element} element that it fills
 * @param {Object} what
 *     entity: its key;
 *     ask: (path, query, signal) → JSON of the API, `get` of api.js where it isn't given
 * @returns {Function} what ends it
 */
export function mountCell(element, { entity, ask = get }) {
  styles();
  const view = new CellView(entity, ask);
  element.replaceChildren(view.element);
  return view.start();
}

function styles() {
  const href = new URL('cell.css', import.meta.url).href;
  if (![...document.styleSheets].some((sheet) => sheet.href === href) && !document.querySelector(`link[href="${CSS.escape(href)}"]`)) {
    document.head.append(h('link', { rel: 'stylesheet', href }));
  }
}

class CellView {
  #entity;
  #ask;
  #asked = new AbortController();
  #data = null;
  #index = 0;
  #layer = 1;
  #member = 0;
  #signal = null;
  #cell = null;
  #signals = null;
  #drawn = [];
  #playing = 0;

  #message = h('p.cell-message', { role: 'status' }, 'Asking for its last steps …');
  #title = h('h3');
  #layers = h('div.cell-layers', { role: 'group', 'aria-label': 'Layer' });
  #members = h('select', {
    'aria-label': 'Network of the ensemble', hidden: true,
    onchange: () => { this.#member = Number(this.#members.value); this.#refresh(); },
  });
  #slider = h('input', { type: 'range', min: 0, max: 0, 'aria-label': 'Step', oninput: () => this.#go(Number(this.#slider.value)) });
  #when = h('span.cell-when');
  #back = h('button', { type: 'button', 'aria-label': 'One step back', title: 'One step back (←)', onclick: () => this.#by(-1) }, '◀');
  #on = h('button', { type: 'button', 'aria-label': 'One step on', title: 'One step on (→)', onclick: () => this.#by(1) }, '▶');
  #play = h('button', { type: 'button', 'aria-label': 'Play all steps', 'aria-pressed': 'false', onclick: () => this.#toggle() }, 'play');
  #balances = h('div.cell-balances');
  #stage = h('div.cell-drawing');
  #attention = h('div.cell-attention', { hidden: true });
  #detail = h('section.cell-detail', { 'aria-live': 'off' });
  #numbers = h('details.cell-numbers', { ontoggle: () => this.#drawNumbers() }, h('summary', {}, 'All numbers'));
  #body = h('div.cell-body', { hidden: true },
    h('header.cell-bar', {}, this.#title, this.#members, this.#layers,
      h('div.cell-walk', {}, this.#back, this.#slider, this.#on, this.#play, this.#when)),
    this.#balances, this.#stage, this.#attention, this.#detail, this.#numbers);

  element = h('div.cell-view', { onkeydown: (event) => this.#key(event) }, this.#message, this.#body);

  constructor(entity, ask) {
    this.#entity = entity;
    this.#ask = ask;
  }

  start() {
    const stop = repeat(() => this.#refresh(), REFRESH_MS);
    return () => {
      stop();
      clearInterval(this.#playing);
      this.#asked.abort();
    };
  }

  async #refresh() {
    try {
      this.#take(await this.#ask(`${entityPath(this.#entity)}/cell`, { last: STEPS, values: true, member: this.#member }, this.#asked.signal));
    } catch (error) {
      if (error.name === 'AbortError') return;
      // What is shown stays; an answer that says no is told even then.
      if (error.words || !this.#data) this.#tell(error.words ?? 'The server does not answer. This goes on as soon as it does.');
      else if (!(error instanceof TypeError)) throw error;
    }
  }

  #tell(text) {
    this.#message.hidden = !text;
    say(this.#message, text);
  }

  #take(data) {
    if (!data.steps.length) {
      this.#tell('No step of this entity is kept: none of its events has come since this instance started.');
      this.#body.hidden = true;
      return;
    }
    this.#tell('');
    this.#body.hidden = false;
    const before = this.#data?.member === data.member ? this.#data : null;
    const following = !before || this.#index === before.steps.length - 1;
    const shown = before?.steps[this.#index];
    if (before && same(before.steps.at(-1), data.steps.at(-1)) && before.steps.length === data.steps.length) return;
    this.#data = data;
    const found = shown ? data.steps.findIndex((it) => same(it, shown)) : -1;
    this.#index = following || !shown ? data.steps.length - 1 : Math.max(0, found);
    this.#slider.max = data.steps.length - 1;
    if (before?.cell.kind !== data.cell.kind || this.#layer > data.layers) this.#chooseLayer(this.#layer > data.layers ? 1 : this.#layer);
    else this.#listen();
    this.#show();
  }

  /** Another layer's diagram. */
  #chooseLayer(layer) {
    const { kind } = this.#data.cell;
    this.#layer = layer;
    this.#cell = diagramOf(kind, layer);
    if (!this.#cell) {
      this.#body.hidden = true;
      return this.#tell(`There is no diagram of the cell '${kind}'.`);
    }
    this.#listen();
    const nameOf = (signal) => saying(this.#cell, signal);
    this.#drawn = this.#cell.diagrams.map((diagram) => draw(diagram, {
      title: `${this.#cell.title}, layer ${layer}`, describe: nameOf, pick: (signal) => this.#pick(signal),
    }));
    this.#stage.replaceChildren(...this.#drawn.map((it) => it.element));
    say(this.#title, this.#cell.title);
    this.#listMembers();
    this.#layers.hidden = this.#data.layers < 2;
    this.#layers.replaceChildren(...Array.from({ length: this.#data.layers }, (_, i) => h('button', {
      type: 'button', 'aria-pressed': String(i + 1 === layer), onclick: () => { this.#chooseLayer(i + 1); this.#show(); },
    }, `layer ${i + 1}`)));
    if (!this.#signals.value(0, this.#signal)) this.#signal = this.#first();
    this.#pick(this.#signal, false);
  }

  /** An ensemble is looked into one network at a time. */
  #listMembers() {
    const { members = 1 } = this.#data.cell;
    this.#members.hidden = members < 2;
    if (this.#members.options.length === members) return;
    this.#members.replaceChildren(...Array.from({ length: members }, (_, i) => h('option', { value: i }, `network ${i + 1} of ${members}`)));
  }

  /** The first box: what a reader looks at first. */
  #first() {
    return this.#cell.diagrams[0].nodes.find((node) => node.kind === 'layer' && node.signal).signal;
  }

  #listen() {
    this.#signals = new Signals(this.#data.steps, this.#layer, this.#cell.memories);
  }

  #pick(signal, redraw = true) {
    this.#signal = signal;
    this.#drawn.forEach((it) => it.choose(signal));
    if (redraw) this.#drawDetail();
  }

  #by(steps) {
    this.#go(Math.min(this.#data.steps.length - 1, Math.max(0, this.#index + steps)));
  }

  #go(index) {
    this.#index = index;
    this.#show();
  }

  #key(event) {
    if (!this.#data || event.ctrlKey || event.metaKey || event.altKey) return;
    // A slider moves by itself.
    if (event.target.matches('input, select, textarea')) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#by(by);
  }

  #toggle() {
    const on = !this.#playing;
    clearInterval(this.#playing);
    this.#playing = 0;
    if (on) {
      if (this.#index === this.#data.steps.length - 1) this.#go(0);
      this.#playing = setInterval(() => {
        this.#by(1);
        if (this.#index === this.#data.steps.length - 1) this.#toggle();
      }, PLAY_MS);
    }
    this.#play.setAttribute('aria-pressed', on);
    say(this.#play, on ? 'stop' : 'play');
  }

  #show() {
    if (!this.#cell) return;
    const { steps } = this.#data;
    const step = steps[this.#index];
    this.#slider.value = this.#index;
    this.#slider.setAttribute('aria-valuetext', `step ${step.step}`);
    this.#back.disabled = this.#index === 0;
    this.#on.disabled = this.#index === steps.length - 1;
    say(this.#when, `step ${step.step}${step.start ? ', a session starts' : ''}${step.end ? ', the end' : ''} · ${clock(step.time)}`);
    this.#drawn.forEach((it) => it.show({
      value: (signal) => this.#signals.value(this.#index, signal),
      domain: (signal, range) => this.#signals.domain(signal, range),
      weight: (signal) => this.#signals.weight(this.#index, signal, this.#range(signal)),
    }));
    this.#drawBalances();
    this.#drawAttention();
    this.#drawDetail();
    this.#drawNumbers();
  }

  /** What was forgotten, what was written: each memory as a bar. */
  #drawBalances() {
    const of = (signal) => size(this.#signals.value(this.#index, signal));
    const bars = this.#cell.memories.map((memory) => {
      const before = of(memory.before);
      const kept = of(memory.kept);
      const written = memory.written.reduce((sum, it) => sum + of(it), 0);
      const forgotten = Math.max(0, before - kept);
      const whole = before + written || 1;
      const share = before > 0 ? kept / before : 0;
      const said = before > 0
        ? ['It kept ', h('b.kept', {}, percent(share)), ' of its memory and forgot ', h('b.forgotten', {}, percent(Math.max(0, 1 - share))), '. ']
        : 'Its memory was empty. ';
      const words = h('p', {}, memory.name && h('b', {}, `${memory.name}: `), said,
        'What it wrote is ', h('b.written', {}, percent(written / (kept + written || 1))), ' of what is there now.');
      const part = (name, from, amount) => s(`rect.${name}`, { x: (100 * from) / whole, width: (100 * amount) / whole, height: 10 });
      return h('div.cell-balance', {}, words, s('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        part('kept', 0, Math.min(before, kept)), part('forgotten', Math.min(before, kept), forgotten), part('written', before, written)));
    });
    const ticks = this.#signals.value(this.#index, 'ticks');
    if (ticks) bars.push(h('p', {}, h('b.written', {}, `${percent(ticks.mean)} of the units compute`), ', the others keep their state.'));
    const far = this.#signals.value(this.#index, 'divergence');
    if (far) bars.push(h('p', {}, `What the event was found to mean lies ${number(far.mean * far.values.length)} nats from what was expected.`));
    this.#balances.replaceChildren(...bars);
  }

  /** What the prediction after the step looks at, where the cell attends to its past. */
  #drawAttention() {
    const step = this.#data.steps[this.#index];
    const last = this.#index === this.#data.steps.length - 1;
    const weights = step.attention ?? (last ? this.#data.attention : null);
    this.#attention.hidden = !weights;
    if (!weights) return;
    const width = Math.min(26, 600 / weights.length);
    const most = Math.max(...weights) || 1;
    this.#attention.replaceChildren(
      h('h4', {}, 'What the prediction looks back on'),
      s('svg', {
        viewBox: `0 0 ${width * weights.length} 64`, role: 'img', width: width * weights.length,
        'aria-label': weights.map((w, i) => `${i === 0 ? 'this event' : `${i} before`}: ${percent(w)}`).join(', '),
      }, weights.map((weight, i) => s('g', { transform: `translate(${width * (weights.length - 1 - i)} 0)` },
        s('rect.track', { x: 2, width: width - 4, height: 46, rx: 2 }),
        s('rect.look', { x: 2, y: 46 - (46 * weight) / most, width: width - 4, height: (46 * weight) / most, rx: 2 }),
        s('text', { x: width / 2, y: 60 }, i === 0 ? 'now' : width >= 22 || i % 4 === 0 ? `−${i}` : ''),
        s('title', {}, `${i === 0 ? 'this event' : `${i} before`}: ${percent(weight)}`)))));
  }

  /** The signal that was pointed out: in words, over the steps, unit by unit. */
  #drawDetail() {
    const signal = this.#signal;
    const value = this.#signals?.value(this.#index, signal);
    if (!value) return this.#detail.replaceChildren();
    const [name, sentence] = saying(this.#cell, signal);
    const range = this.#range(signal);
    this.#detail.replaceChildren(
      h('div.cell-words', {},
        h('h4', {}, name),
        h('p', {}, sentence),
        h('p.cell-figures', {}, `mean ${number(value.mean)} · quartiles ${number(value.p25)}, ${number(value.p50)}, ${number(value.p75)} · from ${number(value.min)} to ${number(value.max)}`),
        value.values && units(value.values, this.#signals.domain(signal, range)),
        h('ul.cell-equations', {}, this.#cell.equations.map((it) => h('li', {}, it)))),
      h('figure', {}, this.#series(signal, range),
        h('figcaption', {}, 'over the last steps: mean, quartiles, ends. A dashed line: a session starts.')));
  }

  #range(signal) {
    return this.#cell.diagrams.flatMap((it) => it.nodes).find((node) => node.signal === signal)?.range;
  }

  #series(signal, range) {
    const values = this.#signals.all(signal);
    const [width, height] = [420, 130];
    const [low, high] = this.#signals.domain(signal, range);
    const dx = width / values.length;
    const x = (i) => dx * (i + 0.5);
    const y = (v) => 6 + (height - 24) * (1 - (Math.min(high, Math.max(low, v)) - low) / (high - low));
    const area = (upper, lower) => `M${values.map((v, i) => `${x(i)},${y(v[upper])}`).join('L')}L${
      values.map((v, i) => `${x(i)},${y(v[lower])}`).reverse().join('L')}Z`;
    const starts = this.#data.steps.map((step, i) => step.start && i).filter((i) => i !== false);
    return s('svg.cell-series', {
      viewBox: `0 0 ${width + 44} ${height}`, role: 'img',
      'aria-label': `mean over the last ${values.length} steps, from ${number(values[0].mean)} to ${number(values.at(-1).mean)}`,
    },
    [low, (low + high) / 2, high].map((at) => [
      s('line.grid', { x1: 0, x2: width, y1: y(at), y2: y(at) }), s('text.tick', { x: width + 4, y: y(at) + 4 }, number(at))]),
    starts.map((i) => s('line.start', { x1: dx * i, x2: dx * i, y1: 4, y2: height - 16 })),
    s('rect.now', { x: dx * this.#index, width: dx, y: 2, height: height - 16 }),
    s('path.ends', { d: area('max', 'min') }),
    s('path.half', { d: area('p75', 'p25') }),
    s('path.mean', { d: `M${values.map((v, i) => `${x(i)},${y(v.mean)}`).join('L')}` }),
    values.length === 1 && s('circle.dot', { cx: x(0), cy: y(values[0].mean), r: 3 }),
    s('text.tick', { x: 0, y: height - 2 }, `step ${this.#data.steps[0].step}`),
    s('text.tick', { x: width, y: height - 2, 'text-anchor': 'end' }, this.#data.steps.at(-1).step),
    values.map((_, i) => s('rect.pick', { x: dx * i, width: dx, y: 0, height, onclick: () => this.#go(i) })));
  }

  /** The same as a table, for who reads better there. */
  #drawNumbers() {
    if (!this.#numbers.open || !this.#signals) return;
    const rows = this.#signals.names().map((signal) => {
      const value = this.#signals.value(this.#index, signal);
      const spread = strip(120, 16);
      spread.show(value, this.#signals.domain(signal, this.#range(signal)));
      return h('tr', { 'data-signal': signal },
        h('th', { scope: 'row' }, h('button.plain', { type: 'button', onclick: () => this.#pick(signal) }, saying(this.#cell, signal)[0])),
        h('td.n', {}, number(value.mean)),
        h('td', {}, s('svg.cell-strip', { viewBox: '0 0 120 16', width: 120, height: 16, 'aria-hidden': 'true' }, spread.element)),
        ...['min', 'p25', 'p50', 'p75', 'max'].map((it) => h('td.n', {}, number(value[it]))));
    });
    this.#numbers.replaceChildren(this.#numbers.firstElementChild, h('div.scroll', {}, h('table', {},
      h('thead', {}, h('tr', {}, ['signal', 'mean', '', 'least', '25 %', 'median', '75 %', 'most'].map((it, i) => h(i === 0 || i === 2 ? 'th' : 'th.n', {}, it)))),
      h('tbody', {}, rows))));
  }
}

const MOST_UNITS = 256;

/** Each unit a field of colour: one colour for what is positive, another for what is negative. */
function units(values, [low, high]) {
  const shown = values.slice(0, MOST_UNITS);
  const columns = Math.min(shown.length, 32);
  const rows = Math.ceil(shown.length / columns);
  const bound = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return s('svg.cell-units', {
    viewBox: `0 0 ${columns * 10} ${rows * 10}`, role: 'img', 'aria-label': `${values.length} units`,
  }, shown.map((value, i) => {
    const field = s(`rect.${value < 0 ? 'below' : 'above'}`, { x: (i % columns) * 10, y: Math.floor(i / columns) * 10, width: 9, height: 9, rx: 1.5 },
      s('title', {}, `unit ${i + 1}: ${number(value)}`));
    set(field, { 'fill-opacity': Math.min(1, 0.06 + (0.94 * Math.abs(value)) / bound) });
    return field;
  }));
}

const same = (a, b) => a && b && a.step === b.step && a.time === b.time && a.end === b.end;
const percent = (share) => `${(100 * share).toFixed(share < 0.095 ? 1 : 0)} %`;
const clock = (iso) => new Date(iso).toLocaleTimeString(undefined, { hour12: false });
