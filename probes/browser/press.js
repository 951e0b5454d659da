// Stands at the end of page.js, in its scope: what is about to be pressed, where, whether it may be, and whether it was hit.
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
const UNSEEN = /[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g;
const files = (name) => {
  const text = clean(clean(name).replace(UNSEEN, "")).toLowerCase();
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
  // What a closed shadow root shows cannot be read, so it may be anything.
  const shut = click && said.every((one) => /^(none|normal)$/.test(one)) && el.localName.includes("-") && !el.shadowRoot;
  const name = shut ? el.localName : said.find(files);
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
  const control = el.closest("button, [role=button], a, [role=link]") || el; // a word in a button is pressed by pressing it
  for (const node of composed(hit)) if (node === el || node === control || node.control === el) return true;
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
    for (const place of [el, ...(el.labels || [])]) { // a box may lie below what is drawn for it, its label does not
      const at = middle(place), hit = at && uppermost(...at);
      if (hit && meant(el, hit)) return at;
    }
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
let writing = null, given = null, astray = false;
const readied = (el) => {
  const typed = el.tagName === "TEXTAREA" || (el.tagName === "INPUT" && TYPED.test(el.getAttribute("type") || ""));
  if (!typed && !el.isContentEditable) return false;
  el.focus();
  if (typed) el.select(); else getSelection().selectAllChildren(el);
  writing = el;
  return true;
};
// The page may move the focus while the text is on its way: what would go into another field, or into a frame that the walk
// does not use, is taken back and told.
native.listen("beforeinput", (event) => {
  const here = top ? writing === null || writing.contains(event.composedPath()[0]) : used;
  if (here || !event.isTrusted) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  astray = true;
  send("missed", {});
}, { capture: true });
const wrote = () => ({ astray, empty: given !== null && given.value === "" });
// Nobody files anything by choosing or typing; a page may send its form at that.
let filling = false;
const filed = (event) => {
  if (!filling || !event.formData) return undefined;
  return [...document.querySelectorAll(PRESSABLE)].flatMap(own).find(files);
};
const choose = (els, index) => {
  els[0].selectedIndex = index;
  for (const type of ["input", "change"]) els[0].dispatchEvent(new Event(type, { bubbles: true, composed: true }));
};
const PICKER = /^(date|time|datetime-local|month|week|color|range)$/;
const usable = (el) => !el.matches(":disabled") && !el.closest("[aria-disabled=true]");
const aim = async (els, want) => {
  await calm();
  const el = els[0]?.isConnected ? els[0] : undefined;
  permitted = want.permit;
  aimed = writing = null;
  given = (want.write && el) || null;
  missed = astray = false;
  used = true;
  filling = want.write || want.option !== null || want.permit === "tick";
  const state = { ...read(seq), found: el ? els.length : 0 };
  if (!el) return state;
  const listed = el.tagName === "SELECT" ? [...el.options] : [];
  const options = listed.map((o) => clean(o.label || o.text));
  const free = (i) => !listed[i].matches(":disabled");
  const wanted = want.option === null ? [] : [
    options.findIndex((o, i) => o === clean(want.option) && free(i)),
    options.findIndex((o, i) => o.toLowerCase() === clean(want.option).toLowerCase() && free(i)),
    listed.findIndex((o, i) => o.value === want.option && free(i)), // recordings know no labels
  ];
  const box = el.matches("[role=checkbox], [role=radio], [role=switch]");
  const ticked = el.closest("label")?.control || el;
  const enabled = usable(el);
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
    box: box || ticked.matches("input[type=checkbox], input[type=radio]"),
    numeric: el.type === "number",
    radio: el.matches("input[type=radio], [role=radio]"),
    field: el.isContentEditable || (el.matches(`textarea, ${INPUT}`) && !/^(checkbox|radio|file|range|color)$/.test(el.type)),
    option: wanted.find((index) => index >= 0) ?? -1,
    names: want.press ? names(el) : [],
    link: plainLink(el),
  };
};
const focus = () => {
  permitted = "no";
  writing = null;
  filling = false;
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
