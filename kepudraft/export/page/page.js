"use strict";
// The page is whole without this: every figure is a link to its row of the table. Here a click shows the row, its facts and
// exemplars beside the draft instead. Nodes are only copied or made from text, never from markup.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const detail = byId("detail");
  const figures = all(".sheet .fig");
  const sentences = all(".sheet .s");
  const chips = all(".chip");
  const status = byId("status");
  let filter = "all";
  let current = null;
  document.documentElement.classList.add("js");

  const make = (name, className, text) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };
  const copies = (numbers, prefix) =>
    (numbers || "").split(" ").filter(Boolean).map((n) => byId(prefix + n)).filter(Boolean).map((card) => {
      const copy = card.cloneNode(true);
      copy.removeAttribute("id");
      return copy;
    });
  const section = (heading, nodes) => {
    if (nodes.length) detail.append(make("h3", "", heading), ...nodes);
  };
  const clear = () => {
    all(".on, .same").forEach((node) => node.classList.remove("on", "same"));
    detail.replaceChildren();
    detail.classList.remove("empty");
    const close = make("button", "close noprint", "关闭");
    close.type = "button";
    close.addEventListener("click", rest);
    detail.append(close);
  };
  const rest = () => {
    const was = current;
    clear();
    detail.replaceChildren(make("p", "why", "点一个数字，这里显示它的依据；点一句话，显示这句话是谁写的、写了哪几条事实。"));
    detail.classList.add("empty");
    current = null;
    if (was) was.focus({ preventScroll: true });
  };
  const showSentence = (sentence) => {
    if (!sentence) return;
    if (sentence.dataset.on) section("这句话", [make("p", "why", sentence.dataset.on)]);
    const lent = copies(sentence.dataset.e, "exemplar-");
    if (lent.length) section(byId("exemplars").dataset.role, lent);
  };
  const show = (figure, focus) => {
    clear();
    current = figure;
    const row = byId("row-" + figure.dataset.n);
    const wrong = row.classList.contains("wrong");
    const head = make("h2", "", row.cells[1].textContent);
    head.append(make("span", wrong ? "badge wrong" : "badge", row.cells[3].textContent));
    detail.append(head, make("p", "why", row.dataset.why));
    const formula = row.cells[5].textContent;
    if (formula && !row.dataset.why.includes(formula)) section("算法", [make("p", "why", formula)]);
    section(wrong ? "有关的事实" : "依据的事实", copies(row.dataset.f, "fact-"));
    const sentence = figure.closest(".s");
    showSentence(sentence);
    figure.classList.add("on");
    row.classList.add("on");
    if (sentence) sentence.classList.add("on");
    const facts = (row.dataset.f || "").split(" ").filter(Boolean);
    figures.forEach((other) => {
      if (other !== figure && facts.some((n) => (other.dataset.f || "").split(" ").includes(n))) other.classList.add("same");
    });
    detail.scrollTop = 0;
    byId("side").scrollTop = 0;
    if (focus) figure.focus({ preventScroll: true });
    reveal(figure);
  };
  const reveal = (node) => {
    const box = node.getBoundingClientRect();
    if (box.top < 120 || box.bottom > window.innerHeight * 0.52) node.scrollIntoView({ block: "center" });
  };
  const showFacts = (sentence) => {
    clear();
    current = null;
    sentence.classList.add("on");
    detail.append(make("h2", "", sentence.textContent));
    showSentence(sentence);
    section("写到的事实", copies(sentence.dataset.f, "fact-"));
    detail.scrollTop = 0;
    byId("side").scrollTop = 0;
  };
  const matches = (verdict, wrong) => filter === "all" || (filter === "wrong" ? wrong : verdict === filter);
  const apply = (chosen) => {
    filter = chosen;
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.v === filter)));
    let left = 0;
    figures.forEach((figure) => {
      const fits = matches(figure.dataset.v, figure.classList.contains("wrong"));
      figure.classList.toggle("off", !fits);
      figure.tabIndex = fits ? 0 : -1;
      left += fits;
    });
    all("#checklist tbody tr").forEach((row) => row.classList.toggle("hide", !matches(row.dataset.v, row.classList.contains("wrong"))));
    status.textContent = filter === "all" ? "" : `显示${left}个，共${figures.length}个`;
  };
  const step = (by) => {
    const shown = figures.filter((figure) => !figure.classList.contains("off"));
    if (!shown.length) return;
    const at = shown.indexOf(current);
    show(shown[(at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by + shown.length) % shown.length], true);
  };
  const stepSentence = (by) => {
    const at = sentences.findIndex((sentence) => sentence.classList.contains("on"));
    const next = sentences[(at < 0 ? (by > 0 ? 0 : sentences.length - 1) : at + by + sentences.length) % sentences.length];
    if (next) { showFacts(next); reveal(next); }
  };
  const toggleOrigins = () => {
    const on = document.body.classList.toggle("origins");
    byId("origins").setAttribute("aria-pressed", String(on));
  };

  figures.forEach((figure) => {
    const row = byId("row-" + figure.dataset.n);
    figure.title = `${row.cells[3].textContent}：${row.dataset.why}`;
  });
  document.addEventListener("click", (event) => {
    const figure = event.target.closest(".fig");
    if (figure && byId("row-" + figure.dataset.n)) {
      event.preventDefault();
      show(figure, true);
      return;
    }
    const use = event.target.closest("a[data-n]");
    if (use) {
      event.preventDefault();
      const there = byId("fig-" + use.dataset.n);
      if (there.classList.contains("off")) apply("all");
      show(there, true);
      return;
    }
    const sentence = event.target.closest(".sheet .s");
    if (sentence && String(window.getSelection()) === "") showFacts(sentence);
  });
  chips.forEach((chip) => chip.addEventListener("click", () => apply(chip.dataset.v)));
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("print").addEventListener("click", () => window.print());
  if (byId("origins")) byId("origins").addEventListener("click", toggleOrigins);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("button, summary") && event.key === " ") return;
    const keys = { ArrowRight: () => step(1), n: () => step(1), ArrowLeft: () => step(-1), p: () => step(-1), "]": () => stepSentence(1),
      "[": () => stepSentence(-1), Escape: rest, a: () => apply("all"), w: () => apply("wrong"), o: () => byId("origins") && toggleOrigins(),
      " ": () => event.target.closest(".fig") && show(event.target.closest(".fig"), true) };
    const act = keys[event.key];
    if (!act || (event.key === " " && !event.target.closest(".fig"))) return;
    event.preventDefault();
    act();
  });
  rest();
})();
