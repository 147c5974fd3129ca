import { extractImages, type getDocumentProxy, getResolvedPDFJS } from "unpdf";
import { encodePng } from "./encode-png.ts";

/** Longest side that a model is shown, in pixels: legible print, and few enough tokens. */
const LONGEST_SIDE = 1600;
/** What is smaller is an ornament. */
const SHORTEST_SIDE = 200;

/** So many pages tell whether a document without text is made of images. */
const PAGES_SEEN = 5;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Whether the first pages of a document show images. */
export async function hasImages(pdf: Pdf, signal: AbortSignal): Promise<boolean> {
  const { OPS } = await getResolvedPDFJS();
  const painting: readonly number[] = [
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
  ];
  for (let number = 1; number <= Math.min(pdf.numPages, PAGES_SEEN); number += 1) {
    signal.throwIfAborted();
    const page = await pdf.getPage(number);
    const { fnArray } = await page.getOperatorList();
    page.cleanup();
    if (fnArray.some((operation) => painting.includes(operation))) {
      return true;
    }
  }
  return false;
}

/** The largest image of a page as PNG, scaled down; null when it has none worth reading. */
export async function scannedImage(pdf: Pdf, page: number): Promise<Uint8Array | null> {
  const images = await extractImages(pdf, page).catch(() => []);
  const largest = images
    .filter(({ width, height }) => Math.min(width, height) >= SHORTEST_SIDE)
    .toSorted((one, other) => other.width * other.height - one.width * one.height)[0];
  return largest ? await encodePng(scaledDown(largest)) : null;
}

interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  channels: 1 | 3 | 4;
}

/** Each new pixel is the mean of those that it covers. */
function scaledDown({ data, width, height, channels }: Pixels): Pixels {
  const factor = Math.ceil(Math.max(width, height) / LONGEST_SIDE);
  if (factor <= 1) {
    return { data, width, height, channels };
  }
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const small = new Uint8Array(size.width * size.height * channels);
  for (let y = 0, at = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1, at += 1) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy += 1) {
          const row = ((y * factor + dy) * width + x * factor) * channels + channel;
          for (let dx = 0; dx < factor; dx += 1) {
            sum += data[row + dx * channels] ?? 0;
          }
        }
        small[at] = sum / (factor * factor);
      }
    }
  }
  return { data: small, channels, ...size };
}
