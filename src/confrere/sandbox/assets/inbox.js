// Keeps the inbox up to date: asks for the page again and puts what changed in place. Sends what the member answers.

const EVERY_MS = 1000;

const drafts = (root) => [...root.querySelectorAll("form.reply")].map((form) => [form.dataset.conversation, form]);

// What is being typed stays where it is, with its cursor.
function replace(shown, fresh) {
  const kept = new Map(drafts(shown));
  const active = document.activeElement;
  const selection = active?.matches("textarea") ? [active.selectionStart, active.selectionEnd] : null;
  for (const [conversation, form] of drafts(fresh)) {
    if (kept.has(conversation)) form.replaceWith(kept.get(conversation));
  }
  shown.replaceChildren(...fresh.childNodes);
  if (shown.contains(active) && active !== document.activeElement) active.focus();
  if (selection && shown.contains(active)) active.setSelectionRange(...selection);
}

const post = (path, body) =>
  fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const { member, account, conversation } = form.dataset;
  if (form.matches(".request")) {
    await post("/_control/world", { action: "answer_request", member, account, state: event.submitter.value });
    return;
  }
  const { text, kind } = Object.fromEntries(new FormData(form));
  if (!text && kind === "text") return;
  const response = await post("/_control/replies", { conversationUrn: conversation, text, kind });
  if (response.ok) form.reset();
}

async function refresh() {
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
    const shown = document.querySelector("main");
    if (response.ok && fresh && fresh.innerHTML !== shown.innerHTML) replace(shown, fresh);
  } catch {
    // The sandbox was stopped; it is asked again, for it may come back on the same port.
  }
  setTimeout(refresh, document.hidden ? 5 * EVERY_MS : EVERY_MS);
}

document.addEventListener("submit", submit);
setTimeout(refresh, EVERY_MS);
