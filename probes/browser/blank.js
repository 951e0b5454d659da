// Stands in page.js, in its scope: whether the browser holds back the whole document, so that a citizen looks at a white page.
// It paints no frame before every style sheet of the head, and whatever else is marked as blocking, has come or failed; the first
// frame proves that nothing is held back. Both must speak for it: what never gets a frame for another reason is not blank.
const HOLDING = "head link[rel~=stylesheet i], head style, head [blocking~=render i]";
const SHOWING_MS = 100;
const arrived = new WeakSet();
let framed = false, onShown = null;
const imports = (el) => native.exec(/@import/i, native.slice(native.content(el) || "", 0, 10000)) !== null;
const holds = (el) => !native.has(arrived, el) && (!native.matches(el, "style") || imports(el));
const blank = () => !framed && any(native.allIn(document, HOLDING), holds);
const lift = (happens) => {
  const was = blank();
  happens();
  if (!was || blank()) return;
  changed();
  if (onShown) onShown();
};
native.frame(() => lift(() => { framed = true; }));
// The end of a style sheet is told to its element and its document, and not to the window.
for (const event of ["load", "error"]) {
  native.hear(event, (e) => { if (!framed) lift(() => native.add(arrived, native.target(e))); }, { capture: true, passive: true });
}
// Spares whoever asks another question: mostly the first frame is a few milliseconds away.
const visible = () => !blank() ? null
  : new native.Promise((done) => { onShown = done; native.timer(done, SHOWING_MS); });
