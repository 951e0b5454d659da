// Runs first in every document of a walk, frames included. It notes when the page changed, on the page's own clock, so that the
// moment a goal was met is not rounded up by whoever asks; and it counts what a citizen would see on each screen. A page may be
// hostile: what it replaced or overrode must not run in here, see natives.js.
(config) => {
  "use strict";
  const top = window.top === window; // a frame tells its changes and guards its presses; screens are top documents

/* natives.js */

  // ---- when did the page change?
  const KEPT = 256;
  const PACE_MS = 16; // a page that changes all the time must not be asked faster than it paints
  let seq = 0, answered = 0, wake = null, leaving = null, grown = null;
  const moves = new Float64Array(KEPT); // the moment of change n is at n % KEPT

  // What the document comes to by itself (it is parsed, it is complete) shows nothing that was not there before.
  const ripened = () => {
    seq += 1;
    moves[seq % KEPT] = now();
    if (wake) wake();
  };
  const changed = () => {
    ripened();
    grown = moves[seq % KEPT];
  };
  const since = (n) => {
    const found = [];
    for (let i = native.max(n, seq - KEPT, 0) + 1; i <= seq; i++) found[found.length] = moves[i % KEPT];
    return found;
  };
  const read = (n) => ({
    doc, seq, leaving,
    now: now(),
    last: seq ? moves[seq % KEPT] : null,
    moves: since(n),
    ready: native.state(document) !== "loading",
    complete: native.state(document) === "complete",
    blank: blank(),
    href: native.slice(location.href, 0, 4000),
  });
  const next = (of, n, ms) => new native.Promise((resolve) => {
    const answer = () => { wake = null; answered = native.ticks(); resolve(read(n)); };
    const soon = () => {
      wake = null;
      const rest = PACE_MS - (native.ticks() - answered);
      if (rest > 0) native.timer(answer, rest); else answer();
    };
    if (of !== doc || seq > n) { soon(); return; }
    wake = soon;
    native.timer(() => { if (wake === soon) answer(); }, ms);
  });

  const observer = new MutationObserver(changed);
  const observe = (root) => native.observe(observer, root,
    { __proto__: null, subtree: true, childList: true, attributes: true, characterData: true });
  observe(document);
  // What changes in a shadow root, or by a rule of style, changes no node of the document.
  const told = (holder, name, after) => {
    holder[name] = new Proxy(holder[name], {
      __proto__: null,
      apply: (f, self, words) => { const made = native.apply(f, self, words); after(made); return made; },
    });
  };
  told(Element.prototype, "attachShadow", observe);
  for (const name of ["insertRule", "deleteRule", "replaceSync"]) told(CSSStyleSheet.prototype, name, changed);
  for (const event of ["animationend", "transitionend", "hashchange", "popstate", "input", "change", "toggle"]) {
    native.listen(event, changed, { capture: true, passive: true });
  }
  for (const event of ["load", "error", "DOMContentLoaded", "readystatechange"]) {
    native.listen(event, (e) => { if (native.target(e) === document) ripened(); else changed(); }, { capture: true, passive: true });
  }

  // ---- what is on this screen?
  const seen = (el) => native.visible(el, { visibilityProperty: true }) && native.boxes(el).length > 0;
  const clean = (said) => native.trim(native.replace(native.normalize(native.text(said || ""), "NFC"), /\s+/g, " "));
  const words = (said, each) => {
    const word = /\S+/g;
    for (let hit = native.exec(word, said); hit; hit = native.exec(word, said)) each(hit[0]);
  };
  const any = (list, holding) => {
    for (let i = 0; i < list.length; i++) if (holding(list[i])) return true;
    return false;
  };
/* blank.js */

  const touched = new WeakSet();
  for (const event of ["input", "change"]) {
    native.listen(event, (e) => native.add(touched, e.target), { capture: true, passive: true });
  }
  const INPUT = "input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image])";
  const CONTROL = `${INPUT}, select, textarea, `
    + "[contenteditable=''], [contenteditable=true], [role=textbox], [role=combobox], [role=checkbox], [role=radio], "
    + "[role=switch], [role=spinbutton], [role=listbox]";

  const labelling = (el) => {
    const found = [];
    words(native.attribute(el, "aria-labelledby") || "", (id) => {
      found[found.length] = native.byId(el.ownerDocument, id)?.textContent;
    });
    return found;
  };
  // Asking each control for its labels would search the whole page each time.
  const labelled = (root) => {
    const found = new WeakSet();
    any(native.allIn(root, "label"), (label) => {
      if (label.control && clean(label.textContent)) native.add(found, label.control);
    });
    return found;
  };
  const named = (el) => any(labelling(el), clean)
    || any([native.attribute(el, "aria-label"), el.title, el.placeholder], clean);
  const prefilled = (el) => {
    if (el.ownerDocument.defaultView?.[config.key]?.touched(el)) return false;
    if (el.type === "checkbox" || el.type === "radio") return el.checked;
    if (el.type === "file") return false;
    if (el.tagName === "SELECT") return el.selectedIndex > 0 && el.value !== "";
    return clean(el.value) !== "";
  };
  const add = (sum, other) => { for (const key in sum) sum[key] += other[key]; };

  const census = (root) => {
    const sum = { __proto__: null, controls: 0, required: 0, prefilled: 0, file_inputs: 0, unnamed: 0, words: 0 };
    const controls = native.allIn(root, CONTROL), inside = native.allIn(root, "iframe, frame"), body = native.body(root);
    const groups = new Map(), labels = labelled(root);
    for (let i = 0; i < controls.length; i++) {
      const el = controls[i], file = el.type === "file"; // often hidden behind a styled label
      if (native.matches(el, ":disabled") || !(file || seen(el))) continue;
      const radio = el.type === "radio" && el.name ? `${el.form?.id || ""}:${el.name}` : el;
      const facts = native.get(groups, radio) || { __proto__: null, required: 0, prefilled: 0, unnamed: 0, file_inputs: 0 };
      facts.required ||= el.required || native.attribute(el, "aria-required") === "true";
      facts.prefilled ||= prefilled(el);
      facts.unnamed ||= !native.has(labels, el) && !named(el);
      facts.file_inputs = file;
      native.set(groups, radio, facts);
    }
    native.each(groups, (facts) => {
      sum.controls += 1;
      for (const key in facts) sum[key] += facts[key] ? 1 : 0;
    });
    words(body ? native.slice(native.text(body.innerText), 0, 1000000) : "", () => { sum.words += 1; });
    for (let i = 0; i < inside.length; i++) {
      let inner = null;
      try { inner = inside[i].contentDocument; } catch { /* another site's frame tells us nothing */ }
      if (inner && seen(inside[i])) add(sum, census(inner));
    }
    return sum;
  };
  const LEVELS = ["h1", "h2", "[role=heading]"];
  const heading = () => {
    for (let i = 0; i < LEVELS.length; i++) {
      const found = native.allIn(document, LEVELS[i]);
      for (let n = 0; n < found.length; n++) if (seen(found[n])) return native.slice(clean(found[n].innerText), 0, 300);
    }
    return "";
  };

  const title = () => clean(native.slice(native.title(document), 0, 5000));

  // ---- how good was the page?
  const vitals = { __proto__: null, fcp: null, lcp: null, cls: 0, tbt: 0, delay: null };
  const LONG_MS = 50;
  const watching = [];
  const watch = (type, each, more) => {
    const teller = new PerformanceObserver((list) => any(native.listed(list), each));
    try { teller.observe({ type, buffered: true, ...more }); } catch { return; /* not known to this browser */ }
    watching[watching.length] = { teller, each };
  };
  // What was told and not served yet, because the page is busy or is being left.
  const drain = () => { any(watching, ({ teller, each }) => any(native.taken(teller), each)); };
  const looks = []; // when we kept the page busy ourselves
  const timed = (look) => {
    const began = native.ticks(), saw = look(), ended = native.ticks();
    if (ended - began > 1) looks[looks.length] = { began, ended };
    return { saw, cost: ended - began };
  };
  const ours = (task) => {
    let sum = 0;
    any(looks, ({ began, ended }) => {
      sum += native.max(0, native.min(ended, task.startTime + task.duration) - native.max(began, task.startTime));
    });
    return sum;
  };
  let onPaint = null;
  if (top) watch("paint", (e) => {
    if (e.name !== "first-contentful-paint") return;
    vitals.fcp = e.startTime;
    if (onPaint) onPaint();
  });
  if (top) watch("largest-contentful-paint", (e) => { vitals.lcp = e.startTime; });
  if (top) watch("longtask", (e) => { vitals.tbt += native.max(0, e.duration - ours(e) - LONG_MS); });
  // From the event to the next paint, as INP has it. The browser tells of an event only after that paint, up to five frames
  // later on a busy machine, and never of one under 16 ms: that is known once the frames have come and nothing was told.
  const HOVER = /^(pointer|mouse)(over|out|enter|leave)$/;
  const FRAMES = 6, FRAME_MS = 100; // a tab that is not shown has no frames
  let acted = -1, settled = -1; // the newest event, and up to where nothing more can be told
  if (top) watch("event", (e) => {
    settled = native.max(settled, e.startTime);
    if (native.exec(HOVER, e.name) || e.duration <= (vitals.delay || 0)) return;
    vitals.delay = e.duration;
    if (leaving !== null) send("late", { delay: vitals.delay });
  }, { durationThreshold: 16 });
  if (top) for (const type of ["pointerdown", "pointerup", "click", "keydown", "keyup", "input"]) {
    native.listen(type, (event) => { if (event.isTrusted) acted = native.stamp(event); }, { capture: true, passive: true });
  }
  const frame = () => new native.Promise((done) => { native.frame(done); native.timer(done, FRAME_MS); });
  const settling = async () => {
    for (let n = 0; settled < acted && n < FRAMES; n++) {
      await frame();
      drain();
    }
    settled = native.max(settled, acted);
  };
  let session = 0, first = 0, last = 0;
  if (top) watch("layout-shift", (e) => {
    if (e.hadRecentInput) return;
    const same = session > 0 && e.startTime - last < 1000 && e.startTime - first < 5000;
    if (!same) first = e.startTime;
    session = same ? session + e.value : e.value;
    last = e.startTime;
    vitals.cls = native.max(vitals.cls, session);
  });
  const quality = () => {
    drain();
    const entry = native.entries("navigation")[0];
    const delay = vitals.delay === null && acted >= 0 && settled >= acted ? 0 : vitals.delay;
    return { __proto__: null, ...vitals, delay, ttfb: entry && entry.responseStart > 0 ? entry.responseStart : null };
  };

  // ---- leaving a screen: by a document or by a route
  let screen = 0, route = null, used = false;
  const settle = () => {
    if (!route || (location.pathname === route.path && heading() === route.heading)) return;
    send("route", { screen, ...route.seen });
    screen += 1;
    route = null;
  };
  const survey = () => ({ __proto__: null, heading: heading() || native.slice(title(), 0, 300), census: census(document) });
  // An empty string is a download whose name the server chooses.
  const downloads = (event) => typeof event.downloadRequest === "string";
  const gone = (event) => {
    if (event.destination.sameDocument) {
      const { cost } = timed(() => {
        settle();
        route = { path: location.pathname, heading: heading(), seen: survey() };
      });
      send("cost", { cost });
      return;
    }
    if (downloads(event)) return;
    const name = filed(event);
    if (name !== undefined && event.cancelable) {
      event.preventDefault();
      send("refused", { name });
      return;
    }
    // A page that intercepts the navigation stays, and shows another screen.
    const { saw, cost } = timed(() => {
      settle();
      route = { path: location.pathname, heading: heading(), seen: survey() };
      return route.seen;
    });
    leaving = now();
    send("left", { screen, ...saw, vitals: quality(), cost });
  };
  // What was filled in inside a frame is gone with the frame's document, while the screen stays.
  const frameGone = (event) => {
    if (event.destination.sameDocument || downloads(event)) return;
    leaving = now();
    if (!used) return;
    const { saw, cost } = timed(survey);
    send("frame", { screen: 0, ...saw, cost });
  };
  if (window.navigation) {
    const heed = EventTarget.prototype.addEventListener.bind(window.navigation);
    heed("navigate", top ? gone : frameGone);
    for (const event of ["navigatesuccess", "navigateerror", "currententrychange"]) {
      heed(event, () => { leaving = null; changed(); });
    }
  }
  // A goal may come true before the page was ever painted; the step's clock has stopped, so its first paint is awaited.
  const PAINT_MS = 250; // a page without anything to see is never painted
  const painted = () => vitals.fcp !== null || !top ? null
    : new native.Promise((done) => { onPaint = done; native.timer(done, PAINT_MS); });
  const look = async (last) => {
    await painted();
    if (last) await settling(); // earlier screens are read again, or tell when they are left
    const { saw } = timed(() => { settle(); return survey(); });
    return { doc, screen, ...saw, vitals: quality() };
  };

/* press.js */

  const glance = async (els) => {
    await calm();
    if (els.length > 0) await visible();
    return { __proto__: null, ...read(seq), last: grown, found: els.length > 0 && native.connected(els[0]) ? 1 : 0 };
  };

/* says.js */

  const api = Object.freeze({ __proto__: null, read, next, look, glance, aim, choose, wrote, focus, title, facts,
    touched: (el) => native.has(touched, el) });
  Object.defineProperty(window, config.key, { value: api });
  send("start", {});
}
