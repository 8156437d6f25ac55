// Text size and contrast change at once; a cookie keeps them until the browser is closed.

const OTHER = { normal: "high", high: "normal" };

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax${secure}`;
}

function show(name, value) {
  document.documentElement.dataset[name] = value;
  remember(name, value);
}

function setSize(button, value) {
  show("size", value);
  for (const other of button.parentElement.children) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function setContrast(button, value) {
  show("contrast", value);
  button.setAttribute("aria-pressed", String(value === "high"));
  button.value = `contrast:${OTHER[value]}`;
}

const SETTERS = { size: setSize, contrast: setContrast };

export function wireSwitch(root) {
  for (const button of root.querySelectorAll("[data-switch] button")) {
    const [name] = button.value.split(":");
    if (!SETTERS[name]) continue;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      SETTERS[name](button, button.value.split(":")[1]);
    });
  }
}

if (!document.getElementById("phieu")) wireSwitch(document);
