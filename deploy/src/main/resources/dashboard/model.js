// The model that scores: what it reads, what it is, how it was calibrated, where it came from.

import { get } from './api.js';
import { h, repeat } from './dom.js';
import { duration, number } from './format.js';

const STATUS_MS = 5000;

export function model(page, { fail }) {
  const instances = h('section.card', { 'aria-label': 'Instances' });
  let stop = () => {};
  let ended = false;
  (async () => {
    const it = await get('model');
    if (ended) return;
    page.append(
      h('header.title', {}, h('h1', {}, it.name), h('p.facts', {}, h('span', {}, `${it.cell.kind}, ${[].concat(it.cell.units).join(' and ')} units`),
        h('code', { title: 'fingerprint' }, it.fingerprint))),
      h('div.columns', {},
        h('div.side', {},
          h('section.card', { 'aria-label': 'Fields' }, h('header', {}, h('h2', {}, 'Fields')), h('div.scroll', {}, fields(it.fields))),
          h('section.card', { 'aria-label': 'Pipeline spec' }, h('header', {}, h('h2', {}, 'Pipeline spec')), h('pre', {}, it.spec))),
        h('div.side', {},
          instances, facts('Cell', it.cell), facts('Calibration', it.calibration), facts('Alarms', it.alarms), facts('Provenance', it.provenance))));
    stop = repeat(async () => {
      try {
        instances.replaceChildren(...status(await get('status')));
        fail(null);
      } catch (e) {
        fail(e);
      }
    }, STATUS_MS);
  })().catch(fail);
  return () => { ended = true; stop(); };
}

function fields(all) {
  const text = (value) => (value == null ? '' : [].concat(value).join(', '));
  return h('table', {}, h('thead', {}, h('tr', {}, ['field', 'kind', 'unit', 'values'].map((it) => h('th', { scope: 'col' }, it)))),
    h('tbody', {}, all.map((it) => h('tr', {}, h('th', { scope: 'row' }, it.name), h('td', {}, it.kind), h('td', {}, text(it.unit)),
      h('td.dim', {}, text(it.categories))))));
}

function facts(title, values) {
  return Object.keys(values ?? {}).length > 0 && h('section.card', { 'aria-label': title }, h('header', {}, h('h2', {}, title)), list(values));
}

function list(values) {
  return h('dl.pairs', {}, Object.entries(values).filter(([, value]) => value != null).map(([name, value]) => [
    h('dt', {}, words(name)), h('dd', {}, shown(value))]));
}

const MOST_LISTED = 12;

function shown(value) {
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value) && value.length > MOST_LISTED && value.every(Number.isFinite)) {
    return `${value.length} values, ${number(Math.min(...value))} to ${number(Math.max(...value))}`;
  }
  if (Array.isArray(value) && value.every((it) => typeof it !== 'object')) return value.map(shown).join(', ');
  if (typeof value === 'object') return Array.isArray(value) ? value.map(list) : list(value);
  return String(value);
}

/** `validationLoss` as people write it. */
const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function status({ state, uptime, instances }) {
  return [
    h('header', {}, h('h2', {}, 'Instances'), h('span.chip', {}, state.toLowerCase())),
    uptime == null ? '' : h('p', {}, `up for ${duration(uptime)}`),
    h('dl.pairs', {}, (instances ?? []).map((it) => [h('dt', {}, it.host), h('dd', {}, `tasks ${[].concat(it.tasks).join(', ')}`)])),
  ];
}
