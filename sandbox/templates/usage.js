// Usage statistics: counts what the visitor's hands do on this page, and tells the page's own site when there is time.
// In the head and in every frame, because nothing may happen before it listens.
(function () {
  "use strict";
  var PICKED = /^(select-one|select-multiple|radio|checkbox|date|time|month|week|datetime-local|color|range)$/;
  var NO_KEY = /^(Shift|Control|Alt|AltGraph|Meta|CapsLock|Unidentified)$/;
  var FAR_PX = 8, PATIENCE_MS = 250;
  var counts = {}, hands = [], hand = "", timer = 0, down = null, written = null, keyed = false;
  var fresh = window.top === window && !window.name;
  if (fresh) window.name = "ab" + Math.random().toString(36).slice(2); // a tab keeps its name from page to page

  function tell() {
    clearTimeout(timer);
    timer = 0;
    if (!fresh && !hands.length && !Object.keys(counts).length) return;
    navigator.sendBeacon("/thong-ke", JSON.stringify({ tab: window.top === window ? window.name : "", counts: counts, hands: hands }));
    counts = {}; hands = []; fresh = false;
  }
  function add(name, number) {
    counts[name] = (counts[name] || 0) + number;
    timer = timer || setTimeout(tell, PATIENCE_MS);
  }
  function use(which) {
    if (which !== hand) hands.push([performance.timeOrigin + performance.now(), which]);
    hand = which;
  }
  function on(name, listener) {
    addEventListener(name, listener, { capture: true, passive: true });
  }

  on("pointerdown", function (event) { if (event.isPrimary) down = event; });
  on("pointercancel", function () { down = null; });
  on("pointerup", function (event) {
    if (!event.isTrusted || !event.isPrimary || event.button !== 0 || !down) return;
    var far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > FAR_PX;
    down = null;
    add(far ? "drags" : "clicks", 1);
    use("mouse");
    tell(); // this may have been the last thing done here
  });
  on("dragstart", function (event) { if (event.isTrusted) { down = null; add("drags", 1); use("mouse"); } });
  on("dblclick", function (event) { if (event.isTrusted) add("clicks", -1); });

  on("keydown", function (event) {
    if (!event.isTrusted || NO_KEY.test(event.key)) return;
    keyed = true;
    add("keystrokes", 1);
    use("keys");
    if (event.key === "Enter") tell();
  });
  on("keyup", function () { keyed = false; });
  on("focusin", function () { written = null; });
  on("input", function (event) {
    var control = event.target;
    if (!event.isTrusted || PICKED.test(control.type) || control.type === "file") return;
    if (written !== control) add("fields", 1);
    written = control;
    if (!keyed) add("keystrokes", Array.from((event.data || "").normalize("NFC")).length); // pasted or put in as a whole
    use("keys");
  });
  on("change", function (event) { // whoever set it: pickers and file dialogs are no part of the page
    var control = event.target;
    if (PICKED.test(control.type)) add("choices", 1);
    else if (control.type === "file") add("files", control.files.length);
    else return;
    use("mouse");
  });
  ["alert", "confirm", "prompt"].forEach(function (name) {
    var real = window[name];
    window[name] = function () { add("dialogs", 1); return real.apply(window, arguments); };
  });
  on("pagehide", tell);
  if (fresh) tell();
})();
