// Elements made by code. Text is always text: what comes from events is never read as markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An HTML element.
 *
 * @param {string} tag `div`, or with classes `div.card.wide`
 * @param {Object} [props] attributes; `onclick` and the like are listeners, true is an attribute without a value, and
 *     false, null and undefined leave it out
 * @param {...(Node|string|number|null|Array)} children
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  return fill(element, props, children);
}

/** An SVG element; as {@link h}. */
export function s(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElementNS(SVG, name);
  if (classes.length) element.setAttribute('class', classes.join(' '));
  return fill(element, props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/** Writes a text only where it changed: an unchanged page costs no layout. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, in their order, and keeps the element of an item that was there.
 *
 * @param {Map} kept elements by key, of the call before
 * @param {Function} key of an item
 * @param {Function} make an element for a new item
 */
export function reconcile(parent, kept, items, key, make) {
  const present = new Set(items.map(key));
  for (const [k, element] of kept) {
    if (!present.has(k)) {
      element.remove();
      kept.delete(k);
    }
  }
  let at = parent.firstElementChild;
  for (const item of items) {
    const k = key(item);
    let element = kept.get(k);
    if (!element) {
      element = make(item);
      kept.set(k, element);
    }
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
}

/** Calls `draw` at most once a frame, however often it is asked to. Not at all while the page is hidden. */
export function perFrame(draw) {
  let asked = 0;
  const request = () => {
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; draw(); });
  };
  request.cancel = () => { cancelAnimationFrame(asked); asked = 0; };
  return request;
}

/** Calls `ask` now and then `ms` after each end of it, while the page is seen. Returns what stops it. */
export function repeat(ask, ms) {
  let timer = 0;
  let stopped = false;
  const next = async () => {
    if (!document.hidden) await ask();
    if (!stopped) timer = setTimeout(next, ms);
  };
  next();
  return () => { stopped = true; clearTimeout(timer); };
}
