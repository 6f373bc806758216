// Counts the people who are chosen, on this page of the list and on others, and keeps them in the entry of the browser's
// history: the way back to a page that a form led to would otherwise end at the browser's question whether to send it again.
const form = document.getElementById("members");
const count = document.getElementById("count");
const note = document.getElementById("elsewhere");
const boxes = [...form.querySelectorAll("input[name=person]")];
const words = (number) => (number === 1 ? "1 person" : `${number.toLocaleString("en")} people`);
const elsewhere = () => form.elements.elsewhere.value.split(" ").filter(Boolean);

const keep = () => {
  const chosen = [...elsewhere(), ...boxes.filter((box) => box.checked).map((box) => box.value)];
  if (count) {
    count.hidden = false;
    count.textContent = `${words(chosen.length)} chosen`;
  }
  history.replaceState({ chosen }, "", form.dataset.address);
};

const restore = (chosen) => {
  const here = new Set(boxes.map((box) => box.value));
  const others = chosen.filter((id) => !here.has(id));
  for (const box of boxes) box.checked = chosen.includes(box.value);
  if (others.join(" ") !== elsewhere().join(" ")) {
    form.elements.elsewhere.value = others.join(" ");
    note.hidden = !others.length;
    note.querySelector("span").textContent = `${words(others.length)} chosen on other pages of the list.`;
  }
};

if (history.state?.chosen) restore(history.state.chosen);
keep();
document.addEventListener("change", (event) => { if (boxes.includes(event.target)) keep(); });
