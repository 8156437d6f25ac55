// "Sao chép": the text of a box goes to the clipboard. Without a clipboard (plain HTTP) the text is
// selected, so that Ctrl+C does it.

for (const button of document.querySelectorAll("button[data-copies]")) {
  const box = document.getElementById(button.dataset.copies);
  const told = document.getElementById(`${button.dataset.copies}-told`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      told.textContent = "Đã sao chép.";
    } catch {
      box.focus();
      told.textContent = "Nội dung đã được chọn; bấm Ctrl+C để sao chép.";
    }
  });
}
