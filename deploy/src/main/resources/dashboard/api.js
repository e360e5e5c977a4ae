// What the page asks its server. Relative addresses: it works behind a prefix too.

const BASE = 'api/v1/';
const TOKEN = 'sequitur.token';

/** An answer that says no: `what`, `expected`, `got` and `do` are the server's words. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error.what);
    this.status = status;
    this.what = error.what;
    this.expected = error.expected;
    this.got = error.got;
    this.do = error.do;
  }

  /** All of it, in sentences. */
  get words() {
    const parts = [this.what];
    if (this.expected) parts.push(`expected ${this.expected}` + (this.got ? `, got ${this.got}` : ''));
    if (this.do) parts.push(this.do);
    return parts.map((part) => part.replace(/[.\s]+$/, '')).join('. ') + '.';
  }
}

/** The bearer token, where the server wants one; it lives as long as the browser's tab. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value) => sessionStorage.setItem(TOKEN, value),
};

function headers(more = {}) {
  const bearer = token.get();
  return bearer ? { ...more, Authorization: `Bearer ${bearer}` } : more;
}

async function answer(response) {
  if (response.ok) return response;
  let error;
  try {
    ({ error } = await response.json());
  } catch {
    // Not the API's own answer: of a proxy in between.
  }
  throw new ApiError(response.status, error?.what ? error : {
    what: `The server answered ${response.status} ${response.statusText}`.trim(),
  });
}

/** @param {string} path below /api/v1/ @param {Object} [query] parameters; null and undefined are left out */
export async function get(path, query = {}, signal = undefined) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value != null && value !== ''));
  const response = await fetch(BASE + path + (parameters.size ? `?${parameters}` : ''), { headers: headers(), signal });
  return (await answer(response)).json();
}

export async function post(path, body) {
  const response = await fetch(BASE + path, {
    method: 'POST',
    headers: headers({ 'Content-Type': 'application/json' }),
    body: JSON.stringify(body),
  });
  return (await answer(response)).json();
}

/** The path of an entity, whatever its key is. */
export const entityPath = (key) => `entities/${encodeURIComponent(key)}`;

/**
 * Server-sent events, each given to `take(type, data)`, until the stream ends. By fetch and not by EventSource, which
 * can't send a token.
 */
export async function events(path, signal, opened, take) {
  const response = await answer(await fetch(BASE + path, {
    headers: headers({ Accept: 'text/event-stream' }), signal, cache: 'no-store',
  }));
  opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop();
    blocks.forEach((block) => dispatch(block, take));
  }
}

function dispatch(block, take) {
  let type = 'message';
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('event:')) type = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5));
  }
  if (data.length) take(type, JSON.parse(data.join('\n')));
}
