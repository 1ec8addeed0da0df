// What a refused passcode means, and what to do now.

const TRIES = 3; // the last wrong one of them ends a passcode
const LEFT = ["", "One try is left.", "Two tries are left."];

/**
 * Read the answer to the code of *passcode*, {wrong}: how many wrong codes were tried before.
 *
 * Answers {text, wrong, isOver}; where it is over, another passcode is needed.
 */
export function refusal({ status, data, message }, { wrong = 0 }) {
  const over = (text) => ({ text: `${message} ${text}`, wrong, isOver: true });
  if (status === 408) return over("The time of this passcode is over.");
  if (status === 410) return over("That was the third wrong code, which ends a passcode.");
  if (status === 401 && data?.message === "passcode not found")
    return over("This passcode was used already, or is gone.");
  if (status !== 401) return { text: message, wrong, isOver: false };
  const left = LEFT[TRIES - wrong - 1] ?? "";
  return { text: `${message} The code is wrong. ${left}`.trim(), wrong: wrong + 1, isOver: false };
}
