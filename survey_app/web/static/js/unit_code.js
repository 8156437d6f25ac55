// Fields for codes of units: a search by name (marks do not matter) that fills in the code. Without
// this script the code is typed, as it may be with it.

const PAUSE = 200; // milliseconds without a key until the server is asked
let number = 0;

function element(name, attributes, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function offer(field) {
  number += 1;
  const id = `unit-search-${number}`;
  const box = element("div", { class: "unit-search" });
  const label = element("label", { class: "label", for: id }, "Tìm đơn vị theo tên (không cần dấu) để ghi mã");
  const search = element("input", {
    class: "input", id, type: "search", role: "combobox", autocomplete: "off", maxlength: "100",
    "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
  });
  const list = element("ul", { class: "unit-search-list", id: `${id}-list`, role: "listbox", "aria-label": "Đơn vị tìm thấy" });
  const told = element("p", { class: "hint", role: "status" });
  list.hidden = true;
  box.append(label, search, list, told);
  field.after(box);

  let waiting = 0;
  let asked = 0;

  function close() {
    list.hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  function mark(item) {
    for (const other of list.children) other.setAttribute("aria-selected", String(other === item));
    search.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function choose(item) {
    const { code, name } = item.dataset;
    const codes = field.value.split(/[\s,;]+/).filter(Boolean);
    if (!("unitMany" in field.dataset)) field.value = code;
    else if (!codes.includes(code)) field.value = [...codes, code].join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    told.textContent = `Đã ghi mã ${code}: ${name}.`;
    search.value = "";
    close();
  }

  function show(found) {
    list.replaceChildren(...found.units.map((unit, place) => {
      const item = element("li", { id: `${id}-${place}`, role: "option", "aria-selected": "false" });
      item.dataset.code = unit.code;
      item.dataset.name = unit.name;
      item.append(element("span", { class: "strong" }, unit.name),
        element("span", { class: "soft" }, [unit.above, unit.code].filter(Boolean).join(" · ")));
      return item;
    }));
    list.hidden = found.units.length === 0;
    search.setAttribute("aria-expanded", String(!list.hidden));
    search.removeAttribute("aria-activedescendant");
    told.textContent = found.told;
  }

  async function ask() {
    asked += 1;
    const mine = asked;
    const wanted = search.value.trim();
    if (!wanted) {
      told.textContent = "";
      close();
      return;
    }
    let found = { units: [], told: "Chưa tìm được; hãy thử lại hoặc ghi mã vào ô trên." };
    try {
      const answer = await fetch(`${field.dataset.unitCode}?q=${encodeURIComponent(wanted)}`);
      if (answer.ok && !answer.redirected) found = await answer.json();
    } catch { /* told in the words above */ }
    if (mine === asked) show(found);
  }

  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  search.addEventListener("keydown", (event) => {
    const items = [...list.children];
    const place = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "Enter") {
      event.preventDefault(); // the form is not sent from here
      if (!list.hidden) choose(items[Math.max(place, 0)]);
    } else if (event.key === "Escape") close();
    else if (!list.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(items[place < 0 && step < 0 ? items.length - 1 : (place + step + items.length) % items.length]);
    }
  });
  search.addEventListener("blur", close);
  // A press would take the focus from the search before the click is told.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose(item);
  });
}

for (const field of document.querySelectorAll("[data-unit-code]")) offer(field);
