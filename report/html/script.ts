/**
 * The report's only script. Without it all can be read; with it the list can be filtered and sorted, expressions copied, and all is
 * unfolded for print. It writes text, never markup, and keeps nothing.
 */
export const script: string = `
"use strict";
(() => {
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  for (const box of all(".expr")) {
    const source = find(".whole pre", box.parentNode) || find("h3", box);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the expression");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        const range = document.createRange();
        range.selectNodeContents(source);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "Selected";
        return;
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(button);
  }
  addEventListener("beforeprint", () => {
    for (const details of all("details:not([open])")) { details.open = true; details.dataset.folded = ""; }
  });
  addEventListener("afterprint", () => {
    for (const details of all("details[data-folded]")) { details.open = false; delete details.dataset.folded; }
  });
  const table = find("#list");
  const form = find("form.find");
  if (!table || !form) return;
  const body = find("tbody", table);
  const rows = all("tr", body).map((row) => {
    const id = row.dataset.id;
    const article = document.getElementById(id);
    const link = all("nav ol li").find((item) => item.dataset.id === id);
    const text = (row.textContent + " " + (find("h3", article) || row).textContent).toLowerCase();
    return { row, article, link, text, id };
  });
  const [text, kpi, state] = ["text", "kpi", "state"].map((name) => form.elements.namedItem(name));
  const filter = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const each of rows) {
      const fits = words.every((word) => each.text.includes(word)) &&
        (kpi.value === "" || each.row.dataset.kpi === kpi.value) &&
        (!state || state.value === "" || each.row.dataset.state === state.value);
      if (fits) shown++;
      for (const part of [each.row, each.article, each.link]) if (part) part.hidden = !fits;
    }
    find("output", form).textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
  };
  const sort = (key, descending) => {
    const value = ({ row }) => row.dataset[key] === "" ? Infinity : Number(row.dataset[key]);
    rows.sort((a, b) => (descending ? value(b) - value(a) : value(a) - value(b)) || Number(a.row.dataset.rank) - Number(b.row.dataset.rank));
    for (const { row, article, link } of rows) {
      for (const part of [row, article, link]) if (part) part.parentNode.append(part);
    }
  };
  for (const head of all("th[data-key]", table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const key = head.dataset.key;
      const was = head.getAttribute("aria-sort");
      const descending = was === null ? key !== "rank" : was === "ascending";
      for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(key, descending);
    });
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const show = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = rows.find((each) => each.id === id);
    if (!target || !target.article || !target.article.hidden) return;
    form.reset();
    filter();
    target.article.scrollIntoView();
  };
  addEventListener("hashchange", show);
  form.hidden = false;
  filter();
})();
`.trim();
