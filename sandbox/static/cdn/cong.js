"use strict";
// The menu of small screens. Without this script the navigation simply stays open.
(function () {
  var menu = document.querySelector(".menu");
  var nav = document.getElementById("dieu-huong");
  if (!menu || !nav) return;
  document.body.classList.add("has-menu");
  menu.hidden = false;
  menu.addEventListener("click", function () {
    var open = nav.classList.toggle("open");
    menu.setAttribute("aria-expanded", String(open));
  });
})();
