/** A template such as `Bearer {api_key}` with the texts of a credential in it. */
export function fillTemplate(
  template: string,
  credential: Record<string, unknown>,
  encode: (text: string) => string = (text) => text,
): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encode(String(credential[name] ?? "")),
  );
}
