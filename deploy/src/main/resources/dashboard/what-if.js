// A hypothetical next event, scored without changing anything.

import { ApiError, entityPath, post } from './api.js';
import { h } from './dom.js';
import { explanation } from './explanation.js';
import { nats, score, severity } from './format.js';

/** Fields that an event carries; the rest come from its time. */
const CARRIED = new Set(['numeric', 'categorical', 'flags']);

/** @returns an element, and what tells it of the events that its values may be taken from */
export function whatIf(key, model, units) {
  const fields = model.fields.filter((it) => CARRIED.has(it.kind));
  const result = h('div.result', { 'aria-live': 'polite' });
  const inputs = new Map(fields.map((it) => [it.name, input(it)]));
  const after = h('input', { type: 'number', name: 'after', min: 0, step: 'any', placeholder: 'as expected', 'aria-label': 'Seconds after the last event' });
  let chosen = null;
  let last = null;
  let touched = false;

  const take = () => {
    for (const it of chosen?.fields ?? []) {
      const field = inputs.get(it.field);
      if (field && it.observed != null) write(field, it.observed);
    }
  };

  const ask = async (event) => {
    event.preventDefault();
    const values = {};
    for (const it of fields) {
      const value = read(it, inputs.get(it.name));
      if (value != null) values[it.name] = value;
    }
    const body = { fields: values };
    if (after.value !== '' && last) body.time = new Date(Date.parse(last.time) + 1000 * after.value).toISOString();
    try {
      const answer = await post(`${entityPath(key)}/what-if`, body);
      result.replaceChildren(
        h('p', {}, answer.alarm && h('span.chip.alarming', {}, 'would alarm'),
          h(`span.chip.${severity(answer.score)}`, {}, `score ${score(answer.score)}`), ` ${nats(answer.surprise)} nats`),
        explanation(answer.fields, units),
        (answer.predictionAfter ?? []).length > 0 && h('p.dim', {}, 'After it: ', answer.predictionAfter.map((it) =>
          `${it.field} ${units.expected(it.field, it.expected)}`).join('; '), '.') || '');
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      result.replaceChildren(h('p.error', {}, e.words));
    }
  };

  const element = h('section.card.what-if', { 'aria-label': 'What if' },
    h('header', {}, h('h2', {}, 'What if'), h('button', { type: 'button', onclick: () => { touched = true; take(); } }, 'as this event')),
    h('form', { onsubmit: ask, oninput: () => { touched = true; } },
      fields.map((it) => h('label', {}, h('span', {}, it.name, it.unit && h('span.dim', {}, ` ${it.unit}`)), inputs.get(it.name))),
      h('label', {}, h('span', {}, 'after the last event', h('span.dim', {}, ' s')), after),
      h('button.primary', {}, 'Score it')),
    result);
  return {
    element,
    /** The latest event: a time is after it. */
    last(event) { last = event; },
    /** The event that is shown; its values fill the form until somebody writes into it. */
    from(event) {
      chosen = event;
      if (!touched) take();
    },
  };
}

function input(field) {
  const name = field.name;
  switch (field.kind) {
    case 'categorical':
      return h('select', { name, required: !field.optional }, h('option', { value: '' }, field.optional ? 'missing' : ''),
        (field.categories ?? []).map((it) => h('option', { value: it }, it)));
    case 'flags':
      return field.categories?.length
        ? h('select', { name, multiple: true, size: Math.min(4, field.categories.length) },
          field.categories.map((it) => h('option', { value: it }, it)))
        : h('input', { name, placeholder: 'separated by spaces' });
    default:
      return h('input', { type: 'number', step: 'any', name, required: !field.optional, placeholder: field.optional ? 'missing' : '' });
  }
}

function read(field, element) {
  switch (field.kind) {
    case 'flags':
      return element.multiple
        ? [...element.selectedOptions].map((it) => it.value)
        : element.value.split(/[\s,]+/).filter(Boolean);
    case 'categorical':
      return element.value === '' ? null : element.value;
    default:
      return element.value === '' ? null : Number(element.value);
  }
}

function write(element, observed) {
  if (element.multiple) {
    const set = new Set([].concat(observed).flatMap((it) => String(it).split(/[\s,]+/)));
    for (const option of element.options) option.selected = set.has(option.value);
  } else if (element.type === 'number') {
    element.value = String(Number(Number(observed).toPrecision(6)));
  } else if (element.tagName === 'SELECT' && ![...element.options].some((it) => it.value === observed)) {
    element.append(h('option', { value: observed }, observed));
    element.value = observed;
  } else {
    element.value = observed;
  }
}
