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
  let seq = 0, answered = 0, wake = null, leaving = null;
  const moves = new Float64Array(KEPT); // the moment of change n is at n % KEPT

  const changed = () => {
    seq += 1;
    moves[seq % KEPT] = now();
    if (wake) wake();
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

  new MutationObserver(changed).observe(document,
    { subtree: true, childList: true, attributes: true, characterData: true });
  for (const event of ["load", "error", "DOMContentLoaded", "readystatechange", "animationend", "transitionend",
    "hashchange", "popstate", "input", "change", "toggle"]) {
    native.listen(event, changed, { capture: true, passive: true });
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
  const watch = (type, each, more) => {
    const all = (list) => any(native.listed(list), each);
    try { new PerformanceObserver(all).observe({ type, buffered: true, ...more }); } catch { /* not known to this browser */ }
  };
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
  if (top) watch("paint", (e) => { if (e.name === "first-contentful-paint") vitals.fcp = e.startTime; });
  if (top) watch("largest-contentful-paint", (e) => { vitals.lcp = e.startTime; });
  if (top) watch("longtask", (e) => { vitals.tbt += native.max(0, e.duration - ours(e) - LONG_MS); });
  // From the event to the next paint, as INP has it; events under 16 ms are not told.
  const HOVER = /^(pointer|mouse)(over|out|enter|leave)$/;
  if (top) watch("event", (e) => {
    if (!native.exec(HOVER, e.name)) vitals.delay = native.max(vitals.delay || 0, e.duration);
  }, { durationThreshold: 16 });
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
    const entry = native.entries("navigation")[0];
    const delay = vitals.delay === null && used ? 0 : vitals.delay;
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
  const painted = async () => {
    for (let turn = 0; turn < 12 && top && vitals.fcp === null; turn++) {
      await new native.Promise((done) => { native.frame(done); native.timer(done, 20); });
    }
  };
  const look = async () => {
    await painted();
    const { saw } = timed(() => { settle(); return survey(); });
    return { doc, screen, ...saw, vitals: quality() };
  };

  // ---- what is about to be pressed?
  const own = (el) => {
    const by = (el.getAttribute?.("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => el.ownerDocument.getElementById(id)?.textContent);
    const drawn = ["::before", "::after"].map((part) => getComputedStyle(el, part).content);
    const pictures = [...el.querySelectorAll("img[alt], svg title, [aria-label], [title]")]
      .flatMap((p) => [p.alt, p.textContent, p.getAttribute("aria-label"), p.getAttribute("title")]);
    const value = el.tagName === "INPUT" && /^(submit|button|image|reset)$/.test(el.type) ? [el.value, el.alt] : [];
    return [el.textContent, el.innerText, el.getAttribute("aria-label"), el.title, ...value, ...by, ...drawn, ...pictures]
      .map(clean).filter(Boolean).map((name) => name.slice(0, 2000));
  };
  const PRESSABLE = "button, input[type=submit], input[type=image], input[type=button], [role=button]";
  const control = (el) => el?.closest(`${PRESSABLE}, a, summary, [role=link], [role=menuitem], [onclick]`);
  const names = (el) => [el, control(el), el.closest("label")?.control].filter(Boolean).flatMap(own);
  // A link that the browser itself follows: nothing but a GET of a web page.
  const plainLink = (el) => {
    const link = el.closest("a[href]");
    return Boolean(link) && /^https?:$/.test(link.protocol) && !el.closest(`${PRESSABLE}, [onclick]`);
  };
  // A box or radio button that only takes a mark; what files may call itself one.
  const ticks = (el) => {
    const box = el.closest("label")?.control || el.closest("input, button, [role=checkbox], [role=radio], [role=switch]");
    if (box?.tagName === "INPUT") return /^(checkbox|radio)$/.test(box.type);
    return Boolean(box) && !(box.tagName === "BUTTON" && box.form && box.type === "submit");
  };
  // The last look before the press: the page may have put another control where the judged one was.
  let permitted = "no";
  const [filing, plainly] = config.filing.map((source) => new RegExp(source, "u"));
  const files = (name) => {
    const text = clean(name).toLowerCase();
    return filing.test(text) || (/^[\x00-\x7f]*$/.test(text) && plainly.test(text));
  };
  const judge = (event) => {
    const el = native.path(event)[0];
    if (permitted === "submit" || !event.isTrusted || !(el instanceof Element)) return;
    if (permitted === "tick" && ticks(el)) return;
    const { clientX: x, clientY: y } = event.changedTouches?.[0] || event;
    const click = /click$/.test(event.type);
    // Where a drag ends, the event may go to what is dragged; and much text may stand around what is no control.
    const said = click ? names(el) : [el, document.elementFromPoint(x, y)].map(control).filter(Boolean).flatMap(own);
    const name = said.find(files);
    const opens = permitted === "open" && plainLink(el);
    if (name === undefined || (opens && !click)) return;
    event.stopImmediatePropagation(); // of a plain link too: the browser just follows it
    if (opens) return;
    event.preventDefault();
    send("refused", { name });
  };
  for (const kind of ["click", "dblclick", "pointerup", "mouseup", "touchend", "drop"]) {
    native.listen(kind, judge, { capture: true, passive: false });
  }

  // Where a citizen would press: the middle of the part of the element that can be seen and is on top.
  const composed = function* (node) { for (; node; node = node.parentNode || node.host) yield node; };
  const meant = (el, hit) => {
    for (const node of composed(hit)) if (node === el || node.control === el) return true;
    for (const node of composed(el)) if (node === hit) return true;
    return false;
  };
  const uppermost = (x, y) => {
    let hit = document.elementFromPoint(x, y), inner = hit;
    while (inner?.shadowRoot && (inner = inner.shadowRoot.elementFromPoint(x, y)) && inner !== hit) hit = inner;
    return hit;
  };
  const middle = (el) => {
    for (const box of el.getClientRects()) {
      const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
      const above = Math.max(box.top, 0), below = Math.min(box.bottom, innerHeight);
      if (right - left >= 1 && below - above >= 1) return [(left + right) / 2, (above + below) / 2];
    }
    return null;
  };
  const point = (el) => {
    for (const block of ["", "center", "end", "start"]) {
      if (block) el.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
      const at = middle(el), hit = at && uppermost(...at);
      if (hit && meant(el, hit)) return at;
    }
    return null;
  };
  // The page may move while the pointer is on its way: a press that lands elsewhere is taken back and told.
  let aimed = null, missed = false;
  const POINTER = ["pointerdown", "mousedown", "touchstart", "pointerup", "mouseup", "touchend", "click"];
  for (const type of POINTER) {
    native.listen(type, (event) => {
      if (!event.isTrusted) return;
      if (type === "pointerdown") {
        missed = aimed !== null && !meant(aimed, event.composedPath()[0]);
        if (missed) send("missed", {});
        aimed = null;
      }
      if (!missed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, { capture: true, passive: false });
  }
  // A form is sent one task after its button was pressed: only then is it known that the page is being left.
  let stirred = false;
  for (const type of ["click", "submit"]) native.listen(type, () => { stirred = true; }, { capture: true });
  const calm = async () => {
    if (!stirred) return;
    stirred = false;
    await new native.Promise((done) => { native.timer(done, 0); });
  };

  // What can be typed into is made ready: with the focus, and what stands there marked, so that typing replaces it.
  const TYPED = /^(|text|search|tel|url|email|password|number)$/;
  const readied = (el) => {
    const field = el.tagName === "TEXTAREA" || (el.tagName === "INPUT" && TYPED.test(el.getAttribute("type") || ""));
    if (!field && !el.isContentEditable) return false;
    el.focus();
    if (field) el.select(); else getSelection().selectAllChildren(el);
    return true;
  };
  const choose = (els, index) => {
    els[0].selectedIndex = index;
    for (const type of ["input", "change"]) els[0].dispatchEvent(new Event(type, { bubbles: true, composed: true }));
  };
  const PICKER = /^(date|time|datetime-local|month|week|color|range)$/;
  const aim = async (els, want) => {
    await calm();
    const el = els[0]?.isConnected ? els[0] : undefined;
    permitted = want.permit;
    aimed = null;
    missed = false;
    used = true;
    const state = { ...read(seq), found: el ? els.length : 0 };
    if (!el) return state;
    const listed = el.tagName === "SELECT" ? [...el.options] : [];
    const options = listed.map((o) => clean(o.label || o.text));
    const wanted = want.option === null ? [] : [
      options.indexOf(clean(want.option)),
      options.findIndex((o) => o.toLowerCase() === clean(want.option).toLowerCase()),
      listed.findIndex((o) => o.value === want.option), // recordings know no labels
    ];
    const box = el.matches("[role=checkbox], [role=radio], [role=switch]");
    const enabled = !el.matches(":disabled") && !el.closest("[aria-disabled=true]");
    const readonly = el.readOnly === true || el.getAttribute("aria-readonly") === "true";
    const at = want.press ? point(el) : null;
    if (top && at && want.strike) aimed = el;
    return {
      ...state,
      enabled,
      picker: PICKER.test((el.closest("label")?.control || el).type),
      readonly,
      obscured: want.press && !at,
      point: top && want.strike ? at : null,
      ready: top && want.write && enabled && !readonly && readied(el),
      checked: box ? el.getAttribute("aria-checked") === "true" : el.checked === true,
      radio: el.matches("input[type=radio], [role=radio]"),
      field: el.isContentEditable || (el.matches(`textarea, ${INPUT}`) && !/^(checkbox|radio|file|range|color)$/.test(el.type)),
      option: wanted.find((index) => index >= 0) ?? -1,
      names: want.press ? names(el) : [],
      link: plainLink(el),
    };
  };
  const focus = () => {
    permitted = "no";
    let el = document.activeElement, home = document, around = null;
    while (el && (el.shadowRoot?.activeElement || /^I?FRAME$/.test(el.tagName))) {
      try {
        around = el.shadowRoot ? home : null; // a page may listen to what happens in its shadow roots
        home = el.shadowRoot || el.contentDocument;
        el = home.activeElement;
      } catch { home = null; }
      if (!home) return { href: location.href, known: false, own: [], form: [] };
    }
    const scope = el?.form || el?.closest?.("form") || home;
    const lone = !el || el === home.body;
    const buttons = [scope, around].filter(Boolean).flatMap((one) => [...one.querySelectorAll(PRESSABLE)]);
    return {
      href: (home.location || home.ownerDocument.location).href.slice(0, 4000),
      known: true,
      own: lone ? [] : names(el),
      form: [...buttons, ...(scope.elements ? [...scope.elements] : [])].filter((b) => b.matches(PRESSABLE)).flatMap(own),
    };
  };

  const glance = async (els) => {
    await calm();
    return { __proto__: null, ...read(seq), found: els.length > 0 && native.connected(els[0]) ? 1 : 0 };
  };

  const api = Object.freeze({ __proto__: null, read, next, look, glance, aim, choose, focus, title, touched: (el) => native.has(touched, el) });
  Object.defineProperty(window, config.key, { value: api });
  send("start", {});
}
