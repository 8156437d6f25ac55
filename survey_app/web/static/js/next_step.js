/* Work in steps: the page of one step asks for the next. Without script a button does. */

document.querySelector("form[data-next-step]")?.requestSubmit();
