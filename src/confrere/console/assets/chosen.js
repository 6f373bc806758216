// Counts the people who are chosen, on this page of the list and on others.
const count = document.getElementById("count");
const show = () => {
  const number = document.querySelectorAll("input[name=person]:checked").length + Number(count.dataset.elsewhere);
  count.hidden = false;
  count.textContent = number === 1 ? "1 person chosen" : `${number.toLocaleString("en")} people chosen`;
};
document.addEventListener("change", (event) => { if (event.target.name === "person") show(); });
addEventListener("pageshow", show);
