// The cell on an entity's page: a card that asks for gates only while it is open.

import { h } from '../dom.js';

/** @returns {{element: Element, close: Function}} */
export function cellCard(entity) {
  const stage = h('div.cell-stage');
  let close = () => {};
  const shut = () => {
    close();
    close = () => {};
    stage.replaceChildren();
  };
  const element = h('details.card.cell', {
    ontoggle: async () => {
      shut();
      if (!element.open) return;
      const { mountCell } = await import('./cell.js');
      // It may have been shut, or shut and opened, while the module came.
      if (element.open && !stage.firstChild) close = mountCell(stage, { entity });
    },
  }, h('summary', {}, h('h2', {}, 'Its cell, step by step')), stage);
  return { element, close: () => { element.open = false; shut(); } };
}
