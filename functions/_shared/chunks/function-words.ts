/**
 * Words that hold sentences together, and that hardly any other of these languages has. They tell a
 * language where names and foreign words would mislead.
 */
const lists: Record<string, string> = {
  de: "und der die das ist nicht mit für auf den dem ein eine wird werden sich von zu auch",
  en: "the and of to is are with that this for be by was have which it from not you",
  es: "el los las es que con por una para del se su al como más pero sus",
  fi: "ja on ei että oli se hän kun mutta ovat myös sekä joka tai niin",
  fr: "le les et est des une dans que qui pour par du pas sur avec au ce sont",
  hu: "és az nem hogy egy van volt meg csak már vagy mint ez kell",
  it: "il di che è gli della per con una del sono non nel alla dei più anche",
  nl: "het een van niet dat voor zijn worden wordt ook naar bij deze uit maar heeft",
  no: "og det er ikke av på en til som med har vi ble også eller men",
  pl: "i nie się na jest do że przez oraz dla ich był po ale lub jego",
  pt: "não uma do da em para com que dos das ao pelo são mais os seu",
  ro: "și este pentru cu care din mai sunt sau fi fost prin la în",
  sv: "och att det är inte som på för av till med den har ett eller jag",
  tr: "ve bir bu için ile çok olarak olan gibi daha ise değil",
};

const languages = Object.entries(lists).map(
  ([language, words]) => [language, new Set(words.split(" "))] as const,
);

/** Fewer of them tell nothing. */
const LEAST = 3;

/** How many more the first language must have than the next. */
const LEAD = 1.5;

/** The language whose function words a text has by far the most of; null when none has. */
export function byFunctionWords(words: readonly string[]): string | null {
  const counts = languages
    .map(([language, list]) => ({
      language,
      count: words.filter((word) => list.has(word)).length,
    }))
    .sort((a, b) => b.count - a.count);
  const [first, second] = counts;
  const isClear = first && second && first.count >= LEAST && first.count >= LEAD * second.count;
  return isClear ? first.language : null;
}
