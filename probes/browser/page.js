// Runs first in every document of a walk, frames included. It notes when the page changed, on the page's own clock, so that the
// moment a goal was met is not rounded up by whoever asks; and it counts what a citizen would see on each screen.
(config) => {
  "use strict";
  const top = window.top === window; // a frame tells its changes and guards its presses; screens are top documents

  // Taken before the page's own scripts can wrap them.
  const timer = window.setTimeout.bind(window);
  const perf = window.performance;
  const tell = window[config.binding];
  const now = () => perf.timeOrigin + perf.now();
  const doc = `${perf.timeOrigin}:${Math.random()}`;
  const real = /^https?:$/.test(location.protocol);
  const send = (kind, more) => {
    if (kind === "refused" || (real && top === (kind !== "frame"))) tell(JSON.stringify({ kind, doc, ...more }));
  };

  // ---- when did the page change?
  const KEPT = 256;
  const PACE_MS = 16; // a page that changes all the time must not be asked faster than it paints
  let seq = 0, answered = 0, wake = null, leaving = null;
  const moves = [];

  const changed = () => {
    seq += 1;
    moves.push([seq, now()]);
    if (moves.length > KEPT) moves.shift();
    if (wake) wake();
  };
  const read = (since) => ({
    doc, seq, leaving,
    now: now(),
    last: moves.length ? moves[moves.length - 1][1] : null,
    moves: moves.filter(([n]) => n > since).map(([, at]) => at),
    ready: document.readyState !== "loading",
    complete: document.readyState === "complete",
    href: location.href.slice(0, 4000),
  });
  const next = (of, since, ms) => new Promise((resolve) => {
    const answer = () => { wake = null; answered = perf.now(); resolve(read(since)); };
    const soon = () => {
      wake = null;
      const rest = PACE_MS - (perf.now() - answered);
      if (rest > 0) timer(answer, rest); else answer();
    };
    if (of !== doc || seq > since) { soon(); return; }
    wake = soon;
    timer(() => { if (wake === soon) answer(); }, ms);
  });

  new MutationObserver(changed).observe(document,
    { subtree: true, childList: true, attributes: true, characterData: true });
  for (const event of ["load", "error", "DOMContentLoaded", "readystatechange", "animationend", "transitionend",
    "hashchange", "popstate", "input", "change", "toggle"]) {
    window.addEventListener(event, changed, { capture: true, passive: true });
  }

  // ---- what is on this screen?
  const seen = (el) => el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0;
  const clean = (text) => (text || "").normalize("NFC").replace(/\s+/g, " ").trim();
  const touched = new WeakSet();
  for (const event of ["input", "change"]) {
    window.addEventListener(event, (e) => touched.add(e.target), { capture: true, passive: true });
  }
  const CONTROL = "input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image]), select, textarea, "
    + "[contenteditable=''], [contenteditable=true], [role=textbox], [role=combobox], [role=checkbox], [role=radio], "
    + "[role=switch], [role=spinbutton], [role=listbox]";

  const named = (el) => {
    const by = (el.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => el.ownerDocument.getElementById(id)?.textContent).join("");
    return [...(el.labels || [])].some((label) => clean(label.textContent))
      || [by, el.getAttribute("aria-label"), el.title, el.placeholder].some((name) => clean(name));
  };
  const prefilled = (el) => {
    if (el.ownerDocument.defaultView?.[config.key]?.touched(el)) return false;
    if (el.type === "checkbox" || el.type === "radio") return el.checked;
    if (el.type === "file") return false;
    if (el.tagName === "SELECT") return el.selectedIndex > 0 && el.value !== "";
    return clean(el.value) !== "";
  };
  const add = (sum, other) => { for (const key in other) sum[key] = (sum[key] || 0) + other[key]; };

  const census = (root) => {
    const sum = { controls: 0, required: 0, prefilled: 0, file_inputs: 0, unnamed: 0, words: 0 };
    const groups = new Map();
    for (const el of root.querySelectorAll(CONTROL)) {
      const file = el.type === "file"; // often hidden behind a styled label
      if (el.matches(":disabled") || !(file || seen(el))) continue;
      const radio = el.type === "radio" && el.name ? `${el.form?.id || ""}:${el.name}` : el;
      const facts = groups.get(radio) || {};
      facts.required ||= el.required || el.getAttribute("aria-required") === "true";
      facts.prefilled ||= prefilled(el);
      facts.unnamed ||= !named(el);
      facts.file_inputs = file;
      groups.set(radio, facts);
    }
    sum.controls = groups.size;
    for (const facts of groups.values()) for (const key in facts) sum[key] += facts[key] ? 1 : 0;
    const text = root.body ? root.body.innerText : "";
    sum.words = (text.slice(0, 1000000).match(/\S+/g) || []).length;
    for (const frame of root.querySelectorAll("iframe, frame")) {
      let inner = null;
      try { inner = frame.contentDocument; } catch { /* another site's frame tells us nothing */ }
      if (inner && seen(frame)) add(sum, census(inner));
    }
    return sum;
  };
  const heading = () => {
    for (const level of ["h1", "h2", "[role=heading]"]) {
      for (const el of document.querySelectorAll(level)) if (seen(el)) return clean(el.innerText).slice(0, 300);
    }
    return "";
  };

  const title = () => clean(document.title).slice(0, 5000);

  // ---- how good was the page?
  const vitals = { fcp: null, lcp: null, cls: 0, tbt: 0, delay: null };
  const LONG_MS = 50;
  const watch = (type, each, more) => {
    try {
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...more });
    } catch { /* this browser does not know the entry */ }
  };
  const looks = []; // when we kept the page busy ourselves
  const timed = (look) => {
    const began = perf.now(), saw = look(), ended = perf.now();
    if (ended - began > 1) looks.push([began, ended]);
    return [saw, ended - began];
  };
  const ours = (task) => looks.reduce((sum, [began, ended]) =>
    sum + Math.max(0, Math.min(ended, task.startTime + task.duration) - Math.max(began, task.startTime)), 0);
  if (top) watch("paint", (e) => { if (e.name === "first-contentful-paint") vitals.fcp = e.startTime; });
  if (top) watch("largest-contentful-paint", (e) => { vitals.lcp = e.startTime; });
  if (top) watch("longtask", (e) => { vitals.tbt += Math.max(0, e.duration - ours(e) - LONG_MS); });
  // From the event to the next paint, as INP has it; events under 16 ms are not told.
  const HOVER = /^(pointer|mouse)(over|out|enter|leave)$/;
  if (top) watch("event", (e) => { if (!HOVER.test(e.name)) vitals.delay = Math.max(vitals.delay || 0, e.duration); },
    { durationThreshold: 16 });
  let session = 0, first = 0, last = 0;
  if (top) watch("layout-shift", (e) => {
    if (e.hadRecentInput) return;
    const same = session > 0 && e.startTime - last < 1000 && e.startTime - first < 5000;
    if (!same) first = e.startTime;
    session = same ? session + e.value : e.value;
    last = e.startTime;
    vitals.cls = Math.max(vitals.cls, session);
  });
  const quality = () => {
    const [entry] = perf.getEntriesByType("navigation");
    const delay = vitals.delay === null && used ? 0 : vitals.delay;
    return { ...vitals, delay, ttfb: entry && entry.responseStart > 0 ? entry.responseStart : null };
  };

  // ---- leaving a screen: by a document or by a route
  let screen = 0, route = null, used = false;
  const settle = () => {
    if (!route || (location.pathname === route.path && heading() === route.heading)) return;
    send("route", { screen, ...route.seen });
    screen += 1;
    route = null;
  };
  const survey = () => ({ heading: heading() || title().slice(0, 300), census: census(document) });
  // An empty string is a download whose name the server chooses.
  const downloads = (event) => typeof event.downloadRequest === "string";
  const gone = (event) => {
    if (event.destination.sameDocument) {
      const [, cost] = timed(() => {
        settle();
        route = { path: location.pathname, heading: heading(), seen: survey() };
      });
      send("cost", { cost });
      return;
    }
    if (downloads(event)) return;
    // A page that intercepts the navigation stays, and shows another screen.
    const [saw, cost] = timed(() => {
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
    const [saw, cost] = timed(survey);
    send("frame", { screen: 0, ...saw, cost });
  };
  if (window.navigation) {
    navigation.addEventListener("navigate", top ? gone : frameGone);
    for (const event of ["navigatesuccess", "navigateerror", "currententrychange"]) {
      navigation.addEventListener(event, () => { leaving = null; changed(); });
    }
  }
  // A goal may come true before the page was ever painted; the step's clock has stopped, so its first paint is awaited.
  const painted = async () => {
    for (let turn = 0; turn < 12 && top && vitals.fcp === null; turn++) {
      await new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 20); });
    }
  };
  const look = async () => {
    await painted();
    const [saw] = timed(() => { settle(); return survey(); });
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
  const names = (el) => {
    const control = el.closest(`${PRESSABLE}, a, summary, [role=link], [role=menuitem], [onclick]`);
    const label = el.closest("label")?.control;
    return [el, control, label].filter(Boolean).flatMap(own);
  };
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
  window.addEventListener("click", (event) => {
    if (permitted === "submit" || !event.isTrusted || !(event.target instanceof Element)) return;
    const name = names(event.target).find(files);
    if (name === undefined || (permitted === "tick" && ticks(event.target))) return;
    if (permitted === "open" && plainLink(event.target)) {
      event.stopImmediatePropagation(); // the page's own listeners stay out; the browser just follows the link
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    send("refused", { name });
  }, { capture: true });

  const obscured = (el) => {
    if (el.getRootNode() !== document) return false; // a shadow root answers with its host
    const hidden = () => {
      const box = el.getClientRects()[0];
      if (!box) return false;
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return null;
      const hit = document.elementFromPoint(x, y);
      const label = hit?.closest("label")?.control;
      return !(!hit || hit === el || el.contains(hit) || hit.contains(el) || label === el);
    };
    if (!hidden()) return false;
    el.scrollIntoViewIfNeeded?.(); // a scrolling box may only have clipped it
    return hidden() === true;
  };
  const PICKER = /^(date|time|datetime-local|month|week|color|range)$/;
  const aim = (els, want) => {
    const el = els[0];
    permitted = want.permit;
    used = true;
    const state = { ...read(seq), found: els.length };
    if (!el) return state;
    const listed = el.tagName === "SELECT" ? [...el.options] : [];
    const options = listed.map((o) => clean(o.label || o.text));
    const wanted = want.option === null ? [] : [
      options.indexOf(clean(want.option)),
      options.findIndex((o) => o.toLowerCase() === clean(want.option).toLowerCase()),
      listed.findIndex((o) => o.value === want.option), // recordings know no labels
    ];
    const box = el.matches("[role=checkbox], [role=radio], [role=switch]");
    return {
      ...state,
      enabled: !el.matches(":disabled") && !el.closest("[aria-disabled=true]"),
      picker: PICKER.test((el.closest("label")?.control || el).type),
      readonly: el.readOnly === true || el.getAttribute("aria-readonly") === "true",
      obscured: want.press && obscured(el),
      checked: box ? el.getAttribute("aria-checked") === "true" : el.checked === true,
      option: wanted.find((index) => index >= 0) ?? -1,
      names: want.press ? names(el) : [],
      link: plainLink(el),
    };
  };
  const focus = () => {
    permitted = "no";
    let el = document.activeElement, home = document;
    while (el && /^I?FRAME$/.test(el.tagName)) {
      try { home = el.contentDocument; el = home.activeElement; } catch { home = null; }
      if (!home) return { href: location.href, known: false, own: [], form: [] };
    }
    const scope = el?.form || el?.closest?.("form") || home;
    const lone = !el || el === home.body;
    return {
      href: home.location.href.slice(0, 4000),
      known: true,
      own: lone ? [] : names(el),
      form: [...scope.querySelectorAll(PRESSABLE), ...(scope.elements ? [...scope.elements] : [])]
        .filter((b) => b.matches(PRESSABLE)).flatMap(own),
    };
  };

  const api = { read, next, look, aim, focus, title, touched: (el) => touched.has(el) };
  Object.defineProperty(window, config.key, { value: api, configurable: true });
  send("start", {});
}
