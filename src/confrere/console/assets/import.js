// Puts a chosen file's text into the text field of the form, where it can be read before it is sent.
for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  input.closest("label").hidden = false;
  input.addEventListener("change", async () => {
    if (input.files.length) input.form.elements[input.dataset.into].value = await input.files[0].text();
  });
}
