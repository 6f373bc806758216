// Shows that a form is being worked on. The server takes the form once, however often it is sent.
const busy = new Map();
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const words = button?.dataset.busy || event.target.dataset.busy;
  if (!words || !button) return;
  busy.set(button, button.innerHTML);
  button.setAttribute("aria-busy", "true");
  button.textContent = words;
});
// Back from the next page: the form is as it was.
addEventListener("pageshow", () => {
  for (const [button, words] of busy) {
    button.removeAttribute("aria-busy");
    button.innerHTML = words;
  }
  busy.clear();
});
