/** How a number in a cell is meant. */
export type CellFormat =
  | "number"
  | "percent"
  | "boolean"
  | "date"
  | "time"
  | "datetime"
  | "duration";

/** Formats that every workbook has, where they are not plain numbers. */
const BUILT_IN: Readonly<Record<number, CellFormat>> = {
  9: "percent",
  10: "percent",
  18: "time",
  19: "time",
  20: "time",
  21: "time",
  22: "datetime",
  45: "duration",
  46: "duration",
  47: "duration",
};

/** What a number format makes of a number, by its id, or by its code where the workbook has one. */
export function formatOf(id: number, code: string | undefined): CellFormat {
  if (code === undefined) {
    const isDate = (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    return BUILT_IN[id] ?? (isDate ? "date" : "number");
  }
  if (/^"TRUE";"TRUE";"FALSE"$/i.test(code)) {
    return "boolean"; // as LibreOffice writes them
  }
  // Texts within the format, colours and conditions are not part of its pattern.
  const pattern =
    code
      .replace(/"[^"]*"|\\.|_.|\*./g, "")
      .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, "")
      .split(";")[0]
      ?.toLowerCase() ?? "";
  if (/\[[hms]+\]/.test(pattern)) {
    return "duration";
  }
  const isDate = /[dy]|m{3,}/.test(pattern) || /^[^hs]*m[^hs]*$/.test(pattern);
  if (/[hs]/.test(pattern) && !/general/.test(pattern)) {
    return isDate ? "datetime" : "time";
  }
  if (isDate && !/general|[#0]/.test(pattern)) {
    return "date";
  }
  return pattern.includes("%") ? "percent" : "number";
}

const DAY_MS = 86_400_000;
/** 1899-12-30, so that day 60 is the 29th of February 1900, which Excel believes in. */
const EPOCH_MS = Date.UTC(1899, 11, 30);
const DAYS_TO_1904 = 1462;
/** The last day of the year 9999. */
const LAST_DAY = 2_958_465;

/** A cell's number as people read it: dates as in ISO 8601, shares as percent. */
export function shownNumber(value: string, format: CellFormat, isFrom1904: boolean): string {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) {
    return value.trim();
  }
  if (format === "boolean") {
    return number === 0 ? "FALSE" : "TRUE";
  }
  if (format === "percent") {
    return `${rounded(number * 100)}%`;
  }
  const days = number + (isFrom1904 ? DAYS_TO_1904 : 0);
  if (format === "number" || days < 0 || days > LAST_DAY) {
    return rounded(number);
  }
  if (format === "duration") {
    return duration(number);
  }
  const iso = new Date(EPOCH_MS + Math.round(days * 86_400) * 1000).toISOString();
  const [date, time] = [iso.slice(0, 10), iso.slice(11, 19).replace(/:00$/, "")];
  if (format === "time") {
    return time;
  }
  return format === "date" || (days * DAY_MS) % DAY_MS === 0 ? date : `${date} ${time}`;
}

/** Without the error of binary fractions: fifteen digits are what Excel keeps. */
function rounded(number: number): string {
  return String(Number(number.toPrecision(15)));
}

function duration(days: number): string {
  const seconds = Math.round(days * 86_400);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
