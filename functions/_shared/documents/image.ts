import { describedBlocks } from "./described-blocks.ts";
import { DocumentError, type OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { imageType } from "./signatures.ts";

/** What a model takes at most, at every provider. */
const MOST_BYTES = 5 * 1024 * 1024;

/** Opens an image by having a model put its text into words. */
export const openImage: OpenFormat = async (bytes, { describeImage, signal }) => {
  const type = imageType(bytes);
  if (!type) {
    throw new TypeError("It has no signature of an image"); // which identifying it has seen
  }
  if (!describeImage) {
    throw new DocumentError(
      "image_model_missing",
      "The file is an image, and no model that reads images is set up here. Upload its text instead.",
    );
  }
  if (bytes.length > MOST_BYTES) {
    throw new DocumentError(
      "document_too_large",
      "The image is too large to be read: images are read up to 5 MB. Save it smaller and upload that.",
    );
  }
  return documentOfBlocks("image", null, describedBlocks(await describeImage(bytes, type, signal)));
};
