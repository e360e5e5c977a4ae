// The live feed: one connection for the page, as long as somebody looks.

import { ApiError, events } from './api.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const TICKS_KEPT = 240;

/**
 * Events `tick`, `scores` and `alarm` with the server's data as `detail`, and `link` with the state of the connection:
 * `live`, `lost` or `refused`.
 */
class Live extends EventTarget {
  /** The last two minutes. */
  ticks = [];
  state = 'connecting';
  #connection = null;
  #wait = FIRST_WAIT_MS;
  #timer = 0;

  constructor() {
    super();
    document.addEventListener('visibilitychange', () => (document.hidden ? this.stop() : this.start()));
  }

  start() {
    if (this.#connection || document.hidden) return;
    clearTimeout(this.#timer);
    const connection = new AbortController();
    this.#connection = connection;
    events('live', connection.signal, () => this.#opened(), (type, data) => this.#take(type, data))
      .then(() => this.#lost(connection, 'lost'))
      .catch((e) => this.#lost(connection, e instanceof ApiError && e.status === 401 ? 'refused' : 'lost'));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#connection?.abort();
    this.#connection = null;
  }

  #opened() {
    this.#wait = FIRST_WAIT_MS;
    this.#say('live');
  }

  #lost(connection, state) {
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#say(state);
    if (state === 'refused') return;
    this.#timer = setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }

  #say(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('link', { detail: state }));
  }

  #take(type, data) {
    if (type === 'tick') {
      this.ticks.push(data);
      if (this.ticks.length > TICKS_KEPT) this.ticks.shift();
    }
    this.dispatchEvent(new CustomEvent(type, { detail: data }));
  }
}

export const live = new Live();
