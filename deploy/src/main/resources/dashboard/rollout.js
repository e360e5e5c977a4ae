// What may follow: the model's own samples of the next events, summed up.

import { ApiError, entityPath, post } from './api.js';
import { Columns, continuous, heat, rowsOf } from './charts.js';
import { h } from './dom.js';
import { duration, percent } from './format.js';

export function rollout(key, model, units) {
  const number = (name, label, value, min, max) => h('label', {}, h('span', {}, label),
    h('input', { type: 'number', name, value, min, max, required: true }));
  const result = h('div.result', { 'aria-live': 'polite' });
  const button = h('button.primary', {}, 'Draw');
  const draw = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    button.disabled = true;
    try {
      const answer = await post(`${entityPath(key)}/rollout`, {
        steps: Number(form.get('steps')), samples: Number(form.get('samples')), hold: form.has('hold'),
      });
      result.replaceChildren(...show(answer, units));
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      result.replaceChildren(h('p.error', {}, e.words));
    } finally {
      button.disabled = false;
    }
  };
  return h('section.card.rollout', { 'aria-label': 'What may follow' },
    h('header', {}, h('h2', {}, 'What may follow')),
    h('form', { onsubmit: draw }, number('steps', 'events ahead', 12, 1, 64), number('samples', 'samples', 200, 1, 1000),
      h('label.tick', {}, h('input', { type: 'checkbox', name: 'hold', checked: someHeld(model) }), h('span', {}, 'hold what is not predicted')), button),
    result);
}

/** Whether the model reads what it doesn't predict: such inputs stay as they last were, or nothing can be drawn. */
function someHeld({ fields }) {
  const predicted = (it) => it.roles.includes('target');
  return fields.some((it) => ['numeric', 'categorical', 'flags'].includes(it.kind) && !predicted(it))
    || !fields.some((it) => it.kind === 'since-previous' && predicted(it));
}

function show({ samples, steps }, units) {
  const columns = steps.map((it) => ({ label: `+${it.step}` }));
  const shared = new Columns();
  const names = steps[0]?.fields.map((it) => [it.field, it.expected.kind]) ?? [];
  const expected = steps.map((step) => ({ ...step, fields: step.fields.map((it) => ({ ...it, observed: null })) }));
  const figures = names.map(([name, kind]) => {
    const rows = () => rowsOf(name, expected, null);
    return kind === 'continuous'
      ? shared.add(name, `${name}: the band of nine of ten samples`, 110, continuous(name, units))
      : shared.add(name, `${name}: the shares of the samples`, () => rows().length * 18 + 26, heat(name, units, rows));
  });
  shared.set(expected.map((it, i) => ({ ...it, time: undefined, ...columns[i] })), false);
  const last = steps.at(-1);
  return [
    h('p.dim', {}, `${samples} samples`,
      last?.time && `; ${steps.length} events take ${duration(last.time.p50)} (${duration(last.time.p05)} to ${duration(last.time.p95)})`,
      last?.end > 0 && `; ${percent(last.end)} end by then`),
    h('div.charts', {}, figures),
  ];
}
