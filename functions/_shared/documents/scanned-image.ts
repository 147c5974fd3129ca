import { type getDocumentProxy, getResolvedPDFJS } from "unpdf";
import { encodePng } from "./encode-png.ts";

/** The longest side that a model is shown, in pixels, about: legible print, and few enough tokens. */
const LONGEST_SIDE = 1600;
/** What is smaller is an ornament. */
const SHORTEST_SIDE = 200;
/** So many pages tell whether a document without text is made of images. */
const PAGES_SEEN = 5;
/** How PDF.js calls pixels of one bit. */
const ONE_BIT = 1;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** An image as PDF.js unpacks it; each line of single bits begins with a byte of its own. */
interface Image {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  kind?: number;
}

/** Whether the first pages of a document show images. */
export async function hasImages(pdf: Pdf, signal: AbortSignal): Promise<boolean> {
  for (let number = 1; number <= Math.min(pdf.numPages, PAGES_SEEN); number += 1) {
    signal.throwIfAborted();
    if ((await paintedImages(pdf, number)).length > 0) {
      return true;
    }
  }
  return false;
}

/** The largest image of a page as PNG, scaled down; null when it has none worth reading. */
export async function scannedImage(pdf: Pdf, number: number): Promise<Uint8Array | null> {
  let largest: Image | null = null;
  for (const painted of await paintedImages(pdf, number)) {
    const image = await unpacked(pdf, number, painted);
    if (image && area(image) > (largest ? area(largest) : 0)) {
      largest = image;
    }
  }
  return largest && Math.min(largest.width, largest.height) >= SHORTEST_SIDE
    ? await encodePng(scaledDown(largest))
    : null;
}

/** What the page's operators paint: images, or the keys by which they are found. */
async function paintedImages(pdf: Pdf, number: number): Promise<(Image | string)[]> {
  const { OPS } = await getResolvedPDFJS();
  const painting: readonly number[] = [
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
  ];
  const page = await pdf.getPage(number);
  const { fnArray, argsArray } = await page.getOperatorList();
  return fnArray.flatMap((operation, place) => {
    const image = argsArray[place]?.[0];
    if (!painting.includes(operation) || !image) {
      return [];
    }
    return [typeof image.data === "string" ? image.data : image];
  });
}

async function unpacked(pdf: Pdf, number: number, painted: Image | string): Promise<Image | null> {
  if (typeof painted !== "string") {
    return painted.data ? { ...painted, kind: painted.kind ?? ONE_BIT } : null;
  }
  const page = await pdf.getPage(number);
  const objects = painted.startsWith("g_") ? page.commonObjs : page.objs;
  const image = await new Promise<Image | null>((resolve) => objects.get(painted, resolve));
  return image?.data ? image : null;
}

/** Each new pixel is the mean of those that it covers. */
function scaledDown({ data, width, height, kind }: Image) {
  const factor = Math.max(Math.round(Math.max(width, height) / LONGEST_SIDE), 1);
  const isBits = kind === ONE_BIT && data.length < width * height;
  const channels = isBits ? 1 : (Math.round(data.length / (width * height)) as 1 | 3 | 4);
  const bytesPerLine = isBits ? Math.ceil(width / 8) : width * channels;
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const small = new Uint8Array(size.width * size.height * channels);
  for (let y = 0, at = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1, at += 1) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy += 1) {
          const line = (y * factor + dy) * bytesPerLine;
          for (let dx = 0; dx < factor; dx += 1) {
            const column = x * factor + dx;
            sum += isBits
              ? (((data[line + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1) * 255
              : (data[line + column * channels + channel] ?? 0);
          }
        }
        small[at] = sum / (factor * factor);
      }
    }
  }
  return { data: small, channels, ...size };
}

function area({ width, height }: Image): number {
  return width * height;
}
