// Stands in page.js, in its scope, after press.js: what an element says, for the conditions of a walk.
const shown = (el) => {
  if (el.tagName === "SELECT") return clean([...el.selectedOptions].map((o) => o.label || o.text).join(", "));
  const said = el.isContentEditable ? el.innerText : el.value;
  return typeof said === "string" ? native.slice(said, 0, 10000) : null;
};
// A script that sets a field's value tells nobody of it; while somebody asks, the field is looked at with every frame.
const ASKED_MS = 1000;
let field = null, known = null, until = 0;
const peek = () => {
  const said = shown(field);
  if (said !== known) { known = said; changed(); }
  if (native.ticks() < until) native.frame(peek); else field = null;
};
const spy = (el) => {
  const idle = field === null;
  field = el;
  known = shown(el);
  until = native.ticks() + ASKED_MS;
  if (idle) native.frame(peek);
  return known;
};
const facts = (els, asked) => els.length === 0 ? null : {
  enabled: usable(els[0]),
  value: asked.value ? spy(els[0]) : null,
  attribute: asked.attribute === null ? null : els[0].getAttribute(asked.attribute),
};
