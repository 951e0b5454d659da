// Stands at the beginning of page.js, in its scope: what the browser itself provides, as it was before the page's scripts could
// replace it. What runs later calls nothing else by way of a prototype, walks lists by index, and sends objects without a
// prototype; otherwise the page would run inside our script, see what it holds and alter what it tells.
const { Element, Error, ErrorEvent, Map, MutationObserver, PerformanceObserver, RegExp, WeakSet } = window;
const unbound = Function.prototype.bind.bind(Function.prototype.call); // unbound(f)(self, ...args) is self.f(...args)
const getter = (kind, name) => unbound(Object.getOwnPropertyDescriptor(kind.prototype, name).get);
const native = {
  __proto__: null,
  Promise: window.Promise,
  apply: Reflect.apply,
  debug: console.debug,
  json: JSON.stringify,
  max: Math.max,
  min: Math.min,
  text: String,
  ticks: performance.now.bind(performance),
  entries: performance.getEntriesByType.bind(performance),
  listed: unbound(PerformanceObserverEntryList.prototype.getEntries),
  taken: unbound(PerformanceObserver.prototype.takeRecords),
  timer: window.setTimeout.bind(window),
  frame: window.requestAnimationFrame.bind(window),
  listen: EventTarget.prototype.addEventListener.bind(window),
  hear: EventTarget.prototype.addEventListener.bind(document),
  path: unbound(Event.prototype.composedPath),
  target: getter(Event, "target"),
  stamp: getter(Event, "timeStamp"),
  prevent: unbound(Event.prototype.preventDefault),
  slice: unbound(String.prototype.slice),
  trim: unbound(String.prototype.trim),
  replace: unbound(String.prototype.replace),
  normalize: unbound(String.prototype.normalize),
  exec: unbound(RegExp.prototype.exec),
  has: unbound(WeakSet.prototype.has),
  add: unbound(WeakSet.prototype.add),
  get: unbound(Map.prototype.get),
  set: unbound(Map.prototype.set),
  each: unbound(Map.prototype.forEach),
  allIn: unbound(Document.prototype.querySelectorAll),
  byId: unbound(Document.prototype.getElementById),
  matches: unbound(Element.prototype.matches),
  attribute: unbound(Element.prototype.getAttribute),
  observe: unbound(MutationObserver.prototype.observe),
  connected: getter(Node, "isConnected"),
  content: getter(Node, "textContent"),
  boxes: unbound(Element.prototype.getClientRects),
  visible: unbound(Element.prototype.checkVisibility),
  // A form or picture that is called "title" or "body" hides the document's own property of that name.
  body: getter(Document, "body"),
  title: getter(Document, "title"),
  state: getter(Document, "readyState"),
};
const origin = performance.timeOrigin;
const now = () => origin + native.ticks();
const doc = `${origin}:${Math.random()}`;
const real = /^https?:$/.test(location.protocol);

// A line of the console is the one way out that runs no code of the page. No page knows the token that makes it a report.
const send = (kind, more) => {
  if (kind !== "refused" && kind !== "threw" && kind !== "missed" && !(real && top === (kind !== "frame"))) return;
  native.debug(config.token + native.json({ __proto__: null, ...more, kind, doc }));
};

// Nobody asked for a window that opens without a press: a citizen's browser blocks it, a headless one does not.
const active = getter(UserActivation, "isActive"), activation = navigator.userActivation;
const WINDOWS = 20;
let windows = 0;
window.open = new Proxy(window.open, {
  __proto__: null,
  apply: (open, self, words) => {
    if (!active(activation) || windows >= WINDOWS) return null;
    windows += 1;
    return native.apply(open, self, words);
  },
});

// What the page writes for programmers is cut here, before it costs the agent memory.
const LINES = 1000, LINE = 2000;
let lines = 0;
const tooLong = (error) => {
  try { return typeof error?.stack === "string" && error.stack.length > LINE; } catch { return true; }
};
const cut = (value) => {
  if (typeof value === "string") return value.length > LINE ? native.slice(value, 0, LINE) : value;
  if (typeof value === "function") return "ƒ";
  if (value instanceof RegExp) return "/…/";
  return value instanceof Error && tooLong(value) ? "Error …" : value;
};
const spare = (method, self, words) => {
  lines += 1;
  if (lines > LINES) return undefined;
  for (let i = 0; i < words.length; i++) words[i] = cut(words[i]);
  return native.apply(method, self, words);
};
for (const name of Object.getOwnPropertyNames(console)) {
  if (typeof console[name] === "function") console[name] = new Proxy(console[name], { __proto__: null, apply: spare });
}
const threw = (event, said, error) => {
  lines += 1;
  if (lines <= LINES && said.length <= LINE && !tooLong(error)) return;
  native.prevent(event); // otherwise the browser tells us all of it
  if (lines <= LINES) send("threw", { text: native.slice(said, 0, LINE) });
};
native.listen("error", (event) => {
  if (event instanceof ErrorEvent) threw(event, event.message, event.error);
}, { capture: true });
native.listen("unhandledrejection", (event) => {
  const why = event.reason;
  threw(event, typeof why === "string" ? why : why instanceof Error ? "Error" : typeof why, why);
}, { capture: true });
