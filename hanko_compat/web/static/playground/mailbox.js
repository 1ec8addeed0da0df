// The mailbox of development: a page with every mail, the newest first.

import { byId } from "./dom.js";

const SECOND = 1000;

/** The code of the newest mail to *address* since *sentAt*: {code}, or {reason} where there is none. */
export async function newestCode({ address, sentAt }) {
  let mails;
  try {
    mails = await allMails();
  } catch {
    return { reason: "The mailbox can't be reached. Is the server running?" };
  }
  // Dates of mails have no fractions of a second (RFC 5322 s. 3.3).
  const earliest = Math.floor(Date.parse(sentAt) / SECOND) * SECOND;
  for (const mail of mails) {
    const to = mail.querySelector("p").textContent;
    if (!to.toLowerCase().includes(`to ${address.toLowerCase()},`)) continue;
    if (Date.parse(mail.querySelector("time").dateTime) < earliest) break;
    const code = /\b\d{6}\b/.exec(
      mail.querySelector("h2").textContent + mail.querySelector("pre").textContent,
    );
    if (code) return { code: code[0] };
  }
  return { reason: "The mail is not there yet: try again in a second." };
}

async function allMails() {
  const answer = await fetch(`${byId("mailbox-link").href}?still`, { cache: "no-store" });
  const page = await answer.text();
  const main = page.slice(page.indexOf("<main")); // without its style, which this page's policy refuses
  return new DOMParser().parseFromString(main, "text/html").querySelectorAll("main li");
}
