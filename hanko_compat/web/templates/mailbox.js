// Shows new mails without loading the page again, which takes the focus from whoever is at the keyboard.

const pause = Number(document.getElementById("content").dataset.refresh) * 1000;
const trouble = document.getElementById("trouble");

function say(text) {
  if (trouble.textContent !== text) trouble.textContent = text;
}

async function look() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [shown, fresh] = [document, page].map((each) => each.getElementById("mails"));
    if (!shown.isEqualNode(fresh)) shown.replaceWith(fresh);
    document.title = page.title;
    say("");
  } catch {
    say("The server can't be reached. This page goes on trying.");
  }
}

if (pause > 0) setInterval(look, pause);
