// A filter over the operations of the side list.

import { el, newId } from "./dom.js";

/** A labelled field that leaves those operations in `nav` whose name, method or path has every word; `/` goes there. */
export function filterField(nav) {
  const id = newId("filter");
  const none = el("p", { class: "hint", role: "status" }, "");
  const input = el("input", {
    id,
    class: "input",
    type: "search",
    placeholder: "Filter (press /)",
    autocomplete: "off",
    spellcheck: false,
    oninput: apply,
    onkeydown: (event) => event.key === "Enter" && nav.querySelector("li:not([hidden]) a")?.click(),
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    input.focus();
  });

  function apply() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of nav.querySelectorAll(".nav-group")) {
      const items = [...group.querySelectorAll("li")];
      for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
      const left = items.filter((item) => !item.hidden).length;
      group.hidden = left === 0;
      count += left;
    }
    none.textContent = count ? "" : "No operation has this.";
  }
  return el("div", { class: "filter" }, el("label", { for: id, class: "unseen" }, "Filter operations"), input, none);
}
