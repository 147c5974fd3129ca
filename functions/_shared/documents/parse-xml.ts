import { Parser } from "htmlparser2";
import { tooDeep } from "./refusals.ts";

/** What happens in a part of an office document. Names come without their namespace's prefix. */
export interface XmlHandlers {
  /** Attributes keep their prefix. */
  open?: (name: string, attributes: Record<string, string>) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
}

/** Deeper than any office program nests. */
const MOST_LEVELS = 1000;
const SLICE_BYTES = 256 * 1024;

/**
 * Parses XML slice by slice; goes on when the next slice is asked for. Knows no entities but those
 * of XML, and reads no other file. Throws on a document type and on XML that ends too early.
 */
export function* xmlSlices(bytes: Uint8Array, handlers: XmlHandlers): Generator<void> {
  let levels = 0;
  let isEnded = false;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        levels += 1;
        if (levels > MOST_LEVELS) {
          throw tooDeep(MOST_LEVELS);
        }
        handlers.open?.(localName(name), attributes);
      },
      onclosetag(name) {
        if (isEnded) {
          throw new Error(`Element ${name} is left open`);
        }
        levels -= 1;
        handlers.close?.(localName(name));
      },
      ontext: handlers.text,
      onprocessinginstruction(name) {
        if (name.toLowerCase() === "!doctype") {
          throw new Error("Parts of office documents declare no document type");
        }
      },
    },
    { xmlMode: true },
  );
  const decoder = new TextDecoder(encodingOf(bytes), { fatal: true });
  for (let place = 0; place < bytes.length; place += SLICE_BYTES) {
    parser.write(decoder.decode(bytes.subarray(place, place + SLICE_BYTES), { stream: true }));
    yield;
  }
  isEnded = true;
  parser.end(decoder.decode());
}

/** Parses XML in one go. */
export function parseXml(bytes: Uint8Array, signal: AbortSignal, handlers: XmlHandlers): void {
  for (const _ of xmlSlices(bytes, handlers)) {
    signal.throwIfAborted();
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) {
    return "utf-16le";
  }
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
