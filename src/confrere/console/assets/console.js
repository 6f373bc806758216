// Shows that the server does not answer while polls fail, and hides it when they succeed again.
const offline = () => document.getElementById("offline");
for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(event, () => { offline().hidden = false; });
}
document.addEventListener("htmx:afterOnLoad", () => { offline().hidden = true; });

// Shows in its button that a form is being worked on. The server takes a form once, however often it is sent.
const busy = new Map();
document.addEventListener("submit", event => {
  const button = event.submitter;
  const words = button?.dataset.busy || event.target.dataset.busy;
  if (!words || !button || busy.has(button)) return;
  busy.set(button, button.innerHTML);
  button.setAttribute("aria-busy", "true");
  button.textContent = words;
});
// An answer that leaves the form in place, or the way back from the next page: the form is as it was.
const restore = within => {
  for (const [button, words] of busy) {
    if (!within.contains(button)) continue;
    button.removeAttribute("aria-busy");
    button.innerHTML = words;
    busy.delete(button);
  }
};
window.addEventListener("pageshow", () => restore(document));
document.addEventListener("htmx:afterRequest", event => restore(event.target));
