// Why an event surprised.

import { h } from './dom.js';
import { excess, nats, unlikely } from './format.js';

/** Each field, the one that the surprise is due to first: what came, what was expected, how much it surprised. */
export function explanation(fields, units) {
  const ordered = fields.map((it) => ({ ...it, excess: excess(it) })).sort((a, b) => b.excess - a.excess);
  const largest = Math.max(1, ...ordered.map((it) => it.excess));
  return h('table.why', {}, h('thead', {}, h('tr', {},
    h('th', { scope: 'col' }, 'field'), h('th', { scope: 'col' }, 'observed'), h('th', { scope: 'col' }, 'expected'),
    h('th.n', { scope: 'col' }, 'nats'))),
  h('tbody', {}, ordered.map((it) => {
    const share = h('i.share', { 'aria-hidden': 'true' });
    share.style.width = `${(100 * it.excess) / largest}%`;
    return h('tr', { class: unlikely(it) ? 'unlikely' : null },
      h('th', { scope: 'row' }, it.field), h('td', {}, units.observed(it)),
      h('td.dim', {}, units.expected(it.field, it.expected)), h('td.n', {}, share, nats(it.surprise)));
  })));
}
