// Chooses light or dark before the first paint: what the person chose, else what their system prefers.
"use strict";
(() => {
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked: the system's preference stands
    }
  }

  function apply(theme) {
    root.dataset.bsTheme = theme;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
  }

  function current() {
    return remembered() ?? (prefersDark.matches ? "dark" : "light");
  }

  root.classList.add("js");
  apply(current());
  prefersDark.addEventListener("change", () => apply(current()));
  document.addEventListener("DOMContentLoaded", () => apply(current()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) {
      return;
    }
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is blocked: the choice holds for this page.
    }
    apply(theme);
  });
})();
