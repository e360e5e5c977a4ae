// The frame of the page: which of the views is shown, the search, the theme, the state of the connection.

import { ApiError, get, token } from './api.js';
import { h, say } from './dom.js';
import { live } from './live.js';
import { overview } from './overview.js';

const page = document.getElementById('page');
const notice = document.querySelector('.notice');
const THEMES = ['system', 'light', 'dark'];

let close = () => {};
/** Whether the view has something that it couldn't ask. */
let failed = false;

/** A view takes the element that it fills and what it needs, and returns what ends it. */
const ROUTES = [
  [/^#?\/?$/, 'overview', () => overview],
  [/^#\/entity\/(.+)$/, 'entity', async () => (await import('./entity.js')).entity],
  [/^#\/model$/, 'model', async () => (await import('./model.js')).model],
];

async function show() {
  close();
  close = () => {};
  const hash = location.hash;
  const [pattern, name, load] = ROUTES.find(([it]) => it.test(hash)) ?? ROUTES[0];
  document.querySelectorAll('nav a').forEach((link) => {
    if (link.dataset.page === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  });
  const view = await load();
  if (location.hash !== hash) return;
  hush();
  page.replaceChildren();
  page.className = name;
  const [, argument] = pattern.exec(hash) ?? [];
  close = view(page, { key: argument && decodeURIComponent(argument), fail, announce }) ?? (() => {});
  window.scrollTo(0, 0);
}

/** Says in the page what went wrong; null takes it back. */
function fail(error) {
  if (error == null) return hush();
  if (error.name === 'AbortError') return;
  failed = true;
  if (error instanceof ApiError && error.status === 401) return askForToken();
  notice.hidden = false;
  say(notice, error instanceof ApiError ? error.words : error instanceof TypeError
    ? 'The server does not answer. The page goes on as soon as it does.'
    : `This page has failed: ${error.message}`);
  if (!(error instanceof ApiError || error instanceof TypeError)) console.error(error);
}

function hush() {
  failed = false;
  notice.hidden = true;
}

/** Tells who doesn't see the page. */
function announce(text) {
  say(document.querySelector('.said'), text);
}

function askForToken() {
  if (!notice.hidden && notice.querySelector('form')) return;
  notice.hidden = false;
  notice.replaceChildren(h('form', {
    onsubmit: (event) => {
      event.preventDefault();
      token.set(new FormData(event.target).get('token').trim());
      hush();
      live.stop();
      live.start();
      show();
    },
  },
  h('label', {}, 'This server wants its token (sequitur.http.token) ',
    h('input', { type: 'password', name: 'token', autocomplete: 'current-password', required: true })),
  h('button', {}, 'Show')));
}

function theme() {
  const button = document.querySelector('button.theme');
  const current = () => document.documentElement.dataset.theme ?? 'system';
  const label = () => {
    button.textContent = { system: '◐', light: '☀', dark: '☾' }[current()];
    button.title = `Colours: ${current()}`;
    button.setAttribute('aria-label', `Colours: ${current()}. Change`);
  };
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    localStorage.setItem('sequitur.theme', next);
    label();
  });
  label();
}

function search() {
  const form = document.querySelector('form.find');
  const found = document.getElementById('found');
  let asked;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const key = new FormData(form).get('key').trim();
    if (key) location.hash = `#/entity/${encodeURIComponent(key)}`;
    form.reset();
    form.key.blur();
  });
  form.key.addEventListener('input', async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const { entities } = await get('entities', { prefix: form.key.value, order: 'key', limit: 12 }, asked.signal);
      found.replaceChildren(...entities.map((it) => h('option', { value: it.key })));
    } catch (e) {
      fail(e);
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.target.closest('input, textarea, select') && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.key.focus();
    }
  });
}

function link() {
  const element = document.querySelector('.link');
  const label = element.querySelector('span');
  const draw = () => {
    element.dataset.state = live.state;
    say(label, { live: 'live', lost: 'no connection', refused: 'token wanted' }[live.state] ?? 'connecting');
  };
  live.addEventListener('link', () => {
    draw();
    if (live.state === 'refused') askForToken();
    if (live.state === 'live' && failed) show().catch(fail);
  });
  draw();
}

theme();
search();
link();
live.start();
window.addEventListener('hashchange', () => show().catch(fail));
show().catch(fail);
