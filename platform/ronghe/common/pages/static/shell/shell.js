// Small comforts that pages work without.
"use strict";
(() => {
  // After a form came back with faults, keyboard and screen reader start at the summary.
  document.querySelector("[data-focus]")?.focus();

  // A menu made of <details> closes on Escape and on a click elsewhere, as menus do.
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.account-menu[open]")) {
      if (menu !== except) {
        menu.open = false;
      }
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.account-menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    const open = document.querySelector("details.account-menu[open]");
    closeMenus(null);
    open?.querySelector("summary").focus();
  });

  // What htmx could not load says so where it was to stand, and its link still works.
  document.addEventListener("htmx:responseError", (event) => {
    event.detail.target?.setAttribute("data-load-failed", "");
  });
})();
