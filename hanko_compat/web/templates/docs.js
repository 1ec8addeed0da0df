// Search: leaves of list and operations those that have each word in their method, path or summary.

const form = document.getElementById("search");
const field = document.getElementById("query");
const found = document.getElementById("found");
const operations = [...document.querySelectorAll("article")].map((article) => ({
  article,
  item: document.querySelector(`.list a[href="#${article.id}"]`).closest("li"),
  text: [".method", ".path", ".summary"]
    .map((part) => article.querySelector(part).textContent)
    .join(" ")
    .toLowerCase(),
}));
const groups = document.querySelectorAll(".list .group, .operations > section");

function search() {
  const words = field.value.toLowerCase().split(/\s+/);
  let fitting = 0;
  for (const { article, item, text } of operations) {
    const fits = words.every((word) => text.includes(word));
    article.hidden = item.hidden = !fits;
    fitting += fits;
  }
  for (const group of groups) group.hidden = !group.querySelector("li:not([hidden]), article:not([hidden])");
  found.textContent = told(fitting, field.value.trim());
}

function told(fitting, query) {
  if (query === "") return `${operations.length} operations`;
  if (fitting > 0) return `${fitting} of ${operations.length} operations`;
  return `No operation has “${query}” in its method, path or summary.`;
}

/** Show everything again, where the address names what the search has put out of sight. */
function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("article, section")?.hidden) return;
  field.value = "";
  search();
  target.scrollIntoView();
}

field.addEventListener("input", search);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  search();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  document.querySelector(".list li:not([hidden]) a")?.focus();
});
addEventListener("hashchange", follow);
form.hidden = false;
search(); // browsers bring the field back as it was
