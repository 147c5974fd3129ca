import { encodePng } from "./encode-png.ts";
import type { Pdf } from "./pdf-pages.ts";
import { ONE_BIT, type PaintedImage, paintedOn, unpacked } from "./pdf-painting.ts";

/** The longest side that a model is shown, in pixels, about: legible print, and few enough tokens. */
const LONGEST_SIDE = 1600;
/** What is smaller is an ornament. */
const SHORTEST_SIDE = 200;

/** The largest image of a page as PNG, scaled down; null when it has none worth reading. */
export async function scannedImage(pdf: Pdf, number: number): Promise<Uint8Array | null> {
  let largest: PaintedImage | null = null;
  for (const painted of (await paintedOn(pdf, number)).images) {
    const image = await unpacked(pdf, number, painted);
    if (image && area(image) > (largest ? area(largest) : 0)) {
      largest = image;
    }
  }
  (await pdf.getPage(number)).cleanup(); // its images are large
  return largest && Math.min(largest.width, largest.height) >= SHORTEST_SIDE
    ? await encodePng(scaledDown(largest))
    : null;
}

/** Each new pixel is the mean of those that it covers. */
function scaledDown({ data, width, height, kind }: PaintedImage) {
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

function area({ width, height }: PaintedImage): number {
  return width * height;
}
