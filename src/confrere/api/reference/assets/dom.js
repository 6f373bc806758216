// Elements, tabs and copying: the few things that every part of the page is made of.

/** An element with properties, attributes (names with a dash, or role) and children; null children are left out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role" || name === "for" || name === "list") node.setAttribute(name, value);
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node[name] = value;
  }
  return fill(node, ...children);
}

/** Put children in place of what a node holds; null, undefined and false are left out, not written as words. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let serial = 0;

/** An id that no other element has. */
export function newId(stem) {
  serial += 1;
  return `${stem}-${serial}`;
}

/**
 * Tabs with their panels. `items`: [{key, label, panel}]. Arrow keys move between tabs.
 * Returns {list, panels, choose}; `onChoose` is told of a choice made by a person.
 */
export function tabs(label, items, { chosen, onChoose } = {}) {
  const made = items.map((item) => {
    const id = newId("tab");
    const panel = el("div", { id: `${id}-panel`, role: "tabpanel", "aria-labelledby": id }, item.panel);
    const tab = el(
      "button",
      { id, type: "button", role: "tab", class: "tab", "aria-controls": panel.id, onclick: () => pick(item.key) },
      item.label,
    );
    tab.dataset.key = item.key;
    return { key: item.key, tab, panel };
  });
  const list = el("div", { role: "tablist", "aria-label": label, class: "tabs", onkeydown: move }, ...made.map((m) => m.tab));

  function choose(key) {
    const known = made.some((m) => m.key === key) ? key : made[0].key;
    for (const m of made) {
      const on = m.key === known;
      m.tab.setAttribute("aria-selected", String(on));
      m.tab.tabIndex = on ? 0 : -1;
      m.panel.hidden = !on;
    }
  }

  function pick(key) {
    choose(key);
    onChoose?.(key);
  }

  function move(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    const at = made.findIndex((m) => m.tab === document.activeElement);
    if (!(event.key in steps) || at < 0) return;
    event.preventDefault();
    const next = made[(at + steps[event.key] + made.length) % made.length];
    pick(next.key);
    next.tab.focus();
  }

  choose(chosen ?? made[0].key);
  return { list, panels: made.map((m) => m.panel), choose };
}

/** A button that copies what `text()` gives at that moment. */
export function copyButton(text, what) {
  const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${what}`, onclick: copy }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed"; // a browser gives the clipboard to https and localhost only
    }
    setTimeout(() => (button.textContent = "Copy"), 1600);
  }
  return button;
}

/** What this browser remembers for the page; it may be told not to remember anything. */
export const memory = {
  get(name, store = localStorage) {
    try {
      return store.getItem(`confrere.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value, store = localStorage) {
    try {
      store.setItem(`confrere.${name}`, value);
    } catch {
      // Private windows may refuse; the page works without.
    }
  },
};
