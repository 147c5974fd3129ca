import { getResolvedPDFJS } from "unpdf";
import type { Pdf } from "./pdf-pages.ts";

/** How PDF.js calls pixels of one bit. */
export const ONE_BIT = 1;

/** An image as PDF.js unpacks it; each line of single bits begins with a byte of its own. */
export interface PaintedImage {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  kind?: number;
}

/** What a page's operators paint: images, or the keys by which they are found, and letters. */
export async function paintedOn(
  pdf: Pdf,
  number: number,
): Promise<{ images: (PaintedImage | string)[]; isLettered: boolean }> {
  const { OPS } = await getResolvedPDFJS();
  const painting: readonly number[] = [
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
  ];
  const page = await pdf.getPage(number);
  const { fnArray, argsArray } = await page.getOperatorList();
  const images = fnArray.flatMap((operation, place) => {
    const image = argsArray[place]?.[0];
    if (!painting.includes(operation) || !image) {
      return [];
    }
    return [typeof image.data === "string" ? image.data : image];
  });
  return { images, isLettered: fnArray.includes(OPS.showText) };
}

/** A painted image's pixels; null when PDF.js could not unpack them. */
export async function unpacked(
  pdf: Pdf,
  number: number,
  painted: PaintedImage | string,
): Promise<PaintedImage | null> {
  if (typeof painted !== "string") {
    return painted.data ? { ...painted, kind: painted.kind ?? ONE_BIT } : null;
  }
  const page = await pdf.getPage(number);
  const objects = painted.startsWith("g_") ? page.commonObjs : page.objs;
  const image = await new Promise<PaintedImage | null>((resolve) => objects.get(painted, resolve));
  return image?.data ? image : null;
}
