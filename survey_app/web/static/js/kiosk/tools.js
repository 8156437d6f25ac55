// Text size and contrast, until the sheet is closed. Nothing is remembered, in no cookie either.

const USUAL = { size: "normal", contrast: "normal" };

function show(name, value) {
  document.documentElement.dataset[name] = value;
  for (const button of document.querySelectorAll(`[data-tool=${name}]`)) {
    const isOn = name === "size" ? button.value === value : value === "high";
    button.setAttribute("aria-pressed", String(isOn));
  }
}

export function useTool(button) {
  const { tool } = button.dataset;
  if (tool === "size") show("size", button.value);
  else if (tool === "contrast") show(tool, button.ariaPressed === "true" ? "normal" : "high");
}

/** Bring the buttons of a fresh piece of page in line with what is set. */
export function reflectTools() {
  for (const name of Object.keys(USUAL)) show(name, document.documentElement.dataset[name]);
}

export function resetTools() {
  for (const [name, value] of Object.entries(USUAL)) show(name, value);
}
