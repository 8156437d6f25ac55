// The tree of units: searching, ticking whole branches and counting without asking the server. What
// is hidden stays ticked and is sent. Without this script the same buttons send the form.

for (const tree of document.querySelectorAll("[data-unit-tree]")) {
  const search = tree.querySelector("input[type=search]");
  const rows = [...tree.querySelectorAll(".tree-row")];
  const items = [...tree.querySelectorAll("li")];
  const none = tree.querySelector("[data-tree-none]");

  // As the server folds names: no marks, no capitals, đ is d.
  function fold(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase()
      .replace(/\s+/g, " ").trim();
  }

  function boxes(root, selector = "input[type=checkbox]") {
    return [...root.querySelectorAll(selector)];
  }

  function count() {
    for (const branch of tree.querySelectorAll("details")) {
      const all = boxes(branch);
      const ticked = all.filter((box) => box.checked).length;
      branch.querySelector("[data-tree-count]").textContent = `đã chọn ${ticked}/${all.length}`;
    }
    const all = boxes(tree);
    const ticked = all.filter((box) => box.checked).length;
    tree.querySelector("[data-tree-total]").textContent =
      `Đã chọn ${ticked}/${all.length} đơn vị`;
  }

  function find() {
    const wanted = fold(search.value);
    for (const row of rows) row.hidden = !row.dataset.find.includes(wanted);
    for (const item of items) item.hidden = !item.querySelector(".tree-row:not([hidden])");
    if (wanted) for (const branch of tree.querySelectorAll("details")) branch.open = true;
    none.hidden = items.some((item) => !item.hidden);
  }

  // What the search hides is left as it is.
  function tick(root, isTicked) {
    const found = ".tree-row:not([hidden]) ";
    for (const box of boxes(root, `${found}input[type=checkbox]`)) box.checked = isTicked;
    if (!isTicked) for (const box of boxes(root, `${found}.input-number`)) box.value = "";
    count();
  }

  tree.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=show]");
    if (!button) return;
    event.preventDefault();
    const [verb] = button.value.split("-");
    if (verb === "find") find();
    else tick(verb === "all" || verb === "none" ? tree : button.closest("details"),
      verb === "all" || verb === "branch");
  });
  tree.addEventListener("change", count);
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
