// The page of one entity's cell: cell.html?entity=KEY.

import { h } from '../dom.js';
import { mountCell } from './cell.js';

const entity = new URLSearchParams(location.search).get('entity');
const page = document.getElementById('page');
const title = document.querySelector('h1');

if (entity) {
  document.title = `${entity}: the cell`;
  title.replaceChildren('The cell of ', h('a', { href: `index.html#/entity/${encodeURIComponent(entity)}` }, entity));
  mountCell(page, { entity });
} else {
  page.replaceChildren(h('p', {}, 'Whose cell? This page expects an entity’s key: ', h('code', {}, 'cell.html?entity=KEY'), '. ',
    h('a', { href: 'index.html' }, 'The overview'), ' has them all.'));
}
