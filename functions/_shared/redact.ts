const knownShapes = [
  /\bsb_secret_[\w-]+/g,
  /\bsk-[\w*-]{6,}/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /\b(Bearer\s+)[\w.~+/=-]{8,}/gi,
];

/** Takes secrets out of a text: those given, and whatever looks like a key or a token. */
export function redact(text: string, secrets: readonly (string | null | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret && secret.length >= 4) {
      clean = clean.replaceAll(secret, "[redacted]");
    }
  }
  for (const shape of knownShapes) {
    clean = clean.replace(shape, "[redacted]");
  }
  return clean;
}
