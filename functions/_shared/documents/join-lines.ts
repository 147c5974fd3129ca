/**
 * Lines of one paragraph as running text. A word that was divided at the end of a line is joined;
 * what keeps its hyphen is told by the letter after it (Anglo-Saxon, 2019-2020), the word before
 * it (self-evident) or the text around, when `words` has the word with its hyphen and not without.
 */
export function joinLines(lines: readonly string[], words?: ReadonlySet<string>): string {
  let text = "";
  for (const line of lines.map((each) => each.trim()).filter((each) => each !== "")) {
    if (text === "") {
      text = line;
    } else if (text.endsWith("\u00ad")) {
      text = text.slice(0, -1) + line;
    } else if (/[\p{L}\p{N}][-\u2010]$/u.test(text) && /^[\p{L}\p{N}]/u.test(line)) {
      text = isDivided(text, line, words) ? text.slice(0, -1) + line : text + line;
    } else {
      text += isUnspaced(text, line) ? line : ` ${line}`;
    }
  }
  return text;
}

function isDivided(before: string, after: string, words?: ReadonlySet<string>): boolean {
  const left = /([\p{L}]+)[-\u2010]$/u.exec(before)?.[1];
  const right = /^\p{Ll}\p{L}*/u.exec(after)?.[0];
  if (!left || !right) {
    return false;
  }
  if (/^(self|well|half|all|vice|cross)$/i.test(left)) {
    return false;
  }
  const whole = (left + right).toLowerCase();
  return !words?.has(`${left}-${right}`.toLowerCase()) || words.has(whole);
}

/** Chinese and Japanese have no blanks between words, so a line's end is none either. */
function isUnspaced(before: string, after: string): boolean {
  const script =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
  return script.test(before.at(-1) ?? "") && script.test(after[0] ?? "");
}
