/* What the page does beyond being read: filter, deep links, keys, copying and colours. Without it all is readable. */
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = document.querySelector(".filters");
  const clauses = all(".clause");
  const texts = new Map(clauses.map((clause) => [clause, clause.textContent.toLowerCase()]));
  const fields = ["outcome", "level", "theme", "text"];
  root.classList.add("js");

  /* Announces a text to screen readers. */
  const announcer = document.querySelector(".announcer");
  const announce = (text) => { announcer.textContent = text; };

  /* ---- Filter: the form says what is shown, and the address remembers it. */
  const wanted = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value.trim()]));

  const fits = (clause, want) =>
    (!want.outcome || clause.dataset.outcome === want.outcome) &&
    (!want.level || clause.dataset.level === want.level) &&
    (!want.theme || clause.dataset.themeName === want.theme) &&
    want.text.toLowerCase().split(/\s+/).every((word) => texts.get(clause).includes(word));

  const apply = () => {
    const want = wanted();
    let shown = 0;
    for (const clause of clauses) {
      clause.hidden = !fits(clause, want);
      shown += clause.hidden ? 0 : 1;
    }
    for (const group of all(".theme-group")) group.hidden = !group.querySelector(".clause:not([hidden])");
    document.querySelector(".none").hidden = shown > 0;
    const whole = `${clauses.length} clause${clauses.length === 1 ? "" : "s"}`;
    form.querySelector(".shown").textContent = shown === clauses.length ? whole : `${shown} of ${whole}`;
  };

  const remember = () => {
    const state = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  };

  const clear = () => {
    form.reset();
    apply();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  for (const button of all(".fold")) {
    button.addEventListener("click", () => {
      for (const clause of clauses) if (!clause.hidden) clause.open = Boolean(button.dataset.open);
    });
  }

  /* ---- Deep links: what is linked to is unfolded, and shown whatever the filter hides. */
  const reveal = (target) => {
    const clause = target.closest(".clause");
    if (clause && clause.hidden) { clear(); announce("The filter was cleared."); }
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    target.scrollIntoView();
    const focused = target.querySelector("summary") || target;
    focused.focus({ preventScroll: true });
  };

  const follow = () => {
    const hash = location.hash.slice(1);
    const target = hash && document.getElementById(hash);
    if (target) reveal(target);
    else if (hash.includes("=")) {
      const state = new URLSearchParams(hash);
      for (const name of fields) form.elements[name].value = state.get(name) || "";
      for (const each of all("select", form)) if (each.selectedIndex < 0) each.selectedIndex = 0;
      apply();
    }
  };
  addEventListener("hashchange", follow);
  addEventListener("load", () => setTimeout(follow)); // the browser takes the focus away when it has loaded

  /* A second click on the same link changes no address. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) follow();
  });

  /* ---- Keys. */
  const step = (by) => {
    const shown = clauses.filter((clause) => !clause.hidden);
    const at = shown.findIndex((clause) => clause.contains(document.activeElement));
    const next = shown[at < 0 && by < 0 ? shown.length - 1 : at + by];
    if (next) {
      next.querySelector("summary").focus();
      next.scrollIntoView({ block: "nearest" });
    }
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && (typing || fields.some((name) => wanted()[name]))) { clear(); remember(); }
    else if (typing) return;
    else if (event.key === "/") { form.elements.text.focus(); event.preventDefault(); }
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  /* ---- Copying. Pages from disk or over plain HTTP may not use the clipboard; then the text is selected. */
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return "Copied";
    } catch {
      select(element);
      return document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
    }
  };

  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      button.textContent = await copy(button.closest(".code").querySelector("code"));
      announce(button.textContent);
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  /* ---- Colours: those of the system, until the button chooses others. */
  const toggle = document.querySelector(".theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const paint = () => toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    paint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  paint();
  apply();
  follow();
})();
