"use strict";
// Client-side routing: the steps of a dossier are fetched and put in place; no document is loaded.
(function () {
  function inside(url) {
    return url.origin === location.origin && url.pathname.indexOf("/ho-so/") === 0;
  }

  function runScripts(root) {
    root.querySelectorAll("script").forEach(function (old) {
      var fresh = document.createElement("script");
      fresh.textContent = old.textContent;
      old.replaceWith(fresh);
    });
  }

  // When nothing comes back, the browser's own error page says more than this script could.
  function show(address, options, remember) {
    replace(address, options, remember).catch(function () { location.assign(address); });
  }

  async function replace(address, options, remember) {
    var response = await fetch(address, Object.assign({ credentials: "same-origin" }, options));
    var url = new URL(response.url);
    if (!inside(url)) { location.assign(response.url); return; }
    var page = new DOMParser().parseFromString(await response.text(), "text/html");
    var fresh = page.querySelector("main");
    if (!fresh) { location.assign(response.url); return; }
    document.querySelector("main").replaceWith(fresh);
    document.title = page.title;
    if (remember && url.href !== location.href) history.pushState({}, "", url.href);
    runScripts(fresh);
    fresh.focus();
    scrollTo(0, 0);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var url = new URL(form.getAttribute("action") || location.href, location.href);
    if (!inside(url) || form.method !== "post") return;
    event.preventDefault();
    var data = new FormData(form, event.submitter);
    var body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    show(url.href, { method: "POST", body: body }, true);
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("main a[href]");
    if (!link || !inside(new URL(link.href))) return;
    event.preventDefault();
    show(link.href, {}, true);
  });

  addEventListener("popstate", function () { show(location.href, {}, false); });
})();
