// Loads the page again every minute, unless the reader has paused it, is reading a table, or is not looking.
"use strict";
(() => {
  const place = document.getElementById("refresh");
  const key = "refresh-paused";
  let paused = sessionStorage.getItem(key) === "yes";
  const text = document.createElement("span");
  const button = document.createElement("button");
  button.type = "button";
  const show = () => {
    text.textContent = (paused ? place.dataset.paused : place.dataset.state) + " ";
    button.textContent = paused ? place.dataset.resume : place.dataset.pause;
  };
  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem(key, paused ? "yes" : "no");
    show();
  });
  place.append(text, button);
  show();
  setInterval(() => {
    const reading = document.hidden || document.querySelector("details[open]") || String(getSelection());
    if (!paused && !reading) location.reload();
  }, 60000);
})();
