"use strict";
(() => {
  const tables = [...document.querySelectorAll("table.sortable")];
  const input = document.getElementById("filter");

  function compare(a, b, down) {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, document.documentElement.lang) : x - y;
    return down ? -order : order;
  }

  function sort(table, head, column) {
    const before = head.getAttribute("aria-sort");
    const rising = head.classList.contains("text") || column === 0;
    const down = before ? before === "ascending" : !rising;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b), down)));
  }

  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.classList.contains("path")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  }

  if (!input) return;
  const told = document.querySelector("output[for=filter]");
  input.parentElement.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.find.includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    told.textContent = words.length ? told.dataset.text.replace("{shown}", shown).replace("{all}", rows.length) : "";
  });
})();
